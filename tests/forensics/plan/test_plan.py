"""Plans: drafts that contradict themselves, digests that cover everything, and what the ledger says about changes. All synthetic."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stillwatch.errors import NoReadableInput, RefusedByPolicy, UsageError
from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.documents import write_lines, write_whole
from stillwatch.forensics.plan.draft import Draft, read_draft
from stillwatch.forensics.plan.foresight import foresee
from stillwatch.forensics.plan.frozen import Plan, freeze, order, read_plan
from stillwatch.forensics.plan.registration import LOOK, PLAN, Standing, standing
from stillwatch.forensics.statistics.power import PairEffect
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.serving import Sampler
from tests.forensics.memory_ledger import MemoryLedger

NOW = datetime(2026, 10, 1, tzinfo=UTC)
LOCAL = Endpoint("example-1", url="http://localhost:8000/v1")
REMOTE = Endpoint("example-1", url="https://suspect.example/v1")


def planned(tmp_path: Path, **changes: Any) -> Plan:
    pairs = [Pair(f"req-{n}", f"acct-{n % 2}", "Why?", f"A{n}", f"B{n}", Sampler(0.0 if n == 9 else 0.7)) for n in range(10)]
    write_lines(tmp_path / "twins.jsonl", pairs)
    return freeze(Draft(**({"name": "exam", "twins": str(tmp_path / "twins.jsonl"), "suspect": LOCAL} | changes)), NOW)


def test_a_draft_is_read_with_paths_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "draft.toml").write_text(
        'name = "exam"\ntwins = "twins.jsonl"\n[suspect]\nmodel = "m"\nanswers = "a.jsonl"\n[campaign]\nfile = "c.json"\n'
    )
    draft = read_draft(tmp_path / "draft.toml")
    assert draft.campaign is not None
    assert [draft.twins, draft.suspect.answers, draft.campaign.file] == [
        str(tmp_path / n) for n in ("twins.jsonl", "a.jsonl", "c.json")
    ]
    assert draft.records == ""


@pytest.mark.parametrize(
    "text", ["", 'name = "x"', 'name = "x"\ntwins = "t"\nalhpa = 0.1\n[suspect]\nmodel = "m"\nurl = "http://a.test"\n', "name = \n"]
)
def test_what_is_no_draft_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "draft.toml").write_text(text)
    with pytest.raises(NoReadableInput, match=r"draft\.toml"):
        read_draft(tmp_path / "draft.toml")


@pytest.mark.parametrize(
    "fields",
    [
        {"alpha": 0.0},
        {"fdr": 1.0},
        {"name": " "},
        {"mechanisms": ()},
        {"mechanisms": ("twins-text", "twins-text")},
        {"answers_per_prompt": 0},
        {"stop_at": 10.0},
        {"records": "r.jsonl"},
    ],
)
def test_a_draft_that_contradicts_itself_cannot_be_made(fields: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Draft(**({"name": "exam", "twins": "t", "suspect": LOCAL} | fields))


def test_withheld_twins_do_not_leave() -> None:
    with pytest.raises(RefusedByPolicy, match="would be sent answers that were withheld") as caught:
        Draft(name="exam", twins="t", suspect=REMOTE, mechanisms=("twins-logprob",))
    assert caught.value.exit_status == 3
    with pytest.raises(RefusedByPolicy):
        Draft(name="exam", twins="t", suspect=LOCAL, reference=REMOTE, mechanisms=("twins-logprob",))
    assert Draft(name="exam", twins="t", suspect=REMOTE, mechanisms=("twins-logprob",), reveal_twins=True).reveal_twins
    assert Draft(name="exam", twins="t", suspect=REMOTE).mechanisms == ("twins-text",)


def test_a_plan_counts_what_the_rules_keep_and_reads_back_the_same(tmp_path: Path) -> None:
    plan = planned(tmp_path)
    assert (plan.pairs, plan.dropped, plan.accounts) == (9, {"drawn at temperature 0, so chance decided nothing": 1}, 2)
    write_whole(tmp_path / "plan.json", msgspec.json.encode(plan))
    assert read_plan(tmp_path / "plan.json").digest == plan.digest


@pytest.mark.parametrize("changes", [{"alpha": 0.01}, {"seed": 1}, {"answers_per_prompt": 2}, {"accounts": ["acct-0"]}])
def test_every_choice_is_in_the_digest(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert planned(tmp_path, **changes).digest != planned(tmp_path).digest


def test_a_changed_file_is_a_changed_plan(tmp_path: Path) -> None:
    before = planned(tmp_path)
    (tmp_path / "twins.jsonl").write_text((tmp_path / "twins.jsonl").read_text().replace("A3", "A4"))
    assert freeze(before.draft, NOW).digest != before.digest


def test_an_empty_scope_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoReadableInput, match="no pair is of an account in scope"):
        planned(tmp_path, accounts=["acct-9"])


def test_the_order_depends_on_seed_and_ids_alone() -> None:
    ids = [f"req-{n}" for n in range(50)]
    assert order(ids, seed=3) == order(ids[::-1], seed=3)
    assert order(ids, seed=3) != order(ids, seed=4)
    assert sorted(order(ids, seed=3)) == sorted(ids)


def registered(ledger: MemoryLedger, name: str, digest: str, coins: tuple[str, ...] = ("c1",)) -> None:
    ledger.append(PLAN, name, {"digest": digest, "coins": list(coins), "suspect": f"model of {name}"})


def looked(ledger: MemoryLedger, name: str, digest: str) -> None:
    ledger.append(LOOK, name, {"digest": digest})


def found(ledger: MemoryLedger, name: str, digest: str) -> Standing:
    return standing(ledger.entries(), name, digest, ["c1"])


def test_a_plan_that_was_registered_and_then_looked_is_in_order() -> None:
    ledger = MemoryLedger()
    registered(ledger, "exam", "p1")
    looked(ledger, "exam", "p1")
    assert found(ledger, "exam", "p1") == Standing(ledger.rows[0].time, ledger.rows[1].time, False, [], [])


def test_a_plan_changed_before_looking_is_in_order_too() -> None:
    ledger = MemoryLedger()
    registered(ledger, "exam", "p1")
    registered(ledger, "exam", "p2")
    looked(ledger, "exam", "p2")
    state = found(ledger, "exam", "p2")
    assert (state.changed_after_looking, state.reused_by, [digest for _, digest in state.earlier]) == (False, [], ["p1"])


def test_a_plan_changed_after_looking_is_shown() -> None:
    ledger = MemoryLedger()
    registered(ledger, "exam", "p1")
    looked(ledger, "exam", "p1")
    registered(ledger, "exam", "p2")
    looked(ledger, "exam", "p2")
    state = found(ledger, "exam", "p2")
    assert (state.changed_after_looking, state.reused_by) == (True, ["exam, of model of exam"])
    assert not found(ledger, "exam", "p1").changed_after_looking
    assert not found(ledger, "exam", "p1").reused_by


def test_coins_that_another_examination_looked_at_are_used_up() -> None:
    ledger = MemoryLedger()
    registered(ledger, "first", "p1")
    registered(ledger, "second", "p2")
    assert found(ledger, "second", "p2").reused_by == []  # nobody has looked yet
    looked(ledger, "first", "p1")
    assert found(ledger, "second", "p2").reused_by == ["first, of model of first"]
    registered(ledger, "third", "p3", coins=("c9",))
    assert standing(ledger.entries(), "third", "p3", ["c9"]).reused_by == []


def test_a_plan_that_the_ledger_does_not_hold_is_not_registered() -> None:
    assert found(MemoryLedger(), "exam", "p1").registered == ""


def test_foresight_by_hand() -> None:
    rows = {
        (row.of, row.share): row
        for row in foresee({"twins-text": PairEffect(0.2, 0.5)}, pairs=400, clusters={"c": 4, "none": 0}, accounts=16, alpha=0.001)
    }
    z = 0.2 * (400 * 0.25) ** 0.5
    assert rows["all pairs", 0.25].z == pytest.approx(z)
    assert rows["one account", 0.25].z == pytest.approx(z / 16)
    assert rows["cluster c", 0.25].z == pytest.approx(4 * (z / 16) / 2)
    assert (rows["one account", 0.25].pairs, rows["cluster c", 0.25].pairs) == (25, 100)
    assert len(rows) == 9
