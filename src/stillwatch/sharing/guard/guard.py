"""The guard: what of an object may leave, field by field, with the reason for each.

The steps for one object: (1) its type must be allowed by name; (2) every field passes the policy that the profile has for it, or
stays (``compound.py``); (3) if a rule that refuses was broken, or a field that the object needs stays, the object stays; (4) the
texts that would leave are read together (``splits.py``). For several objects: (5) the texts of neighbours are read together too.

What it releases it releases again unchanged. It does no I/O and keeps nothing of what it sees but words.

>>> ruling = Guard("strict").examine({"type": "note", "content": "The list price goes up in May.", "object_refs": []})
>>> ruling.verdict, ruling.object, [reason.rule for reason in ruling.against][:1]
('refused', None, ['antitrust/price'])
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from stillwatch.sharing.guard.examination import broken_rules
from stillwatch.sharing.guard.profile import Profile
from stillwatch.sharing.guard.profile import profile as profile_of
from stillwatch.sharing.guard.regime import Regime, regime_in_force
from stillwatch.sharing.guard.report import DROPPED, Report
from stillwatch.sharing.guard.rule import rule
from stillwatch.sharing.guard.ruling import FieldReason, Ruling
from stillwatch.sharing.guard.splits import Piece, split

_MOST_ROUNDS = 30
_OBLIQUE = "policy/oblique"


def _today() -> date:
    return datetime.now(UTC).date()


class Guard:
    """A guard with a profile, the legal regimes that counsel has set, and what tells the day (in UTC)."""

    def __init__(
        self, profile: Profile | str | Path = "strict", regimes: Iterable[Regime] = (), *, today: Callable[[], date] = _today
    ) -> None:
        self.profile = profile if isinstance(profile, Profile) else profile_of(profile)
        self._regimes = tuple(regimes)
        self._today = today

    def examine(self, thing: Mapping[str, Any]) -> Ruling:
        """The ruling on one object."""
        return self._examined(thing)[0]

    def examine_bundle(self, objects: Iterable[Mapping[str, Any]]) -> list[Ruling]:
        """The rulings on several objects, in order, which also must not say together what none of them may say."""
        examined = [self._examined(thing) for thing in objects]
        rulings = [ruling for ruling, _ in examined]
        texts = [texts for _, texts in examined]
        for _ in range(_MOST_ROUNDS):
            found = split([(number, text) for number, own in enumerate(texts) for text in own], self._judge_neighbours)
            if found is None:
                return rulings
            for number in found.owners:
                rulings[number], texts[number] = _refused_for_split(rulings[number], found.rule, "objects"), []
        return [
            _refused_for_split(ruling, "policy/split", "objects") if own else ruling
            for ruling, own in zip(rulings, texts, strict=True)
        ]

    def _examined(self, thing: Mapping[str, Any]) -> tuple[Ruling, Sequence[str]]:
        """The ruling, and the free texts that would leave."""
        report = Report(self._judge)
        if not isinstance(thing, Mapping):
            report.drop("", "policy/type-not-allowed", "not an object")
            return Ruling("refused", None, tuple(report.reasons)), ()
        kind = thing.get("type")
        policy = self.profile.objects.get(kind) if isinstance(kind, str) else None
        if policy is None:
            report.drop("type", "policy/type-not-allowed")
            return Ruling("refused", None, tuple(report.reasons)), ()
        passed = policy.apply(thing, report)
        if passed is DROPPED or report.refused:
            return Ruling("refused", None, tuple(report.reasons)), ()
        ruling = Ruling("redacted" if report.changed else "released", passed, tuple(report.reasons))
        pieces: list[Piece] = [(0, text) for text in report.texts]
        if found := split(pieces, self._judge):
            return _refused_for_split(ruling, found.rule, "fields"), ()
        return ruling, report.texts

    def _judge(self, text: str) -> list[str]:
        """The rules that a text breaks and that hold today under this profile, those that refuse first."""
        broken = broken_rules(text)
        if not broken:
            return []
        holding = [name for name in broken if name not in self.profile.permits and not self._relaxed(name)]
        return sorted(holding, key=lambda name: (rule(name).action != "refuse", name))

    def _judge_neighbours(self, text: str) -> list[str]:
        """As ``_judge``, of texts of different objects: what only might mean more would be found in any two of them."""
        return [name for name in self._judge(text) if name != _OBLIQUE]

    def _relaxed(self, name: str) -> bool:
        by = rule(name).relaxed_by
        return bool(by) and regime_in_force(by, self._regimes, self._today()) is not None


def _refused_for_split(ruling: Ruling, broken: str, over: str) -> Ruling:
    why = f"{rule(broken).title}, in texts that are split over {over} (policy/split)"
    return Ruling("refused", None, (*ruling.reasons, FieldReason("", "refused", broken, why)))
