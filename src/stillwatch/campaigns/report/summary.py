"""What a scan found, in sentences, and the order in which it is told.

Rules: only what the values say; the strongest reason for and the best innocent explanation are always named together;
organisations are counted as their accounts declare them, never inferred.

>>> headline([])
'No campaign was found'
"""

from collections import Counter
from collections.abc import Sequence

from stillwatch.campaigns.campaign import Campaign, Evidence
from stillwatch.campaigns.report.wording import bits, many, moment, number

SEVERITIES = ("high", "medium", "low")
"""From the gravest down; any other word ranks below them."""


def rank(campaign: Campaign) -> int:
    """The place of its severity, 0 for the gravest."""
    return SEVERITIES.index(campaign.severity) if campaign.severity in SEVERITIES else len(SEVERITIES)


def by_severity(campaigns: Sequence[Campaign]) -> list[Campaign]:
    """The gravest first; within a severity the surest, then the strongest; the id settles ties."""
    return sorted(campaigns, key=lambda c: (rank(c), c.q_value, -c.coordination_bits - c.harvest_bits, c.id))


def headline(campaigns: Sequence[Campaign]) -> str:
    """How many campaigns of which severity."""
    if not campaigns:
        return "No campaign was found"
    counts = Counter(c.severity for c in sorted(campaigns, key=rank))
    return f"{many(len(campaigns), 'campaign')} found: " + ", ".join(f"{n} {word}" for word, n in counts.items())


def strongest(evidence: Sequence[Evidence]) -> Evidence | None:
    """The piece of evidence that speaks loudest for a campaign; None if none speaks for one."""
    best = max(evidence, key=lambda e: e.bits, default=None)
    return best if best is not None and best.bits > 0 else None


def strongest_of(campaign: Campaign, question: str) -> Evidence | None:
    """`strongest` among the evidence for one of the two questions."""
    return strongest([e for e in campaign.evidence if e.question == question])


def extent(campaign: Campaign) -> str:
    """Who sent how much, and when."""
    declared = f", declared as {many(len(campaign.org_ids), 'organisation')}," if campaign.org_ids else ""
    return (
        f"{many(len(campaign.accounts), 'account')}{declared} sent {many(campaign.requests, 'request')}"
        f" between {moment(campaign.first_seen)} and {moment(campaign.last_seen)},"
        f" {number(campaign.input_tokens)} tokens in and {number(campaign.output_tokens)} tokens out."
    )


def reasons(campaign: Campaign) -> list[str]:
    """The strongest sign for each question and the best innocent explanation, a sentence each."""
    said = []
    for question, meaning in (("coordination", "one hand"), ("harvest", "a training set in the making")):
        best = strongest_of(campaign, question)
        said.append(
            f"Strongest sign of {meaning} ({bits(best.bits)} bits): {_ended(best.statement)}"
            if best
            else f"Nothing speaks for {meaning}."
        )
    return [*said, innocent(campaign)]


def innocent(campaign: Campaign) -> str:
    """The best innocent explanation that was weighed, and which way it points."""
    best = max(campaign.alternatives, key=lambda a: a.bits, default=None)
    if best is None:
        return "No innocent explanation was weighed."
    verdict = "the traffic speaks for it" if best.bits > 0 else "the traffic does not speak for it"
    return f"Best innocent explanation: {best.hypothesis} ({bits(best.bits)} bits; {verdict}). {_ended(best.statement)}"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "。")) else f"{sentence}."
