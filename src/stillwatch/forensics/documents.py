"""Documents on disk: JSON Lines read with the place of every fault, files written whole or not at all.

>>> read_lines(Path("no-such-file.jsonl"), dict, "pairs")
Traceback (most recent call last):
...
stillwatch.errors.NoReadableInput: no-such-file.jsonl: pairs cannot be read (No such file or directory)
  to mend it: name a file in JSON Lines
"""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from stillwatch.errors import NoReadableInput, OutputNotWritten

T = TypeVar("T")
_FORMAT = "see docs/forensics.md for the format"


def read_lines(path: Path, kind: type[T], name: str) -> list[T]:
    """Every line of a JSON Lines file as ``kind``, blank ones left out. Raises NoReadableInput with the line that is not one."""
    found: list[T] = []
    decoder = msgspec.json.Decoder(kind)
    for number, line in enumerate(_bytes(path, name, "name a file in JSON Lines").splitlines(), start=1):
        if line.strip():
            try:
                found.append(decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise NoReadableInput(str(error), place=f"{path}:{number}", cure=_FORMAT) from error
    if not found:
        raise NoReadableInput(f"the file holds no {name}", place=str(path), cure=_FORMAT)
    return found


def read_document(path: Path, kind: type[T], name: str) -> T:
    """A JSON or (by its ending) TOML file as ``kind``. Raises NoReadableInput if it is not one."""
    content = _bytes(path, name, f"name the file that holds the {name}")
    decode = msgspec.toml.decode if path.suffix == ".toml" else msgspec.json.decode
    try:
        return decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NoReadableInput(f"no {name}: {error}", place=str(path), cure=_FORMAT) from error


def write_lines(path: Path, values: Iterable[object]) -> None:
    """Write values as JSON Lines, for the owner's eyes only. Raises OutputNotWritten; what was there before then stays."""
    write_whole(path, msgspec.json.Encoder().encode_lines(list(values)))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, with mode 0600: it may hold texts that must not leave."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputNotWritten(
            f"cannot be written ({error.strerror or error})", place=str(path), cure="free some space or choose another folder"
        ) from error


def _bytes(path: Path, name: str, cure: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoReadableInput(f"{name} cannot be read ({error.strerror})", place=str(path), cure=cure) from error
