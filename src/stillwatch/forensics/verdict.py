"""The verdict: how far all findings together carry.

Rules
- Exact mechanisms are of two families, twins and watermark; two findings of one family share their coins and count once.
- E3 needs both families, and log-probabilities or weights in one of them. E4 is E3 with a campaign in the provider's own traffic
  whose accounts the tracing names.
- Nothing lifts a finding above what it reached itself, but for the meeting of families.

>>> twins = Finding(mechanism="twins-logprob", hypothesis="", statement="", p_value=1e-5, level="E2")
>>> mark = Finding(mechanism="watermark", hypothesis="", statement="", p_value=1e-6, level="E2")
>>> verdict([twins, mark]).level, verdict([twins]).level
('E3', 'E2')
"""

from collections.abc import Sequence

import msgspec

from stillwatch.forensics.finding import Finding, Level

LEVELS: tuple[Level, ...] = ("insufficient", "E0", "E1", "E2", "E3", "E4")
"""From nothing to the most."""
MEANINGS: dict[Level, str] = {
    "insufficient": "Nothing is shown, neither for the suspect nor against it: there is too little, or chance explains the result.",
    "E0": "Closed-set comparison or what the model says of itself. This proves nothing, for some name always comes out.",
    "E1": "A lead: unusual among the models that it was compared with. Leads say where to look, they prove nothing.",
    "E2": "Exact: coins that only the provider knew decided what was served, and luck with them does not explain the result.",
    "E3": "Exact, by two mechanisms that do not share their chance, with log-probabilities or weights.",
    "E4": "Exact by two mechanisms, and the accounts that the model leads back to were caught harvesting in traffic.",
}
"""One sentence on each level, for a lay reader."""


class Verdict(msgspec.Struct, frozen=True):
    """The level of everything together and why it is not lower or higher."""

    level: Level
    reason: str


def verdict(findings: Sequence[Finding], *, linked_accounts: int = 0) -> Verdict:
    """The verdict; ``linked_accounts`` are accounts that the tracing names and that a scan found in a campaign."""
    best: Level = max((finding.level for finding in findings), key=LEVELS.index, default=LEVELS[0])
    exact = [finding for finding in findings if LEVELS.index(finding.level) >= LEVELS.index("E2")]
    if not exact:
        return Verdict(best, MEANINGS[best])
    if {_family(finding) for finding in exact} != {"twins", "watermark"}:
        return Verdict("E2", f"{MEANINGS['E2']} Only {_KINDS[_family(exact[0])]} shows it; {_BESIDE}")
    if not any(_is_close(finding) for finding in exact):
        return Verdict(
            "E2", f"{MEANINGS['E2']} Two mechanisms show it, both from text alone; log-probabilities or weights would be E3."
        )
    if linked_accounts:
        return Verdict("E4", f"{MEANINGS['E4']} Accounts both named and caught: {linked_accounts}.")
    return Verdict("E3", f"{MEANINGS['E3']} No account that it leads back to was also found in traffic, which would be E4.")


_KINDS = {"twins": "the comparison of served and withheld answers", "watermark": "the watermark"}
_BESIDE = "the other kind of evidence, which rests on chance of its own, would make it E3."


def _family(finding: Finding) -> str:
    return finding.mechanism.partition("-")[0]


def _is_close(finding: Finding) -> bool:
    """Whether log-probabilities or weights were looked at."""
    return finding.mechanism.endswith(("-logprob", "-weights"))
