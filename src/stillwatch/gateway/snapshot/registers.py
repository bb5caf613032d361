"""Registers: who may distil or use in bulk by contract, and which independent evaluators work here.

One TOML file; an entry names an account or an organisation, and until when it holds (no date: no end).

>>> read_registers('''
... [[authorised]]
... account = "acct-7"
... contract = "C-2026-1 (synthetic)"
... until = 2027-01-01
... [[evaluator]]
... org = "org-3"
... name = "synthetic evaluator"
... ''')[1].evaluator
True
"""

import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec

from stillwatch.errors import UsageError


class Entry(msgspec.Struct, frozen=True):
    """One entry: ``subject`` is an account id, or an organisation id where ``kind`` is ``org``; ``until`` seconds since 1970, 0:
    no end."""

    kind: str
    subject: str
    name: str
    evaluator: bool
    until: int = 0


class _Subject(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    account: str = ""
    org: str = ""
    until: date | None = None

    @property
    def subject(self) -> tuple[str, str]:
        return ("account", self.account) if self.account else ("org", self.org)


class _Authorised(_Subject, forbid_unknown_fields=True, frozen=True, kw_only=True):
    contract: str


class _Evaluator(_Subject, forbid_unknown_fields=True, frozen=True, kw_only=True):
    name: str


class _Document(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    authorised: list[_Authorised] = []
    evaluator: list[_Evaluator] = []


def read_registers(text: str, place: str = "registers") -> list[Entry]:
    """The entries of both registers. Raises UsageError with the place of what is wrong."""
    cure = "see docs/gateway.md for the form of registers"
    try:
        document = msgspec.convert(tomllib.loads(text), _Document)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(str(error), place=place, cure=cure) from error
    for number, entry in enumerate([*document.authorised, *document.evaluator], start=1):
        if bool(entry.account) == bool(entry.org):
            raise UsageError(f"entry {number} names not exactly one of account and org", place=place, cure=cure)
    return list(_entries(document))


def load_registers(path: Path) -> list[Entry]:
    """The entries in a file. Raises UsageError."""
    try:
        return read_registers(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", place=str(path), cure="name a TOML file") from error


def _entries(document: _Document) -> Iterator[Entry]:
    for contract in document.authorised:
        yield Entry(*contract.subject, contract.contract, evaluator=False, until=_end(contract.until))
    for evaluator in document.evaluator:
        yield Entry(*evaluator.subject, evaluator.name, evaluator=True, until=_end(evaluator.until))


def _end(day: date | None) -> int:
    """The end of a day in UTC."""
    return int(datetime.combine(day + timedelta(days=1), time(), UTC).timestamp()) if day else 0
