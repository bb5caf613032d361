"""Leave to alter answers: only where the ledger knows of it, and never those of a registered evaluator.

The first altered answer of an account a day, grade and snapshot is an entry of the ledger, written before the answer is altered;
what follows is counted in the rows of decisions. Without a ledger, or where it cannot be written, nothing is altered, with an
alarm.
"""

from datetime import UTC, datetime

from stillwatch.gateway.alarm import Alarm
from stillwatch.gateway.records.recorder import Recorder
from stillwatch.gateway.ruling import Ruling

_MOST_KNOWN = 100_000


class Alterations:
    """Grants leave and sees that it is recorded."""

    def __init__(self, recorder: Recorder | None, alarm: Alarm) -> None:
        self._recorder, self._alarm = recorder, alarm
        self._known: set[tuple[str, str, int, str]] = set()

    def granted(self, ruling: Ruling) -> bool:
        """Whether the answer to this request may be altered. It may wait for the disk once an account and day; never raises."""
        if not ruling.measures.alters or ruling.decision.evaluator:
            return False
        at = datetime.fromtimestamp(ruling.at, UTC)
        mark = (ruling.facts.account_id, ruling.decision.action.word, ruling.snapshot, at.date().isoformat())
        if mark not in self._known:
            if not self._recorded(ruling, at):
                return False
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known.add(mark)
        return True

    def _recorded(self, ruling: Ruling, at: datetime) -> bool:
        if self._recorder is None:
            self._alarm.raise_alarm("ledger", "there is no ledger, so answers are not altered; set `ledger` in gateway.toml")
            return False
        measures, decision = ruling.measures, ruling.decision
        details = {
            "grade": decision.action.word,
            "snapshot": ruling.snapshot,
            "rule": decision.rule,
            "evidence": list(decision.evidence),
            "strip": sorted(measures.strip),
            "max_n": measures.max_n,
            "max_top_logprobs": measures.max_top_logprobs,
            "canary": measures.canary,
            "what": "answers altered",
        }
        try:
            self._recorder.append("decision", ruling.facts.account_id, details, "gateway", at)
        except Exception as error:
            self._alarm.raise_alarm("ledger", f"the ledger cannot be written, so answers are not altered: {error}")
            return False
        return True
