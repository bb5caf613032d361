"""The commands as a user runs them: results, exit statuses, and error texts with cause and cure."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "captures"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stillwatch", *arguments], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    done = run("simulate", "--out", "world", "--accounts", "600", "--seed", "2", "--campaign", "queue:60", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accounts"] == 600
    assert run("scan", "world/requests", "--out", "earlier", "--quiet", cwd=folder).returncode == 0
    return folder


def test_simulate_scan_evaluate(world: Path) -> None:
    scanned = run(
        "scan", "world/requests", "--accounts", "world/accounts.parquet", "--events", "world/events.parquet", "--json", cwd=world
    )
    assert scanned.returncode == 0, scanned.stderr
    document = json.loads(scanned.stdout)
    assert document["schema"] == "stillwatch.campaigns/1"
    assert sorted(path.name for path in (world / "stillwatch-out").iterdir()) == [
        "accounts.parquet", "campaigns.json", "details.jsonl", "rejected.jsonl", "report.html"
    ]  # fmt: skip
    compared = run("evaluate", "stillwatch-out", "--labels", "world/labels.parquet", "--json", cwd=world)
    assert [entry["found"] for entry in json.loads(compared.stdout)["campaigns"]] == [True]
    shown = run("evaluate", "stillwatch-out", "--labels", "world/labels.parquet", cwd=world)
    assert "False campaigns: 0" in shown.stdout
    assert not [path for path in world.iterdir() if path.name.startswith(".stillwatch-")]


def test_quiet_prints_nothing(world: Path) -> None:
    done = run("scan", "world/requests", "--out", "quiet", "--quiet", cwd=world)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (("scan",), 2, "Missing argument"),
    (("scan", "nowhere"), 4, "no such file or folder"),
    (("scan", "world/labels.parquet"), 4, "no request could be read"),
    (("scan", "world/requests", "--format", "syslog"), 2, "no such format: syslog"),
    (("scan", "world/requests", "--engine", "abacus"), 2, "no such engine"),
    (("scan", "world/requests", "--spark-master", "local[2]"), 2, "add --engine spark"),
    (("scan", "world/requests", "--engine", "spark", "--spark-conf", "spark.executor.memory"), 2, "no setting"),
        (["scan", "world/requests", "--state", "s3a://bucket/state"], 2, "keeps no state in other storage"),
        (["scan", "world/requests", "--out", "s3a://bucket/out"], 2, "writes into folders only"),
        (["scan", "world/requests", "--out-table", "synthetic"], 2, "only Spark has tables to write to"),
    (("scan", "world/requests", "--fdr", "2"), 2, "not a rate between 0 and 1"),
    (("scan", "world/requests", "--accounts", "world/events.parquet"), 2, "no row has account_id"),
    (("evaluate", "world", "--labels", "world/labels.parquet"), 2, "name the folder that scan wrote"),
    (("evaluate", "earlier", "--labels", "world/accounts.parquet"), 2, "holds no labels"),
    (("simulate", "--out", "w", "--campaign", "unheard-of"), 2, "no such campaign: unheard-of"),
    (("simulate", "--out", "w", "--accounts", "60", "--campaign", "queue:500"), 2, "larger than the world"),
])  # fmt: skip
def test_errors_say_what_and_what_to_do(world: Path, arguments: tuple[str, ...], status: int, said: str) -> None:
    done = run(*arguments, cwd=world)
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
    assert said in done.stderr
    assert status != 4 or "to mend it:" in done.stderr


@pytest.mark.parametrize("command", ["scan", "demo", "simulate", "evaluate"])
def test_every_help_has_a_runnable_example(command: str, tmp_path: Path) -> None:
    assert "Example:" in run(command, "--help", cwd=tmp_path).stdout


@pytest.mark.skipif(not SHARED.exists(), reason="the captures of real tools are not beside the project")
def test_every_captured_request_of_real_tools_is_read_or_rejected_with_a_reason(tmp_path: Path) -> None:
    done = run("scan", str(SHARED), "--out", "result", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    rejected = [json.loads(line) for line in (tmp_path / "result" / "rejected.jsonl").read_text("utf-8").splitlines()]
    assert document["run"]["rejected_rows"] == len(rejected)
    assert {entry["reason"] for entry in rejected} == {"asks no model: GET /v1/models"}
    captured = 5973 + 4 * 110  # every capture's requests; each of 110 completions asks five prompts at once
    assert document["run"]["requests"] + len(rejected) == captured
    assert document["campaigns"] == []
