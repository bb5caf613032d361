"""What earlier scans left: derived rows of the requests seen so far, and a note of the caller's beside them.

1. An engine keeps it under one place, as *parts* (rows in files) and a *ledger* that names the parts. Only the ledger counts: a
   scan that ends before it has written its ledger has changed nothing.
2. Rows hold keys and fingerprints, no text. A request whose id was seen before is not taken in again.
3. Small parts are written anew together with what is new, so that their number grows with the logarithm of the history, and so
   does the number of times that a row is written.

>>> merged_from([Part("a", 900), Part("b", 40)], 30)
1
"""

from collections.abc import Sequence
from typing import Protocol, Self

import ibis.expr.types as ir
import msgspec

from stillwatch.errors import EngineFailed, UsageError
from stillwatch.traffic.figures import Figures, Keeping

SCHEMA = {"local": "stillwatch.state/2", "spark": "stillwatch.state/1"}
"""By engine."""


class Part(msgspec.Struct, frozen=True):
    """Some derived rows: the name of their file or folder, and how many they are."""

    name: str
    rows: int


class Ledger(msgspec.Struct, frozen=True):
    """The parts that count, and the caller's note (JSON). ``number`` counts the scans that went on from this place."""

    engine: str
    number: int = 0
    parts: tuple[Part, ...] = ()
    note: msgspec.Raw = msgspec.Raw(b"null")
    schema: str = ""

    @classmethod
    def of(cls, engine: str, number: int = 0, parts: tuple[Part, ...] = (), note: bytes = b"null") -> Self:
        """A ledger of the engine's present schema."""
        return cls(engine, number, parts, msgspec.Raw(note), SCHEMA[engine])


class History(Protocol):
    """The rows of earlier scans at one place."""

    @property
    def note(self) -> bytes:
        """What the last scan left beside its rows, as JSON; ``null`` if there was none."""

    def together(self, rows: ir.Table) -> ir.Table:
        """Earlier rows, and those of ``rows`` whose requests are not among them; the latter are set aside for ``commit``."""

    def figures(self, engine: Keeping, rows: ir.Table) -> Figures:
        """Figures of the ``rows`` that came together, by ``engine``."""

    def commit(self, note: bytes) -> None:
        """Take in what was set aside, and a new note, whole or not at all.

        Raises EngineFailed if another scan has gone on from here meanwhile, OutputNotWritten if the disk is full.
        """


def merged_from(parts: Sequence[Part], fresh: int) -> int:
    """From which of ``parts`` on they are written anew with ``fresh`` rows: all after the last of twice what follows."""
    place, rows = len(parts), fresh
    while place and parts[place - 1].rows < 2 * rows:
        place -= 1
        rows += parts[place].rows
    return place


def read_ledger(text: bytes, engine: str, place: str) -> Ledger:
    """The ledger of ``engine`` in ``text``. Raises UsageError if it is none, or another engine's."""
    try:
        ledger = msgspec.json.decode(text, type=Ledger)
    except msgspec.MsgspecError as error:
        raise no_state(place, str(error)) from error
    wanted = SCHEMA[engine]
    if (ledger.schema, ledger.engine) != (wanted, engine):
        raise no_state(place, f"it is {ledger.schema} of the {ledger.engine} engine, wanted is {wanted} of the {engine} engine")
    return ledger


def check_next(before: Ledger, now: Ledger) -> None:
    """Raise EngineFailed if another scan has gone on from the ledger ``before``."""
    if now.number != before.number:
        cure = "run the scans of one state one after the other; scan again"
        raise EngineFailed("another scan has gone on from this state meanwhile", place="--state", cure=cure)


def no_state(place: str, because: str) -> UsageError:
    """The error for a place that holds something else."""
    cure = "name the place of an earlier --state of this engine, or a new one"
    return UsageError(f"this is no state of earlier scans: {because}", place=place, cure=cure)
