"""Evaluation: definitions checked by hand on small results (synthetic)."""

from stillwatch.campaigns.campaign import Campaign, Campaigns, Run
from stillwatch.campaigns.evaluation import Label, evaluate


def reported(*groups: str) -> Campaigns:
    """A result with one campaign per group; a group is its accounts, one letter each."""
    campaigns = [Campaign(f"campaign--{g}", list(g), [], "", "", 0, 0, 0, 0.0, 0.0, 0.0, "low", [], [], [], []) for g in groups]
    return Campaigns(Run("", "", "", "local", 0, 0, 0, ("", ""), 0.01, []), campaigns)


LABELS = [Label(name, "first", "queue") for name in "abcdef"] + [Label(name, "second", "slow") for name in "ghij"]
LABELS += [Label(name, None, "ordinary") for name in "uvwxyz"]


def test_found_missed_false_precision_and_recall() -> None:
    found = evaluate(reported("abcdu", "xyz"), LABELS)
    assert [(e.campaign, e.reported_accounts, e.reports, e.found) for e in found.campaigns] == [
        ("first", 4, 1, True),
        ("second", 0, 0, False),
    ]
    assert (found.missed, found.false) == (["second"], ["campaign--xyz"])
    assert (found.precision, found.recall) == (4 / 8, 4 / 10)
    kinds = {kind.kind: (kind.accounts, kind.reported_accounts) for kind in found.kinds}
    assert kinds == {"queue": (6, 4), "slow": (4, 0), "ordinary": (6, 4)}


def test_a_split_campaign_counts_its_reports() -> None:
    (first, _) = evaluate(reported("abc", "def"), LABELS).campaigns
    assert (first.reports, first.found) == (2, True)


def test_nothing_reported_and_nothing_hostile_leave_rates_undefined() -> None:
    assert evaluate(reported(), LABELS).precision is None
    assert evaluate(reported("uv"), [label for label in LABELS if label.campaign is None]).recall is None
