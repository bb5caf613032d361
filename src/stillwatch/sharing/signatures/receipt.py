"""Receipt: what came in is verified, and a refusal is recorded before the verdict is given back.

Rules: the record names the object by its STIX id where it has one, the fault and the reason; nothing else of it is kept.
"""

import re
from datetime import datetime

from stillwatch.sharing.ledger.recorder import Recorder
from stillwatch.sharing.signatures.keyring import KeyRing
from stillwatch.sharing.signatures.verification import Refused, Verdict, verify

_STIX_ID = re.compile(r"[a-z][a-z0-9-]{1,249}--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def receive(received: object, ring: KeyRing, ledger: Recorder, actor: str, now: datetime) -> Verdict:
    """The verdict on a parsed JSON object; ``actor`` is who took it in, for the record of a refusal.

    Raises what the ledger raises if a refusal cannot be recorded; then there is no verdict.
    """
    verdict = verify(received, ring, now)
    if isinstance(verdict, Refused):
        details = {"because": "signature", "fault": verdict.fault.value, "reason": verdict.reason}
        ledger.append("refusal", _name(received), details, actor, now)
    return verdict


def _name(received: object) -> str:
    named = received.get("id") if isinstance(received, dict) else None
    return named if isinstance(named, str) and _STIX_ID.fullmatch(named) else "an object without a STIX id"
