"""Sources: which files a scan reads, and their lines, whatever way they are packed and however they are damaged.

Rules: a path is a file, a folder (all files below it but hidden ones) or a glob. A symlink is followed; a file that is
reached twice is read once; a loop of links ends. Lines of ``.gz`` and ``.zst`` files come out as they are decompressed; a
file that is cut off gives all its whole lines first, then ``Truncated``.

>>> [path.name for path in find(["logs/"])]
['a.jsonl', 'b.jsonl.gz']
"""

import glob
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import zstandard

from stillwatch.errors import NoReadableInput

LINE_LIMIT = 64 * 1024 * 1024
"""A line longer than this (bytes) is no request."""
_CHUNK = 1 << 20
_BOM = b"\xef\xbb\xbf"


class Truncated(Exception):
    """The file ends in the middle of its compressed data; ``str`` says how. Lines before it were whole."""


def find(paths: Sequence[str]) -> list[Path]:
    """The files that ``paths`` name, in a fixed order, each once.

    Raises NoReadableInput if a path names nothing.
    """
    found: dict[str, Path] = {}
    for text in paths:
        for path in _named(text):
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def _named(text: str) -> list[Path]:
    path = Path(text)
    if path.is_dir():
        return _below(path)
    if path.exists():
        return [path]
    matched = [Path(name) for name in sorted(glob.glob(text, recursive=True))]
    files = [file for match in matched for file in (_below(match) if match.is_dir() else [match])]
    if not files:
        raise NoReadableInput("no such file or folder", place=text, cure="name a file, a folder or a glob of request logs")
    return files


def _below(folder: Path) -> list[Path]:
    """All files below a folder but hidden ones; folders that links lead to twice are entered once."""
    files, entered = [], set[str]()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(place, name) for name in sorted(names) if not name.startswith(".")]
    return [file for file in files if file.exists()]


def kind(path: Path) -> str:
    """The file's suffix without its compression: ``parquet``, ``csv``, ``jsonl`` …; lower case."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in (".gz", ".zst")]
    return suffixes[-1][1:] if suffixes else ""


def lines(path: Path, *, blank: bool = False) -> Iterator[tuple[int, bytes]]:
    """Line numbers (from 1) and lines without their ends; a byte order mark is taken off, blank lines too unless asked for.

    A line over LINE_LIMIT comes cut to one byte more than that. Raises Truncated after the last whole line of a damaged
    compressed file, OSError if the file cannot be read at all.
    """
    number, rest = 0, b""
    for chunk in chunks(path):
        if number == 0 and not rest:
            chunk = chunk.removeprefix(_BOM)
        *whole, rest = (rest + chunk).split(b"\n") if b"\n" in chunk else (_grown(rest, chunk),)
        for line in whole:
            number += 1
            if blank or line.strip():
                yield number, line.rstrip(b"\r")
    if rest.strip():
        yield number + 1, rest.rstrip(b"\r")


def _grown(rest: bytes, chunk: bytes) -> bytes:
    return rest if len(rest) > LINE_LIMIT else (rest + chunk)[: LINE_LIMIT + 1]


def chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes in pieces, decompressed as its first bytes say (gzip, Zstandard), whatever its name.

    Raises Truncated where compressed data is damaged or cut off, after everything before it.
    """
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        pieces = iter(lambda: file.read(_CHUNK), b"")
        if start[:2] == b"\x1f\x8b":
            yield from _unpacked(pieces, lambda: zlib.decompressobj(wbits=31))
        elif start == b"\x28\xb5\x2f\xfd":
            yield from _unpacked(pieces, lambda: zstandard.ZstdDecompressor().decompressobj())
        else:
            yield from pieces


def _unpacked(pieces: Iterator[bytes], begin: Callable[[], Any]) -> Iterator[bytes]:
    """Decompress one member (or frame) after the other; zero bytes of padding after the last are no damage."""
    unpacker = begin()
    for piece in pieces:
        while piece:
            if unpacker.eof:
                piece = piece.lstrip(b"\0")
                unpacker = begin() if piece else unpacker
                continue
            try:
                yield unpacker.decompress(piece)
            except (zlib.error, zstandard.ZstdError) as error:
                raise Truncated(f"the compressed data is damaged ({error})") from error
            piece = unpacker.unused_data
    if not unpacker.eof:
        raise Truncated("the compressed data is cut off")
