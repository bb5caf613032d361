"""A ruling: a decision as it is carried out on one request."""

import msgspec

from stillwatch.gateway.decision import Decision
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.policy import NOTHING, Measures

SERVED = 200
REFUSED = 403
TOO_MANY = 429
UNSERVED = {"error": {"message": "The answer could not be served.", "type": "api_error", "code": "stillwatch_hide"}}
"""The body in place of an answer that could not be altered and may not pass as it is."""


class Ruling(msgspec.Struct, frozen=True, eq=False):
    """What an adapter does.

    ``status``: 200 to serve, else the HTTP status to answer with; ``retry_after``: seconds, with status 429; ``measures``: what to
    change in request and answer, if leave is granted (``Alterations``); ``enforced``: false where the policy only observes; ``at``:
    seconds since 1970; ``snapshot``: number of the snapshot, 0 for none.
    """

    facts: Facts
    decision: Decision
    at: float
    snapshot: int
    enforced: bool = False
    status: int = SERVED
    retry_after: int = 0
    measures: Measures = NOTHING

    @property
    def refused(self) -> bool:
        """Whether the request is not served."""
        return self.status != SERVED


_WORDS = {
    "verify": "This account must verify itself before more requests are served.",
    "review": "This account is under review.",
    "block": "This account may not be served.",
}


def refusal(ruling: Ruling) -> dict[str, dict[str, str]]:
    """The body of a refusal in the form that clients of such interfaces know. It does not tell what evidence there is."""
    if ruling.status == TOO_MANY:
        message, kind = f"Too many requests; try again in {ruling.retry_after} seconds.", "rate_limit_error"
    else:
        message, kind = _WORDS.get(ruling.decision.action.word, "This request is not served."), "permission_error"
    return {"error": {"message": message, "type": kind, "code": f"stillwatch_{ruling.decision.action.word}"}}
