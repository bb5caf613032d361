"""What the hub alone can see: one campaign at several providers, sums that name nobody, and its own conduct."""

import hashlib
import itertools
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from stillwatch.errors import RefusedByPolicy
from stillwatch.hub.access.member import Role
from stillwatch.hub.analysis.alerts import correlate_and_tell
from stillwatch.hub.analysis.correlation import Days, Report, correlate, relation
from stillwatch.hub.analysis.statistics import (
    MOST_TECHNIQUES,
    YEARS_EPSILON,
    bucket,
    campaigns_by_technique,
    release,
    spend,
)
from stillwatch.hub.analysis.transparency import report
from stillwatch.hub.exchange.appeal import open_appeal
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import CampaignFigures, IdentifierToken, ScaffoldSamples, TechniqueUse
from stillwatch.sharing.stix.objects import Identity, as_json
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of
from stillwatch.vocabulary.taxonomy import taxonomy
from tests.hub.test_exchange import changes
from tests.hub.world import World, indicator

TECHNIQUES = sorted(taxonomy().ids)


def samples(*words: str) -> tuple[str, ...]:
    return tuple(sorted(hashlib.sha256(word.encode()).hexdigest()[:16] for word in words))


def told(
    number: int, scaffold: tuple[str, ...], first: date, last: date, *, techniques: int = 1, token: str | None = None
) -> Disclosure:
    day = {"hour": 0, "tzinfo": UTC}
    return Disclosure(
        f"campaign--00000000-0000-4000-8000-{number:012d}",
        datetime(first.year, first.month, first.day, **day),  # type: ignore[arg-type]
        datetime(last.year, last.month, last.day, **day),  # type: ignore[arg-type]
        CampaignFigures(
            accounts=100, requests=1000, techniques=tuple(TechniqueUse(technique=t, share=0.5) for t in TECHNIQUES[:techniques])
        ),
        (ScaffoldSamples(version=1, samples=scaffold),) if scaffold else (),
        (IdentifierToken(kind="account", epoch="e1", token=token),) if token else (),
    )


SAME = samples("a", "b", "c", "d")
DAYS = [date(2026, 10, 1) + timedelta(days=n) for n in range(60)]


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ((0, 5), (7, 20), "takeover"),
        ((0, 5), (30, 40), "linked"),
        ((0, 10), (5, 20), "safeguard arbitrage"),
        ((0, 10), (5, 11), "joint"),
        ((0, 20), (5, 10), "joint"),
        ((0, 5), (5, 5), "joint"),
        ((0, 5), (0, 30), "joint"),
    ],
)
def test_relations(earlier: tuple[int, int], later: tuple[int, int], expected: str) -> None:
    runs = (Days(DAYS[first], DAYS[last]) for first, last in (earlier, later))
    assert relation(*runs) == expected
    assert relation(Days(DAYS[0], None), Days(DAYS[1], DAYS[2])) == "linked"


def test_links_need_a_scaffold_or_a_token() -> None:
    reports = [
        Report(1, told(1, SAME, DAYS[0], DAYS[5])),
        Report(2, told(2, samples("a", "b", "x", "y"), DAYS[7], DAYS[9])),
        Report(3, told(3, samples("p", "q", "r"), DAYS[0], DAYS[5])),
        Report(1, told(4, SAME, DAYS[0], DAYS[5])),
        Report(4, told(5, samples("a", "m", "n", "o", "z"), DAYS[0], DAYS[5], token="0" * 64)),
        Report(5, told(6, (), DAYS[2], DAYS[5], token="0" * 64)),
    ]
    found = {(link.earlier.owner, link.later.owner): link for link in correlate(reports)}
    assert found.keys() == {(1, 2), (4, 5)}
    assert found[1, 2].shared == ("scaffold", "technique") and found[1, 2].relation == "takeover"
    assert found[4, 5].shared == ("token", "technique")


def test_links_equal_those_of_comparing_everything() -> None:
    """The index leaves out no pair that comparison by pairs would find."""
    words = "abcdefgh"
    reports = [
        Report(number % 4, told(number, samples(*part), DAYS[number % 9], DAYS[number % 9 + 3]))
        for number, part in enumerate(itertools.combinations(words, 3))
    ]

    def near(one: Report, other: Report) -> bool:
        a, b = (set(r.disclosure.scaffolds[0].samples) for r in (one, other))
        return one.owner != other.owner and len(a & b) >= 2

    expected = {
        frozenset((a.disclosure.campaign, b.disclosure.campaign)) for a, b in itertools.combinations(reports, 2) if near(a, b)
    }
    assert {
        frozenset((link.earlier.disclosure.campaign, link.later.disclosure.campaign)) for link in correlate(reports)
    } == expected


def _contribute(world: World, collection: str, member: str, number: int, disclosure: Disclosure, tlp: TLP = TLP.AMBER) -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    identity = Identity(
        id=f"identity--00000000-0000-4000-8000-{number:012d}", spec_version="2.1", created=now, modified=now, name=member
    )
    things = [as_json(thing) for thing in objects_of(disclosure, Terms(identity, tlp, now))]
    status = world.client(member, collection).add(*things)
    assert status["failure_count"] == 0, status


