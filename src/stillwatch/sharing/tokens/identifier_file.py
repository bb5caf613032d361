"""Files of identifiers: one a line, ``kind,value`` as CSV or ``{"kind": …, "value": …}`` as JSON, read in chunks.

Rules: a line that begins with ``{`` is JSON, any other is CSV; a first line ``kind,value`` is a heading; blank lines do not count;
gzip, Zstandard and UTF-16 are read as they are. A line that is no identifier says why and never stops a run. A chunk has a name
made from all that it contains, so that what was done for it is found again, and never used for anything else.

>>> identifier(b"email, Jane@Example.com")
('email', b'email\\x1fjane@example.com')
>>> identifier(b'{"kind": "device-id", "value": "dev-1"}')
('device-id', b'device-id\\x1fdev-1')
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from stillwatch.errors import NoReadableInput
from stillwatch.sharing.tokens.canonical import canonical
from stillwatch.sharing.tokens.forms.text import IdentifierRefused
from stillwatch.traffic.sources import Truncated, lines

CHUNK_LINES = 4096
_LONGEST_LINE = 16_384
_HEADING = b"kind,value"
_CURE = "write kind,value and quote a value that has a comma in it"


class _Identifier(msgspec.Struct):
    kind: str
    value: str


_DECODER = msgspec.json.Decoder(_Identifier)


@dataclass(frozen=True)
class Chunk:
    """Some lines of a file with their numbers (from 1); ``damage`` says how the file breaks off after them, if it does."""

    lines: tuple[tuple[int, bytes], ...]
    damage: str = ""

    def name(self, context: bytes) -> str:
        """A name that stands for this content under this context, and for no other."""
        digest = hashlib.sha256(context + b"\n" + self.damage.encode())
        for number, text in self.lines:
            digest.update(b"%d %d " % (number, len(text)) + text)
        return digest.hexdigest()


def chunks(source: Path) -> Iterator[Chunk]:
    """The lines of a file in chunks of CHUNK_LINES. Raises NoReadableInput if the file cannot be read."""
    begun: list[tuple[int, bytes]] = []
    damage = ""
    try:
        for number, text in lines(source):
            if number == 1 and text.lower().replace(b" ", b"") == _HEADING:
                continue
            begun.append((number, text[: _LONGEST_LINE + 1]))
            if len(begun) == CHUNK_LINES:
                yield Chunk(tuple(begun))
                begun = []
    except Truncated as error:
        damage = str(error)
    except OSError as error:
        cure = "name a file of identifiers that may be read"
        raise NoReadableInput(f"it cannot be read ({error.strerror})", place=str(source), cure=cure) from error
    if begun or damage:
        yield Chunk(tuple(begun), damage)


def identifier(line: bytes) -> tuple[str, bytes]:
    """The kind and the canonical form of the identifier in a line. Raises IdentifierRefused if there is none."""
    if len(line) > _LONGEST_LINE:
        raise IdentifierRefused(f"the line is longer than {_LONGEST_LINE:,} bytes", place="line", cure=_CURE)
    kind, value = _from_json(line) if line.lstrip().startswith(b"{") else _from_csv(line)
    return kind, canonical(kind, value)


def _from_json(line: bytes) -> tuple[str, str]:
    try:
        found = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = "the line is no JSON object with the texts kind and value"
        raise IdentifierRefused(what, place="line", cure=_CURE) from error
    return found.kind, found.value


def _from_csv(line: bytes) -> tuple[str, str]:
    try:
        text = line.decode()
        fields = next(csv.reader([text], strict=True, skipinitialspace=True), []) if '"' in text else text.split(",")
    except UnicodeDecodeError as error:
        raise IdentifierRefused("the line is not UTF-8", place="line", cure="write the file in UTF-8") from error
    except csv.Error as error:
        raise IdentifierRefused(f"the line is no CSV ({error})", place="line", cure=_CURE) from error
    if len(fields) != 2:
        raise IdentifierRefused(f"the line has {len(fields)} fields, not kind and value", place="line", cure=_CURE)
    return fields[0].strip(), fields[1]
