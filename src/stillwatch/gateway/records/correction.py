"""Corrections that wait to travel: an account was pardoned, and others know evidence that spoke against it.

The gateway only writes down what must be told: which evidence turned out wrong for an account, and why, without naming the
account. ``stillwatch gateway correct`` takes what waits, lets it out past guard and people, and settles it here.

>>> outbox = Corrections(getfixture("tmp_path") / "corrections.jsonl")
>>> outbox.add(Correction(id="correction--1", at=0, evidence=("indicator--1",), because="our mistake (synthetic)"))
>>> [correction.evidence for correction in outbox.waiting()]
[('indicator--1',)]
>>> outbox.settle("correction--1", at=60); outbox.waiting()
[]
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from stillwatch.errors import NoReadableInput, OutputNotWritten


class Correction(msgspec.Struct, frozen=True, tag="correction"):
    """``evidence``: ids of what others know; ``at``: seconds since 1970."""

    id: str
    at: int
    evidence: tuple[str, ...]
    because: str


class _Settled(msgspec.Struct, frozen=True, tag="settled"):
    id: str
    at: int


_Line = Correction | _Settled


class Corrections:
    """The file of corrections; only ever appended to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, correction: Correction) -> None:
        """Let a correction wait. Raises OutputNotWritten."""
        self._append(correction)

    def settle(self, correction: str, at: int) -> None:
        """Say that the correction of this id was sent. Raises OutputNotWritten."""
        self._append(_Settled(correction, at))

    def waiting(self) -> list[Correction]:
        """The corrections that were not sent yet. Raises NoReadableInput."""
        found: dict[str, Correction] = {}
        for line in self._lines():
            if isinstance(line, Correction):
                found[line.id] = line
            else:
                found.pop(line.id, None)
        return list(found.values())

    def _append(self, line: _Line) -> None:
        try:
            with self._path.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")
        except OSError as error:
            what = f"the correction was not recorded ({error.strerror})"
            raise OutputNotWritten(what, place=str(self._path), cure="make the folder writable") from error

    def _lines(self) -> Iterator[_Line]:
        if not self._path.exists():
            return
        for number, line in enumerate(self._path.read_bytes().splitlines(), start=1):
            try:
                yield msgspec.json.decode(line, type=Correction | _Settled)
            except msgspec.MsgspecError as error:
                what, cure = f"no correction: {error}", "mend or remove the line"
                raise NoReadableInput(what, place=f"{self._path}:{number}", cure=cure) from error
