"""A file that appears whole or not at all: written beside its place, brought to the disk, then moved there.

>>> folder = getfixture("tmp_path")
>>> with whole_file(folder / "a.json", what="the ring") as file:
...     _ = file.write(b"{}")
>>> (folder / "a.json").read_bytes()
b'{}'
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stillwatch.errors import OutputNotWritten


@contextmanager
def whole_file(path: Path, *, what: str, mode: int = 0o644, replace: bool = True) -> Iterator[IO[bytes]]:
    """A file to write to; it takes its place when the block ends without an error, else nothing changes.

    ``mode`` holds from the first byte on. Raises OutputNotWritten if it cannot be written, or exists and ``replace`` is false.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            _place(draft, path, replace)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError as error:
        raise OutputNotWritten(f"{what} is never overwritten", place=str(path), cure="choose another name") from error
    except OSError as error:
        cure = "free some space or choose another folder"
        raise OutputNotWritten(f"{what} could not be written ({error.strerror})", place=str(path), cure=cure) from error


def _place(draft: Path, path: Path, replace: bool) -> None:
    if replace:
        os.replace(draft, path)
    else:
        os.link(draft, path)  # unlike a rename, a link never replaces what is there
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
