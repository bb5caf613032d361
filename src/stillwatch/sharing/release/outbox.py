"""The outbox: where releases go, and what an earlier one in the same place said.

A campaign that is shared again goes to the same file; its objects keep the time at which they were first made. To withdraw it,
every statement of the earlier release is said again as revoked.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from stillwatch.errors import NoReadableInput, OutputNotWritten
from stillwatch.sharing.signatures.signature import without_signature
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.objects import timestamp
from stillwatch.sharing.stix.received import read_bundle


def place(to: Path, name: str) -> Path:
    """The file to write: ``to`` itself if it is named like one, else ``name`` in that folder."""
    return to if to.suffix and not to.is_dir() else to / name


def prepare_folder(path: Path) -> None:
    """Make the folder of a file. Raises OutputNotWritten."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cure = "choose another place with --to"
        raise OutputNotWritten(f"the folder cannot be made ({error.strerror})", place=str(path.parent), cure=cure) from error


def earlier_created(path: Path, now: datetime) -> Mapping[str, datetime]:
    """When the objects of an earlier release in this file were first made, by id; nothing if there is none that can be read."""
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    return {one.id: made for one in read_bundle(data, now).accepted if (made := getattr(one.thing, "created", None))}


def revocations(path: Path, now: datetime) -> list[dict[str, Any]]:
    """The statements of an earlier release in this file as their last version, revoked, and the member's identity.

    Raises NoReadableInput if there is no such release.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        cure = "name with --to where it was written"
        raise NoReadableInput(f"nothing was shared here ({error.strerror})", place=str(path), cure=cure) from error
    own = [one.value for one in read_bundle(data, now).accepted if one.id not in constants()]
    said = [without_signature(thing) for thing in own if "modified" in thing]
    return [thing if thing["type"] == "identity" else thing | {"revoked": True, "modified": timestamp(now)} for thing in said]
