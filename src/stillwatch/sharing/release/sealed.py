"""The release itself: signed, recorded, written; in this order, so that nothing is outside that the ledger does not know.

Rules: what is signed and shown is what is written, byte for byte. The ledger holds who approved which bytes, what stayed back and
why, and what left, before the file takes its place. If the file cannot be written, the ledger says that too.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import OutputNotWritten, RefusedByPolicy
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.prepared import Prepared
from stillwatch.sharing.release.stamp import beside, stamp
from stillwatch.sharing.signatures.signing import sign_together
from stillwatch.sharing.signatures.whole_file import whole_file
from stillwatch.sharing.stix.bundle import assembled, encoded


@dataclass(frozen=True)
class Sealed:
    """A bundle that is ready: its ``content``, its bytes (``data``), their SHA-256 in hex, and their stamp."""

    content: dict[str, Any]
    data: bytes
    sha256: str
    stamp: bytes

    @property
    def id(self) -> str:
        """The bundle's id."""
        return str(self.content["id"])


def seal(prepared: Prepared, member: str, key: Ed25519PrivateKey) -> Sealed:
    """Sign what would leave, make the bundle of it, and stamp that."""
    bundle = assembled(sign_together(prepared.leaving, key))
    data = encoded(bundle)
    return Sealed(bundle, data, hashlib.sha256(data).hexdigest(), stamp(data, member, key))


def objection(prepared: Prepared, subjects: Collection[str]) -> RefusedByPolicy | None:
    """Why the release as a whole may not be: something forbidden was found, or none of its ``subjects`` may leave; else None."""
    found = [f"{name}: {reason.path}: {reason.why} ({reason.rule})" for name, reason in prepared.forbidden]
    if not found and not {thing["id"] for thing in prepared.leaving}.isdisjoint(subjects):
        return None
    what = found[0] if found else "the profile does not let it out"
    return RefusedByPolicy(what, place=next(iter(subjects), ""), cure="see the reasons; mend the source, or choose another profile")


def record_refusal(prepared: Prepared, subjects: Collection[str], because: str, ledger: Ledger, actor: str, now: datetime) -> None:
    """Record that nothing left: what the guard kept back, and the subjects with the reason."""
    drafts = (Draft("refusal", subject, {"because": because}, actor) for subject in subjects)
    ledger.append_many([*_kept_back(prepared, actor), *drafts], now)


def send(sealed: Sealed, prepared: Prepared, people: Sequence[str], path: Path, ledger: Ledger, now: datetime) -> None:
    """Record approval and release, then write the bundle. Raises OutputNotWritten, after recording it, if that cannot be done."""
    actor = people[0]
    approvals = [Draft("approval", sealed.id, {"sha256": sealed.sha256}, person) for person in people]
    details = {"sha256": sealed.sha256, "objects": len(sealed.content["objects"]), "file": path.name, "approved_by": list(people)}
    try:
        with whole_file(path, what="the bundle") as file:
            file.write(sealed.data)
            with whole_file(beside(path), what="the stamp") as beside_it:
                beside_it.write(sealed.stamp)
            ledger.append_many([*_kept_back(prepared, actor), *approvals, Draft("release", sealed.id, details, actor)], now)
    except OutputNotWritten as error:
        ledger.append("refusal", sealed.id, {"because": "not written", "sha256": sealed.sha256, "reason": error.what}, actor, now)
        raise


def _kept_back(prepared: Prepared, actor: str) -> Iterator[Draft]:
    for name, reason in prepared.kept_back:
        yield Draft("refusal", name, {"because": "guard", "rule": reason.rule, "path": reason.path, "reason": reason.why}, actor)
