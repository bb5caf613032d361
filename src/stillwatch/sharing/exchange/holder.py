"""The holders of token keys, as a member asks them over the network, and the file in which it has pinned their public keys.

Rules: a member knows each holder's public key of an epoch before it asks, by another way than the answers; the file is that
knowledge. With two holders of a split key both are asked, and neither sees what the other answered. Nothing but blinded elements
leaves.

>>> read_holders(getfixture("tmp_path") / "none.json").holders
()
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.exchange.bookmark import write_state
from stillwatch.sharing.exchange.connection import JSON, Connection, odd
from stillwatch.sharing.exchange.peer import Peer, read_key
from stillwatch.sharing.tokens.evaluator import Evaluation
from stillwatch.sharing.tokens.group import SIZE
from stillwatch.sharing.tokens.token import read_epoch
from stillwatch.sharing.tokens.tokeniser import Holder, MemberTokeniser

PublicKey = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
"""A public key of an epoch: 32 bytes in hex."""
_PROOF_SIZE = 64


class OfferedEpoch(msgspec.Struct, frozen=True):
    """An epoch that a holder says is open, with the public key that it says it has."""

    epoch: str
    public: PublicKey


class Offer(msgspec.Struct, frozen=True):
    """What a holder says that it has for this member."""

    epochs: tuple[OfferedEpoch, ...] = ()
    per_day: int = 0


class _Evaluated(msgspec.Struct):
    elements: list[bytes]
    proof: bytes


@dataclass(frozen=True)
class RemoteEvaluator:
    """The holder at a peer's URL, as an ``Evaluator``."""

    peer: Peer

    def evaluate(self, blinded: Sequence[bytes], epoch: str, member: str) -> Evaluation:
        """As Evaluator says; raises what the connection raises. Who asks, the holder knows by the key."""
        url = f"{self.peer.url}tokens/evaluations/"
        body = msgspec.json.encode({"epoch": epoch, "elements": list(blinded)})
        with Connection(self.peer) as connection:
            said = connection.post(url, body, kind=JSON, accept=JSON).read(_Evaluated)
        if len(said.elements) != len(blinded) or {len(each) for each in said.elements} != {SIZE} or len(said.proof) != _PROOF_SIZE:
            raise odd(url, "it answers with something else than the elements that were sent")
        return Evaluation(said.elements, said.proof)

    def offer(self) -> Offer:
        """What the holder says that it has. Raises what the connection raises."""
        with Connection(self.peer) as connection:
            return connection.get(f"{self.peer.url}tokens/", accept=JSON).read(Offer)


class KnownHolder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A holder: its URL, what it calls us, the file of our key there, its public keys by epoch; the rest as for a peer."""

    url: str
    member: str
    key_file: str
    epochs: dict[str, PublicKey]
    authority: str | None = None
    certificate: str | None = None

    def at(self, folder: Path, epoch: str) -> Holder:
        """The holder under an epoch; paths are seen from ``folder``. Raises UsageError if its public key is not known."""
        if epoch not in self.epochs:
            cure = "fetch and compare it with `stillwatch token holder`"
            raise UsageError(f"its public key of epoch {epoch} is not known", place=self.url, cure=cure)
        vouching = folder / self.authority if self.authority else None
        shown = folder / self.certificate if self.certificate else None
        peer = Peer.at(self.url, self.member, read_key(folder / self.key_file), authority=vouching, certificate=shown)
        return Holder(RemoteEvaluator(peer), bytes.fromhex(self.epochs[epoch]))


class Holders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The holders, all of whom must be asked for each token."""

    holders: tuple[KnownHolder, ...] = ()
    schema: Literal["stillwatch.token-holders/1"] = "stillwatch.token-holders/1"

    def knowing(self, holder: KnownHolder) -> "Holders":
        """The holders with one more, or with more of one's epochs. Raises UsageError for another key of an epoch that is known."""
        before = next((each for each in self.holders if each.url == holder.url), None)
        for epoch, public in holder.epochs.items():
            if before and before.epochs.get(epoch, public) != public:
                cure = "ask its operator, and other members, which key is right; use no token of it until then"
                raise UsageError(f"it shows another key of epoch {epoch} than before", place=holder.url, cure=cure)
        merged = msgspec.structs.replace(holder, epochs=(before.epochs if before else {}) | holder.epochs)
        return Holders((*(each for each in self.holders if each.url != holder.url), merged))


def read_holders(path: Path) -> Holders:
    """The holders in a file; none if there is no file. Raises NoReadableInput for what is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holders)
    except FileNotFoundError:
        return Holders()
    except (OSError, msgspec.DecodeError) as error:
        cure = "mend the file, or make it anew with `stillwatch token holder`"
        raise NoReadableInput(f"no file of token holders ({error})", place=str(path), cure=cure) from error


def write_holders(holders: Holders, path: Path) -> None:
    """Write the file in place of what was there. Raises OutputNotWritten."""
    write_state(path, holders)


def tokeniser(path: Path, epoch: str, member: str) -> MemberTokeniser:
    """What makes tokens by asking the holders in a file. Raises NoReadableInput, UsageError."""
    known = read_holders(path).holders
    return MemberTokeniser(read_epoch(epoch), member, tuple(each.at(path.parent, epoch) for each in known))
