"""``stillwatch gateway`` as a user runs it: build, replay, explain, pardon, roll back. All values are synthetic."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from stillwatch.cli.gateway.commands import app
from stillwatch.errors import StillwatchError
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.opening import opened
from stillwatch.gateway.records.correction import Corrections
from stillwatch.gateway.settings import load_settings
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.traffic.intake import take_in

CAMPAIGN = {
    "id": "campaign--1",
    "accounts": [f"pool-{number}" for number in range(5)],
    "q_value": 0.001,
    "requests": 200,
    "scaffolds": [],
}
POLICY = """
schema = "stillwatch.policy/1"
mode = "enforce"
[[rule]]
name = "members"
evidence = ["campaign"]
origin = "own"
min_confidence = 95
when = {requests = 3}
grade = "hide"
plans = {enterprise = "watch"}
[[rule]]
name = "received"
evidence = ["prefix"]
origin = "received"
grade = "watch"
"""


def run(*arguments: str) -> Any:
    """A command in this process; an error of ours is raised."""
    done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def run_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scan's result, a policy, accounts, further files and past traffic, in the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scan").mkdir()
    document = {"schema": "stillwatch.campaigns/1", "run": {}, "campaigns": [CAMPAIGN]}
    (tmp_path / "scan" / "campaigns.json").write_text(json.dumps(document))
    (tmp_path / "policy.toml").write_text(POLICY)
    (tmp_path / "accounts.jsonl").write_text(
        '{"account_id": "pool-0", "plan": "enterprise"}\n{"account_id": "pool-1", "plan": "free"}\n'
    )
    received = {
        "kind": "prefix",
        "value": "192.0.2.0/24",
        "origin": "received",
        "member": "member-b",
        "id": "indicator--1",
        "confidence": 60,
    }
    (tmp_path / "received.jsonl").write_text(json.dumps(received) + "\n")
    (tmp_path / "registers.toml").write_text('[[authorised]]\naccount = "pool-2"\ncontract = "C-1 (synthetic)"\n')
    (tmp_path / "relays.txt").write_text("203.0.113.0/24 # synthetic\n")
    begin = datetime(2026, 10, 12, tzinfo=UTC)
    rows = [
        {"request_id": f"{account}-{turn}", "ts": (begin + timedelta(seconds=turn)).isoformat(), "account_id": account, "model": "m", "ip": "192.0.2.9"}
        for account in (*CAMPAIGN["accounts"], "benign")  # type: ignore[misc]
        for turn in range(4)
    ]  # fmt: skip
    (tmp_path / "past.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def build(*more: str) -> Any:
    return run_json(
        "build", "--scan", "scan", "--policy", "policy.toml", "--accounts", "accounts.jsonl", "--indicators", "received.jsonl",
        "--registers", "registers.toml", "--shared-egress", "relays.txt", *more,
    )  # fmt: skip


def test_build_replay_explain(world: Path) -> None:
    built = build()
    assert (built["snapshot"], built["mode"], built["from_scan"], built["accounts"], built["shared_egress"]) == (
        1,
        "enforce",
        5,
        2,
        1,
    )
    replayed = run_json("replay", "past.jsonl")
    assert (replayed["requests"], replayed["accounts"], replayed["untouched"]) == (24, 6, 3)
    hidden = {hit["account_id"]: (hit["after"], hit["requests"]) for hit in replayed["hits"] if hit["grade"] == "hide"}
    assert hidden == dict.fromkeys(("pool-1", "pool-3", "pool-4"), (3, 2))
    assert {hit["grade"] for hit in replayed["hits"] if hit["account_id"] == "benign"} == {"watch"}
    explained = run_json("explain", "pool-0")
    assert (explained["plan"], explained["evidence"][0]["id"]) == ("enterprise", "campaign--1")
    assert "authorised under C-1 (synthetic)" in run("explain", "pool-2")
    assert "hide 6" in run("replay", "past.jsonl")


def test_replay_tries_another_policy_before_it_is_in_force(world: Path) -> None:
    build()
    (world / "stricter.toml").write_text(POLICY.replace('"hide"', '"block"').replace("requests = 3", "requests = 1"))
    replayed = run_json("replay", "past.jsonl", "--policy", "stricter.toml")
    assert (replayed["by_grade"]["block"], replayed["refused"]) == (12, 12)
    assert run_json("replay", "past.jsonl")["refused"] == 0


def test_pardon_is_recorded_takes_effect_and_travels_where_evidence_was_shared(world: Path) -> None:
    build()
    own = run_json("pardon", "pool-1", "--because", "synthetic mistake", "--by", "analyst-1")
    assert own["correction"] is False
    assert run_json("explain", "pool-1")["grade"] == "allow"
    shared = {"kind": "account", "value": "known", "origin": "received", "id": "indicator--7", "confidence": 80}
    (world / "received.jsonl").write_text(json.dumps(shared) + "\n")
    build()
    assert run_json("pardon", "known", "--because", "synthetic mistake", "--by", "analyst-1")["correction"] is True
    (waiting,) = Corrections(Path("stillwatch-gateway/corrections.jsonl")).waiting()
    assert waiting.evidence == ("indicator--7",)
    assert "known" not in waiting.because
    with Ledger.read(Path("stillwatch-gateway/ledger.sqlite")) as ledger:
        pardons = [(entry.subject, entry.actor) for entry in ledger.entries(0, "pardon")]
    assert pardons == [("pool-1", "analyst-1"), ("known", "analyst-1")]
    assert "served until" in run("pardon", "pool-1", "--because", "taken back", "--days", "0")
    assert run_json("explain", "pool-1")["pardon"] is None


def test_a_correction_leaves_as_an_opinion_past_the_guard_once_and_names_nobody(world: Path) -> None:
    indicator = "indicator--7d2d6a3e-6f0e-4c36-9d0c-6f1c1a1b2c3d"
    received = {"kind": "prefix", "value": "192.0.2.0/24", "origin": "received", "id": indicator, "confidence": 60}
    (world / "received.jsonl").write_text(json.dumps(received) + "\n")
    build()
    with opened(load_settings(Path("stillwatch-gateway"))) as gateway:
        facts = Facts(account_id="mistaken-customer", request_id="live-1", model="m", ip="192.0.2.9")
        gateway.gate.finish(gateway.gate.judge(facts), {}, status=200)
    reason = "The network serves many unrelated people"
    assert run_json("pardon", "mistaken-customer", "--because", reason)["correction"] is True
    assert run_json("correct", "--dry-run")["corrections"] == 1
    told = run_json("correct", "--approve", "Ada Example", "--yes")
    sent = Path(told["released"]["file"]).read_text()
    (said,) = [thing for thing in json.loads(sent)["objects"] if thing["type"] == "opinion"]
    assert (said["opinion"], said["object_refs"], said["explanation"]) == ("disagree", [indicator], reason)
    assert "mistaken-customer" not in sent
    assert run_json("correct")["corrections"] == 0


def test_a_correction_that_the_guard_refuses_waits_on(world: Path) -> None:
    received = {"kind": "account", "value": "known", "origin": "received", "id": "indicator--7d2d6a3e-6f0e-4c36-9d0c-6f1c1a1b2c3d"}
    (world / "received.jsonl").write_text(json.dumps(received) + "\n")
    build()
    run_json("pardon", "known", "--because", "synthetic: we will all block them together from Monday")
    with pytest.raises(StillwatchError):
        run("correct", "--approve", "Ada Example", "--yes", "--json")
    assert len(Corrections(Path("stillwatch-gateway/corrections.jsonl")).waiting()) == 1


def test_a_damaged_snapshot_keeps_nobody_from_being_pardoned(world: Path) -> None:
    build()
    Path("stillwatch-gateway/snapshots/00000001.snapshot").write_bytes(b"cut short")
    assert run_json("pardon", "pool-1", "--because", "synthetic mistake")["pardon"]["account_id"] == "pool-1"


def test_a_released_campaign_is_shared_evidence(world: Path) -> None:
    (world / "stillwatch-outbox").mkdir()
    (world / "stillwatch-outbox" / "bundle.json").write_text('{"type": "bundle", "objects": [{"id": "campaign--1"}]}')
    build()
    assert run_json("pardon", "pool-1", "--because", "synthetic mistake")["correction"] is True
    (world / "stillwatch-outbox" / "bundle.json").write_text("{")
    with pytest.raises(StillwatchError, match="no bundle"):
        build()


def test_rollback_by_one_command(world: Path) -> None:
    build()
    build()
    assert run_json("rollback") == {"from": 2, "to": 1}
    assert "snapshot 2 is in force instead of 1" in run("rollback", "--to", "2")


def test_decisions_are_traffic_that_the_next_scan_reads_and_that_explain_finds(world: Path) -> None:
    build()
    with opened(load_settings(Path("stillwatch-gateway"))) as gateway:
        for turn in range(4):
            facts = Facts(account_id="pool-1", request_id=f"live-{turn}", model="m", ip="198.51.100.1")
            gateway.gate.finish(gateway.gate.judge(facts), {}, status=200)
    row = run_json("explain", "live-3")
    assert (row["account_id"], row["gateway_action"], row["gateway_enforced"]) == ("pool-1", "hide", True)
    assert "live-3 of pool-1" in run("explain", "live-3")
    assert run_json("explain", "pool-1")["counters"]["requests"] == 4
    assert len(run_json("explain", "pool-1")["recent"]) == 2
    staging = world / "staging"
    staging.mkdir()
    taken = take_in(["stillwatch-gateway/decisions"], staging=staging, rejected=world / "rejected.jsonl", now=datetime.now(UTC))
    assert (taken.rows, taken.rejected_rows) == (2, 0)


def test_tokens_lead_to_the_accounts_that_hold_them(world: Path) -> None:
    received = {"kind": "token", "value": "swt1:e:payment:x", "origin": "received", "id": "campaign--9", "confidence": 80}
    (world / "received.jsonl").write_text(json.dumps(received) + "\n")
    (world / "tokens.jsonl").write_text('{"account_id": "holder", "token": "swt1:e:payment:x"}\n')
    build("--tokens", "tokens.jsonl")
    assert run_json("explain", "holder")["evidence"][0]["id"] == "campaign--9"


@pytest.mark.parametrize(("arguments", "said"), [
    (("build", "--scan", "nowhere"), "cannot be read"),
    (("build", "--policy", "past.jsonl"), "not TOML"),
    (("build", "--indicators", "past.jsonl"), "no indicator"),
    (("build", "--registers", "policy.toml"), "unknown field"),
    (("build", "--shared-egress", "policy.toml"), "no prefix"),
    (("build", "--tokens", "past.jsonl"), "unknown field"),
    (("build", "--key", "past.jsonl"), "no private key"),
    (("replay", "past.jsonl"), "no snapshot was published yet"),
    (("rollback",), "nothing before snapshot 0"),
    (("explain", "x"), "no snapshot was published yet"),
    (("run", "--listen", "here"), "no address to listen at"),
])  # fmt: skip
def test_errors_say_what_and_what_to_do(world: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(StillwatchError) as error:
        run(*arguments)
    assert said in str(error.value)
    assert "to mend it:" in str(error.value)


def test_unknown_settings_and_accounts_are_errors(world: Path) -> None:
    build()
    with pytest.raises(StillwatchError, match="nothing is known of 'nobody'"):
        run("explain", "nobody")
    Path("stillwatch-gateway/gateway.toml").write_text("speed = 3\n")
    with pytest.raises(StillwatchError, match="speed"):
        run("explain", "pool-1")


def test_the_command_is_there_and_every_help_has_an_example(world: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stillwatch", "gateway", "explain", "x"], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, "to mend it:" in done.stderr, "Traceback" in done.stderr) == (4, True, False)
    for command in ("build", "replay", "explain", "pardon", "correct", "rollback", "run"):
        assert "Example:  stillwatch gateway" in run(command, "--help")
