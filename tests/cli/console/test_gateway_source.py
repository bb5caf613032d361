"""The gateway as the console asks for it, over a real gateway's folder (all values synthetic)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.cli.console.gateway import Gateway
from stillwatch.cli.console.replay import ReplayFailed
from stillwatch.console.missing import NotSetUp
from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.opening import opened
from stillwatch.gateway.settings import load_settings
from tests.cli.test_gateway import POLICY, build
from tests.cli.test_gateway import world as world
from tests.sharing.stix.disclosed import TERMS

FOLDER = Path("stillwatch-gateway")
INDICATOR = "indicator--7d2d6a3e-6f0e-4c36-9d0c-6f1c1a1b2c3d"


@pytest.fixture
def gateway(world: Path) -> Gateway:
    """A gateway that decided about an account from a network which others told of."""
    (world / "received.jsonl").write_text(
        f'{{"kind": "prefix", "value": "192.0.2.0/24", "origin": "received", "id": "{INDICATOR}", "confidence": 60}}\n'
    )
    build()
    with opened(load_settings(FOLDER)) as running:
        for turn in range(4):
            facts = Facts(account_id="pool-1", request_id=f"live-{turn}", model="m", ip="192.0.2.9")
            running.gate.finish(running.gate.judge(facts), {}, status=200)
    return Gateway(FOLDER, ["past.jsonl"], Path("accounts.jsonl"))


def test_what_is_in_force_is_read_from_the_folder(gateway: Gateway) -> None:
    assert gateway.status() == {"in_force": True, "snapshot": 1, "mode": "enforce"}
    assert gateway.policy() == POLICY
    build()
    assert gateway.status()["snapshot"] == 2


def test_a_folder_without_a_snapshot_says_why(world: Path) -> None:
    status = Gateway(world / "nothing").status()
    assert status["in_force"] is False and status["because"]
    with pytest.raises(NoReadableInput):
        Gateway(world / "nothing").policy()


def test_decisions_come_latest_first_and_are_explained(gateway: Gateway) -> None:
    found = list(gateway.decisions())
    assert [row["account_id"] for row in found] == ["pool-1"] * len(found) and found
    assert [row["ts"] for row in found] == sorted((row["ts"] for row in found), reverse=True)
    told = gateway.explain("pool-1")
    assert (told["grade"], told["plan"], told["counters"]["requests"]) == ("hide", "free", 4)
    assert INDICATOR in {each["id"] for each in [*told["evidence"], *told["cited"]]}


def test_a_pardon_leads_to_a_correction_which_is_settled_once(gateway: Gateway) -> None:
    given = gateway.pardon("pool-1", "Many unrelated people share this network", 30, "ada")
    assert given["correction"] is True and given["pardon"]["by"] == "ada"
    assert [(each["account_id"], each["by"]) for each in gateway.pardons()] == [("pool-1", "ada")]
    assert gateway.explain("pool-1")["grade"] == "allow"
    waiting = gateway.corrections()
    (said,) = [each for each in gateway.opinions(TERMS) if each["type"] == "opinion"]
    assert (said["opinion"], said["object_refs"]) == ("disagree", [INDICATOR])
    assert "pool-1" not in str(said)
    gateway.settle(waiting, int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()))
    assert len(waiting) == 1 and gateway.corrections() == []
    gateway.pardon("pool-1", "taken back", 0, "ben")
    assert gateway.explain("pool-1")["pardon"] is None


@pytest.mark.parametrize("policy", ["", "[[", 'schema = "stillwatch.policy/1"\nunknown = 1'])
def test_what_is_no_policy_is_said_with_its_place(gateway: Gateway, policy: str) -> None:
    with pytest.raises(UsageError) as said:
        gateway.check_policy(policy)
    assert said.value.place.startswith("policy")


def test_a_replay_runs_in_its_own_process_and_knows_plans(gateway: Gateway) -> None:
    found = gateway.replay(POLICY.replace('"hide"', '"block"').replace("requests = 3", "requests = 1"))
    assert (found["by_grade"]["block"], found["refused"]) == (12, 12)
    assert {hit["account_id"]: hit["plan"] for hit in found["hits"]}["pool-1"] == "free"
    assert gateway.explain("pool-1")["counters"]["requests"] == 4, "nobody was acted upon"


def test_a_replay_that_cannot_run_says_why(gateway: Gateway) -> None:
    with pytest.raises(NotSetUp):
        Gateway(FOLDER).replay(POLICY)
    with pytest.raises(ReplayFailed) as said:
        Gateway(FOLDER, ["nowhere.jsonl"]).replay(POLICY)
    assert "nowhere.jsonl" in str(said.value)
