"""A decision: the grade of a request, why, on what evidence, and until when.

>>> ALLOWED.action.word, ALLOWED.reason
('allow', 'nothing speaks against it')
"""

import msgspec

from stillwatch.gateway.grade import Grade


class Decision(msgspec.Struct, frozen=True):
    """What should be done with a request.

    ``reason``: a sentence; ``evidence``: ids of what it rests on; ``expires``: seconds since 1970 at which it lapses unless it is
    made anew, 0 for a decision about this request alone; ``rule``: name of the policy's rule, "" if none; ``carries``: whether the
    request carries a listed scaffold; ``holds``: the grade was reached by conduct and stays until ``expires``; ``evaluator``: the
    account is a registered evaluator's, whose answers are never altered.
    """

    action: Grade
    reason: str
    evidence: tuple[str, ...] = ()
    expires: int = 0
    rule: str = ""
    carries: bool = False
    holds: bool = False
    evaluator: bool = False


ALLOWED = Decision(Grade.ALLOW, "nothing speaks against it")
