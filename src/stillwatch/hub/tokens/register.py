"""The register of the token service: its epochs, and how many evaluations each member has a day.

Rules: each epoch has a seed of its own, so that closing one for good means to destroy a file. Epochs may overlap: to rotate, the
next one is opened before the last one closes. A member that is not listed has no evaluations. The register is one file, changed
whole, read anew at each request.

>>> from datetime import UTC
>>> register = Register().opened("2026-q4", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 8, tzinfo=UTC))
>>> [epoch.name for epoch in register.open_at(datetime(2026, 11, 24, tzinfo=UTC))]
['2026-q4']
"""

from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.signatures.keyring import Moment
from stillwatch.sharing.signatures.whole_file import whole_file
from stillwatch.sharing.tokens.token import read_epoch


class Epoch(msgspec.Struct, frozen=True):
    """An epoch and when it is open: from ``opens`` until just before ``closes`` (None: until it is closed)."""

    name: str
    opens: Moment
    closes: Moment | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether elements are evaluated under it at ``now``."""
        return self.opens <= now and (self.closes is None or now < self.closes)


class Register(msgspec.Struct, frozen=True):
    """Epochs in the order in which they were added, and evaluations a day by member."""

    epochs: tuple[Epoch, ...] = ()
    per_day: dict[str, int] = {}
    schema: Literal["stillwatch.token-register/1"] = "stillwatch.token-register/1"

    def open_at(self, now: datetime) -> list[Epoch]:
        """The epochs that are open at ``now``."""
        return [epoch for epoch in self.epochs if epoch.is_open(now)]

    def opened(self, name: str, opens: datetime, closes: datetime | None) -> "Register":
        """The register with an epoch more. Raises UsageError for a name that is taken, EpochRefused for one that is none."""
        if any(epoch.name == read_epoch(name) for epoch in self.epochs):
            raise UsageError("there is such an epoch already", place=name, cure="choose another name; an epoch is never reopened")
        if closes is not None and closes <= opens:
            raise UsageError("it closes before it opens", place=name, cure="give two times in order")
        return msgspec.structs.replace(self, epochs=(*self.epochs, Epoch(name, opens, closes)))

    def closed(self, name: str, now: datetime) -> "Register":
        """The register with an epoch closed from ``now`` on. Raises UsageError if there is none."""
        if all(epoch.name != name for epoch in self.epochs):
            names = ", ".join(epoch.name for epoch in self.epochs) or "none"
            raise UsageError("there is no such epoch", place=name, cure=f"the epochs are {names}")
        ended = tuple(_ended(epoch, now) if epoch.name == name else epoch for epoch in self.epochs)
        return msgspec.structs.replace(self, epochs=ended)

    def allowing(self, member: str, per_day: int) -> "Register":
        """The register with a member's evaluations a day set."""
        return msgspec.structs.replace(self, per_day=self.per_day | {member: per_day})


def read_register(path: Path) -> Register | None:
    """The register in a file; None if there is none: no token service. Raises NoReadableInput for what is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Register)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        cure = "go back to a copy, or look at the ledger and set it up anew"
        raise NoReadableInput(f"no register of the token service ({error})", place=str(path), cure=cure) from error


def write_register(register: Register, path: Path) -> None:
    """Write the register in place of what was there. Raises OutputNotWritten."""
    with whole_file(path, what="the register of the token service", mode=0o600) as file:
        file.write(msgspec.json.format(msgspec.json.encode(register), indent=1) + b"\n")


def _ended(epoch: Epoch, now: datetime) -> Epoch:
    return msgspec.structs.replace(epoch, closes=min(now, epoch.closes or now))
