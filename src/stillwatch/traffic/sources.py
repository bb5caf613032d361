"""Sources: which files a scan reads, and their lines, whatever way they are packed and however they are damaged.

Rules: a path is a file, a folder (all files below it but hidden ones) or a glob. A symlink is followed; a file that is
reached twice is read once; a loop of links ends; what is no regular file (a pipe, a device) is left out. Lines of gzip and
Zstandard files come out as they are decompressed, a bounded piece at a time however well they were packed; a file that is
cut off gives all its whole lines first, then ``Truncated``. UTF-16 text (it has a byte order mark) is read as well.

>>> [path.name for path in find(["logs/"])]
['a.jsonl', 'b.jsonl.gz']
"""

import codecs
import glob
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import zstandard

from stillwatch.errors import NoReadableInput

LINE_LIMIT = 64 * 1024 * 1024
"""A line longer than this (bytes) is no request."""
_CHUNK = 1 << 20
_FRAME_CHUNK = 4096
"""Zstandard unpacks a piece whole; 4 kB of it hold at most about 128 MB."""
_SPARK_SIDE_FILES = ("_SUCCESS", "_metadata", "_common_metadata")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
    if path.is_file():
        return [path]
    matched = [Path(name) for name in sorted(glob.glob(text, recursive=True))]
    files = [file for match in matched for file in (_below(match) if match.is_dir() else [match]) if file.is_file()]
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
        files += [Path(place, name) for name in sorted(names) if not name.startswith(".") and name not in _SPARK_SIDE_FILES]
    return [file for file in files if file.is_file()]


def kind(path: Path) -> str:
    """The file's suffix without its compression: ``parquet``, ``csv``, ``jsonl`` …; lower case."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() not in (".gz", ".zst")]
    return suffixes[-1][1:] if suffixes else ""


def lines(path: Path, *, blank: bool = False) -> Iterator[tuple[int, bytes]]:
    """Line numbers (from 1) and lines without their ends; a byte order mark is taken off, blank lines too unless asked for.

    A line over LINE_LIMIT comes cut to one byte more than that. Raises Truncated after the last whole line of a damaged
    compressed file, OSError if the file cannot be read at all.
    """
    number = 0
    begun: list[bytes] = []
    size = 0
    for chunk in text_chunks(path):
        head, end, tail = chunk.partition(b"\n")
        if size <= LINE_LIMIT:
            begun.append(head[: LINE_LIMIT + 1])
        size += len(head)
        if not end:
            continue
        *whole, rest = tail.split(b"\n")
        for line in (_joined(begun), *whole):
            number += 1
            if blank or line.strip():
                yield number, line.rstrip(b"\r")
        begun, size = [rest], len(rest)
    last = _joined(begun)
    if last.strip():
        yield number + 1, last.rstrip(b"\r")


def _joined(pieces: list[bytes]) -> bytes:
    return b"".join(pieces)[: LINE_LIMIT + 1]


def text_chunks(path: Path) -> Iterator[bytes]:
    """The file's text in pieces of UTF-8, without its byte order mark; raises as ``chunks`` does."""
    pieces = chunks(path)
    first = next((piece for piece in pieces if piece), b"")
    if first.startswith(_UTF_16):
        yield from _from_utf_16(first, pieces)
        return
    yield first.removeprefix(codecs.BOM_UTF8)
    yield from pieces


def _from_utf_16(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    yield decoder.decode(first).encode()
    for piece in pieces:
        yield decoder.decode(piece).encode()


def chunks(path: Path) -> Iterator[bytes]:
    """The file's bytes in pieces, decompressed as its first bytes say (gzip, Zstandard), whatever its name.

    Raises Truncated where compressed data is damaged or cut off, after everything before it.
    """
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start[:2] == b"\x1f\x8b":
            yield from _gunzipped(iter(lambda: file.read(_CHUNK), b""))
        elif start == b"\x28\xb5\x2f\xfd":
            yield from _unframed(iter(lambda: file.read(_FRAME_CHUNK), b""))
        else:
            yield from iter(lambda: file.read(_CHUNK), b"")


def _gunzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """One gzip member after the other; zero bytes of padding after the last are no damage."""
    unpacker = zlib.decompressobj(wbits=31)
    for piece in pieces:
        while piece:
            if unpacker.eof:
                piece = piece.lstrip(b"\0")
                unpacker = zlib.decompressobj(wbits=31) if piece else unpacker
                continue
            try:
                yield unpacker.decompress(piece, _CHUNK)
            except zlib.error as error:
                raise Truncated(f"the compressed data is damaged ({error})") from error
            piece = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    if not unpacker.eof:
        yield unpacker.flush()
    if not unpacker.eof:
        raise Truncated("the compressed data is cut off")


def _unframed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """One Zstandard frame after the other."""
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    for piece in pieces:
        while piece:
            if unpacker.eof:
                unpacker = zstandard.ZstdDecompressor().decompressobj()
            try:
                yield unpacker.decompress(piece)
            except zstandard.ZstdError as error:
                raise Truncated(f"the compressed data is damaged ({error})") from error
            piece = unpacker.unused_data
    if not unpacker.eof:
        raise Truncated("the compressed data is cut off")
