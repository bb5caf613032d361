"""A release: side by side, closed under reference, approved by people, signed, recorded, written in that order."""

import json
from pathlib import Path

import pytest

from stillwatch.errors import OutputNotWritten, RefusedByPolicy
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.approval import approvers
from stillwatch.sharing.release.outbox import earlier_created, place
from stillwatch.sharing.release.prepared import Prepared, prepare, value_at
from stillwatch.sharing.release.sealed import objection, record_refusal, seal, send
from stillwatch.sharing.release.stamp import beside, stamped_by
from stillwatch.sharing.signatures.verification import Valid, verify
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.objects import as_json
from stillwatch.sharing.stix.received import read_bundle
from stillwatch.sharing.stix.writing import objects_of
from tests.sharing.feed.border import ADA, GUARD, NOW, ring
from tests.sharing.stix.disclosed import TERMS, campaign, disclosure

CAMPAIGN = campaign().id


PRICED = "The list price is 12 dollars"


def told() -> list[dict[str, object]]:
    """What the guard lets through, so that it passes again as it is."""
    return [as_json(thing) for thing in ADA.told(disclosure())]


def changed(kind: str, **changes: object) -> Prepared:
    """Prepared, after a change to the first object of a type."""
    things = told()
    place = next(i for i, thing in enumerate(things) if thing["type"] == kind)
    things[place] = things[place] | changes
    return prepare(things, GUARD)


def test_what_the_guard_lets_through_leaves_as_it_is() -> None:
    prepared = prepare(told(), GUARD)
    assert list(prepared.leaving) == [thing for thing in told() if thing["id"] not in constants()]
    assert (prepared.forbidden, prepared.kept_back, prepared.losses) == ((), (), ())


def test_every_field_stands_side_by_side_with_its_reason() -> None:
    prepared = changed("campaign", x_synthetic="unknown to all")
    lines = [line for line in prepared.lines() if line.id == CAMPAIGN]
    assert [(line.known, line.leaving, line.action) for line in lines if line.path == "x_synthetic"] == [
        ("unknown to all", None, "dropped")
    ]
    assert [line.leaving for line in lines if line.path == "first_seen"] == ["2026-11-01T00:00:00.000Z"]
    assert {line.path.partition(".")[0].partition("[")[0] for line in lines} == set(prepared.known[1])
    assert all(line.rule and line.why for line in lines)


def test_the_campaign_is_read_first_then_scaffolds_then_tokens_joints_last() -> None:
    kinds = list(dict.fromkeys(line.id.partition("--")[0] for line in prepare(told(), GUARD).lines()))
    assert kinds[:2] == ["campaign", "indicator"]
    assert kinds.index("artifact") < kinds.index("user-account") < kinds.index("report") < kinds.index("relationship")


def test_what_refers_to_what_stays_here_stays_too_and_is_said() -> None:
    prepared = changed("indicator", name=PRICED)
    (gone, _), *_ = prepared.kept_back
    left = {str(thing["id"]) for thing in prepared.leaving}
    assert gone not in left and gone not in json.dumps(prepared.leaving)
    lost = [loss for loss in prepared.losses if loss.missing == gone]
    assert {loss.id.partition("--")[0] for loss in lost if loss.whole} == {"relationship"}
    assert any(line.rule == "closure" for line in prepared.lines())


def test_what_consists_of_nothing_any_more_stays_here() -> None:
    prepared = prepare([as_json(thing) for thing in objects_of(disclosure(), TERMS)], Guard("strict"))
    assert {"infrastructure", "ipv4-addr"}.isdisjoint(thing["type"] for thing in prepared.leaving)
    assert any(loss.whole and loss.id.startswith("infrastructure") for loss in prepared.losses)
    assert "infrastructure--" not in json.dumps(prepared.leaving)


def test_what_may_never_be_said_forbids_the_whole_release() -> None:
    prepared = changed("indicator", name=PRICED)
    refusal = objection(prepared, [CAMPAIGN])
    assert isinstance(refusal, RefusedByPolicy) and "antitrust/price" in refusal.what and refusal.exit_status == 3
    assert objection(prepare(told(), GUARD), [CAMPAIGN]) is None
    assert "does not let it out" in str(objection(prepare(told(), GUARD), ["campaign--other"]))