def test_alerts_go_to_those_concerned_and_tell_no_more_than_they_may_know(stored_world: World) -> None:
    for name, role in {
        "a": Role.MEMBER,
        "b": Role.MEMBER,
        "partner": Role.PARTNER,
        "secret": Role.MEMBER,
        "op": Role.OPERATOR,
    }.items():
        stored_world.member(name, role)
    collection = stored_world.collection()
    _contribute(stored_world, collection, "a", 1, told(1, SAME, DAYS[0], DAYS[5]))
    _contribute(stored_world, collection, "b", 2, told(2, SAME, DAYS[7], DAYS[20]), TLP.AMBER_STRICT)
    _contribute(stored_world, collection, "partner", 3, told(3, SAME, DAYS[30], DAYS[31]), TLP.AMBER)
    _contribute(stored_world, collection, "secret", 4, told(4, SAME, DAYS[0], DAYS[31]), TLP.RED)
    links, count = correlate_and_tell(stored_world.hub, "operator", stored_world.clock())
    assert (len(links), count) == (3, 6)
    alerts = {
        name: [c["object"] for c in changes(stored_world.client(name, collection))["changes"] if c["kind"] == "correlation"]
        for name in ("a", "b", "partner", "secret")
    }
    assert alerts["secret"] == [] and "000000000004" not in json.dumps(alerts)
    first = next(alert for alert in alerts["a"] if alert["relation"] == "takeover")
    assert first == {"campaign": told(1, SAME, DAYS[0], DAYS[5]).campaign, "relation": "takeover", "shared": ["scaffold", "technique"],
                     "role": "began here first", "other": told(2, SAME, DAYS[0], DAYS[5]).campaign}  # fmt: skip
    to_partner = {alert.get("other") for alert in alerts["partner"]}
    assert to_partner == {told(1, SAME, DAYS[0], DAYS[5]).campaign, None}
    assert correlate_and_tell(stored_world.hub, "operator", stored_world.clock())[1] == 0


def test_a_number_needs_five_contributors_none_of_whom_has_more_than_a_quarter() -> None:
    enough, few, lopsided = Counter({1: 2, 2: 2, 3: 2, 4: 2, 5: 2}), Counter({1: 9, 2: 9}), Counter({1: 9, 2: 1, 3: 1, 4: 1, 5: 1})
    numbers = release({"x": enough, "y": few, "z": lopsided}, 1000.0)
    assert [(n.campaigns, n.withheld) for n in numbers] == [
        (10, None), (None, "fewer than 5 contributors"), (None, "one contributor has more than 25%"),
    ]  # fmt: skip


def test_numbers_are_noisy_and_in_buckets() -> None:
    even = Counter(dict.fromkeys(range(10), 10))
    seen = {release({"x": even}, 0.5)[0].campaigns for _ in range(60)}
    assert len(seen) > 1 and all(number is not None and bucket(number) == number for number in seen)


@pytest.mark.parametrize(
    ("count", "expected"), [(-3, 0), (0, 0), (1, 1), (2, 2), (4, 2), (5, 5), (9, 5), (10, 10), (49, 20), (999, 500)]
)
def test_buckets(count: int, expected: int) -> None:
    assert bucket(count) == expected


def test_a_campaign_counts_for_its_most_frequent_techniques_only() -> None:
    counts = campaigns_by_technique([Report(1, told(1, SAME, DAYS[0], DAYS[1], techniques=len(TECHNIQUES)))])
    assert sum(count.total() for count in counts.values()) == MOST_TECHNIQUES


def test_the_years_budget_ends(stored_world: World) -> None:
    with stored_world.hub.database.writing() as connection:
        assert spend(connection, "synthetic", YEARS_EPSILON - 1, stored_world.clock()) == pytest.approx(1)
        for epsilon in (1.1, 0.0, -1.0):
            with pytest.raises(RefusedByPolicy):
                spend(connection, "synthetic", epsilon, stored_world.clock())
        assert spend(connection, "synthetic", 1.0, stored_world.clock()) == pytest.approx(0)
        assert spend(connection, "synthetic", 1.0, stored_world.clock() + 366 * 86_400_000_000) == pytest.approx(YEARS_EPSILON - 1)


def test_the_transparency_report(stored_world: World) -> None:
    client = stored_world.client(stored_world.member("a"), stored_world.collection())
    client.add(indicator(1), indicator(2), 5)
    client.add(indicator(1, modified="2026-02-01T00:00:00.000Z", revoked=True))
    client.delete(f"/objects/{indicator(2)['id']}/")
    open_appeal(
        stored_world.hub,
        Guard("member-standard"),
        [indicator(1)["id"]],
        "Many people share it.",
        "administrator",
        stored_world.clock(),
    )
    found: Any = report(stored_world.hub, 0, stored_world.clock() + 1000)
    assert (found.members, found.revoked, found.removed, found.appeals) == ({"member": 1}, 1, 1, {"open": 1})
    assert found.recorded == {"receipt": 3, "refusal": 1, "deletion": 1, "appeal": 1}
    assert "| removed | 1 |" in found.markdown() and indicator(1)["id"] not in found.markdown()
    assert report(stored_world.hub, stored_world.clock() + 1000, stored_world.clock() + 2000).recorded == {}
