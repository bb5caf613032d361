"""The service: evaluation for one member at one time, metered by the register, recorded in the ledger.

Rules: an epoch that is not open costs nothing; any other batch counts before it is evaluated. The record (member, epoch, number of
elements, outcome; never an element) is on the disk before the answer leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stillwatch.hub.tokens.register import Epoch, Register, read_register
from stillwatch.sharing.ledger.recorder import Recorder
from stillwatch.sharing.tokens.epoch import epoch_key, new_seed, read_seed
from stillwatch.sharing.tokens.evaluator import EpochClosed, Evaluation, Evaluator, LocalEvaluator
from stillwatch.sharing.tokens.quota import Metered
from stillwatch.sharing.tokens.recorded import Recorded
from stillwatch.sharing.tokens.suite import KeyPair
from stillwatch.sharing.tokens.usage_file import UsageFile


@dataclass(frozen=True)
class TokenFiles:
    """Where a holder keeps its things, in the folder of the hub: register, seeds (one for each epoch), count."""

    state: Path

    @property
    def register(self) -> Path:
        """The file of the register."""
        return self.state / "tokens.json"

    @property
    def usage(self) -> Path:
        """The file that counts evaluations."""
        return self.state / "token-usage.sqlite"

    def seed(self, epoch: str) -> Path:
        """The file of an epoch's seed."""
        return self.state / "token-seeds" / f"{epoch}.seed"

    def draw(self, epoch: str) -> KeyPair:
        """Draw the seed of a new epoch. Raises OutputNotWritten."""
        self.seed(epoch).parent.mkdir(mode=0o700, exist_ok=True)
        return epoch_key(new_seed(self.seed(epoch)), epoch)

    def key(self, epoch: str) -> KeyPair:
        """The key pair of an epoch. Raises NoReadableInput if its seed is gone."""
        return epoch_key(read_seed(self.seed(epoch)), epoch)


@dataclass(frozen=True)
class TokenService:
    """The holder's service; ``ledger`` records each request."""

    files: TokenFiles
    ledger: Recorder

    def register(self) -> Register | None:
        """The register as it stands; None if there is no token service here. Raises NoReadableInput."""
        return read_register(self.files.register)

    def public(self, epoch: Epoch) -> bytes:
        """The public key of an epoch (32 bytes). Raises NoReadableInput."""
        return self.files.key(epoch.name).public

    def evaluate(self, register: Register, blinded: Sequence[bytes], epoch: str, member: str, now: datetime) -> Evaluation:
        """Evaluate for a member. Raises as ``Evaluator`` says, and OutputNotWritten."""
        names = [each.name for each in register.open_at(now)]
        local = _Open(names, self.files)
        if epoch in names:
            metered: Evaluator = Metered(local, UsageFile(self.files.usage), register.per_day, lambda: now)
        else:
            metered = local
        return Recorded(metered, self.ledger, lambda: now).evaluate(blinded, epoch, member)


@dataclass(frozen=True)
class _Open:
    """The holder of the keys of open epochs, which are read when they are used."""

    names: Sequence[str]
    files: TokenFiles

    def evaluate(self, blinded: Sequence[bytes], epoch: str, member: str) -> Evaluation:
        if epoch not in self.names:
            raise EpochClosed(f"epoch {epoch[:40]!r} is not open", cure=f"use one of {', '.join(self.names) or 'none now'}")
        return LocalEvaluator({epoch: self.files.key(epoch)}).evaluate(blinded, epoch, member)
