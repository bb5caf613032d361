"""The tokens of a file of identifiers: millions of lines, over several processes, going on after a kill where it stopped.

1. The file is read in chunks; the chunks go to the processes, a few ahead at most.
2. A process makes the tokens of a chunk and puts them under the chunk's name into ``chunks/``, whole or not at all. A chunk that is
   there already is not made again: its name stands for its lines, the epoch and the public key.
3. At the end the chunks become ``tokens.csv`` (``line,token``) and ``rejected.jsonl`` (``file, line, reason, row``), and go.

The tokens carry line numbers, never values; ``rejected.jsonl`` holds the refused lines as they are and stays at home. Both files
are for their owner only (mode 0600).

>>> from stillwatch.sharing.tokens.epoch import epoch_key
>>> from stillwatch.sharing.tokens.tokeniser import KeyTokeniser
>>> folder = getfixture("tmp_path")
>>> _ = (folder / "list.csv").write_text("kind,value\\nemail,jane@example.com\\nemail,nobody\\n")
>>> tokenise_file(folder / "list.csv", folder / "out", KeyTokeniser("2026-q4", epoch_key(bytes(32), "2026-q4")))
Counts(lines=2, tokens=1, rejected=1)
"""

import multiprocessing
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import msgspec

from stillwatch.errors import OutputNotWritten, StillwatchError
from stillwatch.sharing.signatures.whole_file import whole_file
from stillwatch.sharing.tokens.forms.text import IdentifierRefused
from stillwatch.sharing.tokens.identifier_file import Chunk, chunks, identifier
from stillwatch.sharing.tokens.token import Token
from stillwatch.sharing.tokens.tokeniser import Tokeniser

TOKENS, REJECTED = "tokens.csv", "rejected.jsonl"
_HEADING = b"line,token\n"
_CHUNKS = "chunks"
_AHEAD = 3
_ROW_LIMIT = 2_000
_OWN = 0o600


class Interrupted(StillwatchError):
    """A process that made tokens died; what is made stays."""


@dataclass(frozen=True)
class Counts:
    """How many lines were read (blank ones and a heading not among them), became tokens, and were rejected."""

    lines: int = 0
    tokens: int = 0
    rejected: int = 0


class _Made(msgspec.Struct, frozen=True):
    """What came of a chunk: rows of the two files, and how many lines, tokens and rejects they are."""

    tokens: bytes
    rejected: bytes
    counts: tuple[int, int, int]


Progress = Callable[[Counts], None]


def tokenise_file(
    source: Path, folder: Path, tokeniser: Tokeniser, *, processes: int = 1, progress: Progress = lambda counts: None
) -> Counts:
    """Write the tokens of ``source`` into ``folder``, which is made; ``progress`` hears the counts so far after each chunk.

    Raises NoReadableInput if the source cannot be read, OutputNotWritten, Interrupted, and what the tokeniser raises; what was made
    by then stays, and the same call goes on from there.
    """
    parts = folder / _CHUNKS
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        cure = "choose another folder"
        raise OutputNotWritten(f"the folder cannot be made ({error.strerror})", place=str(folder), cure=cure) from error
    context = f"{tokeniser.epoch} {tokeniser.public.hex()} {source}".encode()
    jobs = ((chunk, parts / chunk.name(context), tokeniser, str(source)) for chunk in chunks(source))
    places, total = [], Counts()
    for place, (lines, made, rejected) in _run(jobs, processes):
        places.append(place)
        total = Counts(total.lines + lines, total.tokens + made, total.rejected + rejected)
        progress(total)
    _gather(places, folder)
    shutil.rmtree(parts, ignore_errors=True)
    return total


_Job = tuple[Chunk, Path, Tokeniser, str]
_Done = tuple[Path, tuple[int, int, int]]


def _run(jobs: Iterable[_Job], processes: int) -> Iterator[_Done]:
    """Do the jobs, and give what was done in their order."""
    if processes <= 1:
        yield from map(_do, jobs)
        return
    running = deque[Future[_Done]]()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        try:
            for job in jobs:
                running.append(pool.submit(_do, job))
                if len(running) > processes * _AHEAD:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        except BrokenProcessPool as error:
            raise Interrupted("a process that made tokens died", cure="run it again: it goes on from here") from error
        finally:
            pool.shutdown(cancel_futures=True)


def _do(job: _Job) -> _Done:
    """Make a chunk, unless it is there whole already."""
    chunk, place, tokeniser, source = job
    try:
        return place, _read(place).counts
    except (OSError, msgspec.MsgspecError):
        made = _make(chunk, tokeniser, source)
    with whole_file(place, what="a chunk of tokens", mode=_OWN) as file:
        file.write(msgspec.msgpack.encode(made))
    return place, made.counts


def _read(place: Path) -> _Made:
    return msgspec.msgpack.decode(place.read_bytes(), type=_Made)


def _make(chunk: Chunk, tokeniser: Tokeniser, source: str) -> _Made:
    taken: list[tuple[int, str, bytes]] = []
    rejected: list[bytes] = []
    for number, text in chunk.lines:
        try:
            taken.append((number, *identifier(text)))
        except IdentifierRefused as error:
            rejected.append(_reject(source, number, f"{error.place}: {error.what}", text))
    if chunk.damage:
        rejected.append(_reject(source, None, chunk.damage, b""))
    values = tokeniser.values([form for _, _, form in taken])
    rows = [f"{number},{Token(tokeniser.epoch, kind, value)}\n" for (number, kind, _), value in zip(taken, values, strict=True)]
    return _Made("".join(rows).encode(), b"".join(rejected), (len(chunk.lines), len(rows), len(rejected)))


def _reject(source: str, line: int | None, reason: str, text: bytes) -> bytes:
    row = text[: 4 * _ROW_LIMIT].decode("utf-8", "replace")[:_ROW_LIMIT]
    place = source.encode("utf-8", "replace").decode()
    return msgspec.json.encode({"file": place, "line": line, "reason": reason, "row": row}) + b"\n"


def _gather(places: Iterable[Path], folder: Path) -> None:
    """The chunks in one file each of tokens and of rejects."""
    with (
        whole_file(folder / REJECTED, what="the rejected lines", mode=_OWN) as rejected,
        whole_file(folder / TOKENS, what="the tokens", mode=_OWN) as tokens,
    ):
        tokens.write(_HEADING)
        for place in places:
            made = _read(place)
            tokens.write(made.tokens)
            rejected.write(made.rejected)