@pytest.mark.parametrize(("names", "dual", "people"), [
    (["Ada Example", ""], False, ("Ada Example",)),
    (["Ada Example", "Ben Example"], True, ("Ada Example", "Ben Example")),
    (["Ada Example", " ada  EXAMPLE "], False, ("Ada Example",)),
    (["Ada Example", "Ａda Example"], True, None),
    (["", "  "], False, None),
    (["Ada Example"], True, None),
])  # fmt: skip
def test_two_different_people_under_dual_control(names: list[str], dual: bool, people: tuple[str, ...] | None) -> None:
    if people is None:
        with pytest.raises(RefusedByPolicy):
            approvers(names, dual_control=dual)
    else:
        assert approvers(names, dual_control=dual) == people


def test_what_is_written_is_what_was_sealed_and_the_ledger_knows_it(tmp_path: Path) -> None:
    prepared = prepare(told(), GUARD)
    sealed = seal(prepared, ADA.id, ADA.key)
    with Ledger.open(tmp_path / "l.sqlite") as ledger:
        send(sealed, prepared, ["Ada Example", "Ben Example"], tmp_path / "out.json", ledger, NOW)
        entries = list(ledger.entries())
    assert (tmp_path / "out.json").read_bytes() == sealed.data
    stamped = stamped_by(sealed.data, beside(tmp_path / "out.json").read_bytes(), ring(ADA), NOW)
    assert isinstance(stamped, Valid) and stamped.member == ADA.id
    assert [(entry.kind, entry.actor) for entry in entries] == [
        ("approval", "Ada Example"), ("approval", "Ben Example"), ("release", "Ada Example")
    ]  # fmt: skip
    assert {entry.details["sha256"] for entry in entries} == {sealed.sha256}
    reading = read_bundle(sealed.data, NOW)
    assert reading.refused == ()
    own = [one.value for one in reading.accepted if one.id not in constants()]
    assert own and all(isinstance(verify(value, ring(ADA), NOW), Valid) for value in own)


def test_what_could_not_be_written_is_recorded(tmp_path: Path) -> None:
    prepared = prepare(told(), GUARD)
    with Ledger.open(tmp_path / "l.sqlite") as ledger:
        with pytest.raises(OutputNotWritten):
            send(seal(prepared, ADA.id, ADA.key), prepared, ["Ada Example"], tmp_path / "nowhere" / "out.json", ledger, NOW)
        assert [(entry.kind, entry.details["because"]) for entry in ledger.entries()] == [("refusal", "not written")]


def test_a_refusal_is_recorded_with_what_was_kept_back(tmp_path: Path) -> None:
    prepared = changed("indicator", name=PRICED)
    with Ledger.open(tmp_path / "l.sqlite") as ledger:
        record_refusal(prepared, [CAMPAIGN], "guard", ledger, ADA.id, NOW)
        assert [entry.subject for entry in ledger.entries()] == [prepared.kept_back[0][0], CAMPAIGN]


def test_the_outbox_remembers_when_things_were_first_said(tmp_path: Path) -> None:
    path = place(tmp_path, "c.json")
    assert earlier_created(path, NOW) == {}
    path.write_bytes(ADA.bundle(told()))
    assert earlier_created(path, NOW)[CAMPAIGN] == NOW
    assert place(tmp_path / "named.json", "c.json") == tmp_path / "named.json"


@pytest.mark.parametrize(("path", "value"), [
    ("a", [{"b": 1}, {"b": 2}]), ("a[1].b", 2), ("a[].b", [1, 2]), ("a[7].b", None), ("c.x--1.d", 3), ("c.nothing.d", None), ("", None)
])  # fmt: skip
def test_paths_lead_to_values(path: str, value: object) -> None:
    thing = {"a": [{"b": 1}, {"b": 2}], "c": {"x--1": {"d": 3}}}
    assert value_at(thing, path) == (thing if not path else value)
