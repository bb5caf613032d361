"""The work of ``stillwatch hub import``: archives read from files, taken in batch by batch."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.hub.access.directory import Collection, Directory
from stillwatch.hub.access.member import Viewer
from stillwatch.hub.hub import Hub
from stillwatch.hub.receipt.archive import batches, read_archive
from stillwatch.hub.receipt.write import Request
from stillwatch.sharing.stix.entries import NotABundle


@dataclass
class Total:
    """What became of the archives; ``refused`` are ids with the reason."""

    objects: int = 0
    taken: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def import_files(hub: Hub, files: Iterable[Path], collection: str, contributor: str, now: int) -> Total:
    """Take in archives; ``collection`` by id or alias. Raises NoReadableInput for one that cannot be read; earlier ones are in."""
    total = Total()
    for file in files:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise NoReadableInput(f"it cannot be read ({error.strerror})", place=str(file), cure="name an archive") from error
        directory = hub.directory()
        place, viewer = _place(directory, collection), _viewer(directory, contributor)
        for body, dates in batches(read_archive(content, str(file))):
            _take(hub, Request(body, viewer, place, None, now, dates), total, file)
    return total


def _take(hub: Hub, request: Request, total: Total, file: Path) -> None:
    try:
        status = hub.addition.add(request, hub.directory())
    except NotABundle as error:
        raise NoReadableInput(str(error), place=str(file), cure="mend the object; what stood before it is taken") from error
    total.objects += status.total_count
    total.taken += status.success_count
    total.refused += [(detail.id, detail.message or "") for detail in status.failures or ()]


def _place(directory: Directory, name: str) -> Collection:
    found = [one for one in directory.collections if name in (one.id, one.alias)]
    if len(found) != 1:
        cure = "see `stillwatch hub collection list`, and name it by its id"
        raise UsageError("no collection, or more than one, answers to this name", place="--collection", cure=cure)
    return found[0]


def _viewer(directory: Directory, name: str) -> Viewer:
    for member in directory.members.values():
        if member.name == name:
            return Viewer(member, may_write=True, encrypted=True)
    raise UsageError(f"there is no member {name}", place="--as", cure="see `stillwatch hub member list`")
