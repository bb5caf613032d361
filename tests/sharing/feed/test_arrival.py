"""Bundles that arrive: verified, guarded, merged, all or nothing; opinions apart from facts; refusals in the ledger."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from stillwatch.errors import OutputNotWritten
from stillwatch.sharing.feed.arrival import Arrival, Border, arrive
from stillwatch.sharing.feed.effect import Standing, standings
from stillwatch.sharing.feed.store import FeedStore, Put
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.stamp import stamp
from stillwatch.sharing.stix.bundle import assembled, encoded
from stillwatch.sharing.stix.objects import Indicator, Object, Opinion, as_json
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from tests.sharing.feed.border import ADA, BEN, GUARD, NOW, Member, ring
from tests.sharing.stix.disclosed import disclosure

BORDER = Border(ring(ADA, BEN), GUARD)


def told(member: Member, days_ago: int = 0) -> list[Object]:
    return member.told(disclosure(), days_ago)


def opinion(member: Member, target: str, word: str, number: int = 1, days_ago: int = 0) -> Opinion:
    terms = Terms(member.identity, TLP.AMBER, NOW - timedelta(days=days_ago))
    return Opinion(**terms.said(f"opinion--00000000-0000-4000-8000-{number:012d}"), opinion=word, object_refs=(target,))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedStore]:
    with FeedStore.open(tmp_path / "feed.sqlite") as opened:
        yield opened


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        yield opened


def take(store: FeedStore, ledger: Ledger, data: bytes, border: Border = BORDER) -> Arrival:
    return arrive(data, "synthetic.json", store, border, ledger, BEN.id, NOW)


def held(store: FeedStore) -> list[Standing]:
    return standings(store.facts(), store.opinions(), NOW)


def indicators(store: FeedStore) -> list[Standing]:
    return [standing for standing in held(store) if isinstance(standing.thing, Indicator)]


def test_a_signed_bundle_is_taken_whole_and_to_the_byte(store: FeedStore, ledger: Ledger) -> None:
    data = ADA.bundle(told(ADA))
    arrival = take(store, ledger, data)
    assert arrival.refused == [] and set(arrival.put) == {Put.NEW}
    assert all(standing.held.author == ADA.id and standing.held.text in data.decode() for standing in held(store))
    assert [entry.kind for entry in ledger.entries()] == ["import"]


def test_the_same_again_changes_nothing(store: FeedStore, ledger: Ledger) -> None:
    data = ADA.bundle(told(ADA))
    take(store, ledger, data)
    before = list(store.facts())
    assert set(take(store, ledger, data).put) == {Put.UNCHANGED}
    assert list(store.facts()) == before


def test_a_later_version_takes_its_place_and_an_earlier_one_does_not(store: FeedStore, ledger: Ledger) -> None:
    earlier, later = ADA.bundle(told(ADA, days_ago=5)), ADA.bundle(told(ADA))
    take(store, ledger, later)
    assert Put.OLDER in take(store, ledger, earlier).put
    assert {standing.held.modified for standing in indicators(store)} == {NOW}


def test_nobody_else_changes_or_revokes_what_a_member_made(store: FeedStore, ledger: Ledger) -> None:
    take(store, ledger, ADA.bundle(told(ADA, days_ago=5)))
    theirs = [msgspec.structs.replace(thing, revoked=True) for thing in told(BEN) if isinstance(thing, Indicator)]
    arrival = take(store, ledger, BEN.bundle(theirs))
    assert {refusal.reason for refusal in arrival.refused} == {Put.FOREIGN.value}
    assert all(standing.weight > 0 for standing in indicators(store))


def test_a_revocation_removes_effect_at_once_and_for_good(store: FeedStore, ledger: Ledger) -> None:
    first = ADA.bundle(told(ADA, days_ago=5))
    take(store, ledger, first)
    revoked = [msgspec.structs.replace(thing, revoked=True) for thing in told(ADA) if isinstance(thing, Indicator)]
    take(store, ledger, ADA.bundle(revoked))
    take(store, ledger, first)
    assert {(standing.weight, standing.without_effect) for standing in indicators(store)} == {(0.0, "revoked")}


def test_no_later_version_brings_back_what_was_revoked(store: FeedStore, ledger: Ledger) -> None:
    revoked = [msgspec.structs.replace(thing, revoked=True) for thing in told(ADA, days_ago=5) if isinstance(thing, Indicator)]
    take(store, ledger, ADA.bundle(revoked))
    arrival = take(store, ledger, ADA.bundle([thing for thing in told(ADA) if isinstance(thing, Indicator)]))
    assert {refusal.reason for refusal in arrival.refused} == {Put.WITHDRAWN.value}
    assert {standing.without_effect for standing in indicators(store)} == {"revoked"}


def test_a_revoked_campaign_takes_its_indicators_with_it(store: FeedStore, ledger: Ledger) -> None:
    take(store, ledger, ADA.bundle(told(ADA, days_ago=5)))
    campaign = next(thing for thing in told(ADA) if thing.id.startswith("campaign"))
    take(store, ledger, ADA.bundle([msgspec.structs.replace(campaign, revoked=True)]))
    assert {standing.without_effect for standing in indicators(store)} == {"its campaign is revoked"}


def test_an_altered_object_is_refused_and_recorded(store: FeedStore, ledger: Ledger) -> None:
    data = ADA.bundle(told(ADA)).replace(b'"name":"Scaffold"', b'"name":"Scaffald"')
    arrival = take(store, ledger, data)
    assert len(arrival.refused) == 2 and all("signature: the object is not as key" in refusal.reason for refusal in arrival.refused)
    assert [entry.subject for entry in ledger.entries(kind="refusal")] == [refusal.id for refusal in arrival.refused]


@pytest.mark.parametrize("unsigned", [False, True])
def test_what_nobody_signed_is_taken_only_if_wanted(store: FeedStore, ledger: Ledger, unsigned: bool) -> None:
    data = encoded(assembled([as_json(thing) for thing in told(ADA)]))
    arrival = take(store, ledger, data, Border(ring(ADA), GUARD, unsigned))
    assert bool(arrival.refused) is not unsigned
    assert {standing.held.author for standing in held(store)} == ({""} if unsigned else set())


def test_a_stranger_s_key_is_refused(store: FeedStore, ledger: Ledger) -> None:
    arrival = take(store, ledger, BEN.bundle(told(BEN)), Border(ring(ADA), GUARD))
    assert held(store) == [] and all("not in the key ring" in refusal.reason for refusal in arrival.refused)


def test_the_guard_examines_what_comes_in(store: FeedStore, ledger: Ledger) -> None:
    first, second, *_ = (thing for thing in told(ADA) if isinstance(thing, Indicator))
    priced = msgspec.structs.replace(first, name="The list price is 12 dollars")
    more = as_json(second) | {"x_synthetic": "unknown to all"}
    arrival = take(store, ledger, ADA.bundle([priced, more]))
    assert [refusal.id for refusal in arrival.refused] == [first.id]
    assert arrival.refused[0].reason.startswith("guard: name: ") and "(antitrust/price)" in arrival.refused[0].reason
    assert list(arrival.redacted) == [second.id]
    (kept,) = indicators(store)
    assert "x_synthetic" not in kept.held.text


def test_a_stamp_speaks_for_all_objects_of_its_member(store: FeedStore, ledger: Ledger) -> None:
    data = encoded(assembled([as_json(thing) for thing in told(ADA)]))
    arrival = arrive(data, "synthetic.json", store, BORDER, ledger, BEN.id, NOW, stamp(data, ADA.id, ADA.key))
    assert arrival.refused == [] and {standing.held.author for standing in held(store)} == {ADA.id}


def test_a_stamp_does_not_speak_for_others(store: FeedStore, ledger: Ledger) -> None:
    unsigned, forged = told(ADA), BEN.bundle([as_json(thing) | {"created_by_ref": BEN.id} for thing in told(BEN)[:2]])
    data = encoded(assembled([as_json(thing) for thing in unsigned]))
    arrival = arrive(data, "synthetic.json", store, BORDER, ledger, BEN.id, NOW, stamp(data, BEN.id, BEN.key))
    assert {refusal.reason for refusal in arrival.refused} == {"nobody signed it"}
    assert indicators(store) == []
    altered = forged.replace(b"Synthetic provider B", b"Synthetic provider C")
    arrival = arrive(altered, "synthetic.json", store, BORDER, ledger, BEN.id, NOW, stamp(altered, ADA.id, ADA.key))
    assert any("not as key" in refusal.reason for refusal in arrival.refused)


def test_a_stamp_for_other_bytes_is_said_and_every_object_stands_on_its_own(store: FeedStore, ledger: Ledger) -> None:
    data = ADA.bundle(told(ADA))
    arrival = arrive(data, "synthetic.json", store, BORDER, ledger, BEN.id, NOW, stamp(data + b" ", ADA.id, ADA.key))
    assert [refusal.reason for refusal in arrival.refused] == ["stamp: the stamp is for other bytes"]
    assert indicators(store)


def test_opinions_stand_apart_member_by_member(store: FeedStore, ledger: Ledger) -> None:
    take(store, ledger, ADA.bundle(told(ADA)))
    before = [standing.held for standing in held(store)]
    target = indicators(store)[0].held.id
    take(store, ledger, ADA.bundle([opinion(ADA, target, "agree")]))
    take(store, ledger, BEN.bundle([opinion(BEN, target, "agree", 2, days_ago=2), opinion(BEN, target, "strongly-disagree", 3)]))
    assert [standing.held for standing in held(store)] == before
    judged = {standing.held.id: standing.opinions for standing in held(store) if standing.opinions}
    assert judged == {target: {ADA.id: "agree", BEN.id: "strongly-disagree"}}
    assert {standing.weight for standing in indicators(store)} != {0.0}


def test_one_observable_may_be_said_by_several(store: FeedStore, ledger: Ledger) -> None:
    for member in (ADA, BEN):
        take(store, ledger, member.bundle([thing for thing in told(member) if thing.id.startswith("user-account")]))
    assert [standing.held.author for standing in held(store)] == [ADA.id, BEN.id]


def test_nothing_is_taken_if_the_ledger_cannot_record_it(store: FeedStore, tmp_path: Path) -> None:
    Ledger.open(tmp_path / "other.sqlite").close()
    with Ledger.read(tmp_path / "other.sqlite") as read_only, pytest.raises(OutputNotWritten):
        take(store, read_only, ADA.bundle(told(ADA)))
    assert held(store) == []


def test_no_bundle_is_said_and_recorded(store: FeedStore, ledger: Ledger) -> None:
    arrival = take(store, ledger, b"<xml/>")
    assert [refusal.position for refusal in arrival.refused] == [None]
    assert [entry.kind for entry in ledger.entries()] == ["import", "refusal"]
