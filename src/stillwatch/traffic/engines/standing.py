"""How the files of a scan stand: the size and the time of the last change of each, so that a scan of moving files is refused.

A scan reads its requests more than once. If a file grew, shrank or went away in between, its parts do not belong together.

>>> check_same({"a": (10, 1)}, {"a": (10, 1)})
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from stillwatch.errors import EngineFailed

Standing: TypeAlias = Mapping[str, tuple[int, int]]
"""Per file its size in bytes and when it was last changed (a count of some unit, the same in both readings)."""


def standing(files: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """How the given files stand now; those that are gone are left out."""
    found = {}
    for path in files:
        try:
            status = path.stat()
        except OSError:
            continue
        found[str(path)] = status.st_size, status.st_mtime_ns
    return found


def check_same(before: Standing, after: Standing) -> None:
    """Raise EngineFailed, naming a file, unless both readings are the same."""
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        cure = "scan a copy or a finished period (a closed partition); no result was written"
        raise EngineFailed(f"changed while it was read{more}", place=changed[0], cure=cure)
