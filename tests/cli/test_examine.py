"""``stillwatch examine`` as a user runs it, from serving to report, against local end points of a guilty and an innocent model.

All models, prompts and accounts are synthetic.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from stillwatch.cli.app import app
from stillwatch.errors import StillwatchError
from stillwatch.forensics.documents import write_lines
from stillwatch.forensics.examination.result import Examination
from stillwatch.forensics.twins.pairs import Pair, read_pairs
from stillwatch.forensics.twins.serving import ServedAnswer
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.signatures.keys import write_private
from tests.forensics.fake_server import Served, serving
from tests.forensics.synthetic_world import SECRET, Student, served, teacher_answer, twins, unrelated

COUNT = 60


def stillwatch(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stillwatch", *arguments], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )


def invoke(*arguments: str) -> str:
    """Standard output of a command run in this process; an error of ours is raised."""
    result = CliRunner().invoke(app, arguments)
    if isinstance(result.exception, StillwatchError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A provider's folder after serving: secret, key, log, records, and twins drawn from the teacher's end point."""
    folder = tmp_path_factory.mktemp("provider")
    (folder / "coins.key").write_bytes(SECRET)
    write_private(Ed25519PrivateKey.generate(), folder / "serving.pem")
    log = [
        ServedAnswer(p.request_id, "2026-10-01T00:00:00Z", p.account, p.prompt, p.served, "snapshot-1", p.sampler)
        for p in twins(COUNT)
    ]
    write_lines(folder / "served.jsonl", log)
    teacher = Served(Student(served(twins(2))), lambda prompt, one: (200, teacher_answer(prompt, one.generator)))
    recorded = stillwatch("examine", "record", "served.jsonl", "--secret", "coins.key", "--key", "serving.pem", cwd=folder)
    assert recorded.returncode == 0, recorded.stderr
    (folder / "record_key").write_text(json.loads(recorded.stdout)["record_key"])
    with serving(teacher) as url:
        drawn = stillwatch(
            "examine", "twins", "served.jsonl", "--secret", "coins.key", "--url", url, "--model", "snapshot-1", cwd=folder
        )
    assert drawn.returncode == 0, drawn.stderr
    assert json.loads(drawn.stdout)["pairs"] == COUNT
    pairs = read_pairs(folder / "twins.jsonl")
    seeds = {body["seed"] for body in teacher.asked}
    assert seeds == {pair.coins.seeds[1] for pair in pairs if pair.coins}
    yield folder


def draft(folder: Path, name: str, url: str, reference: str = "", extra: str = "") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(
        f'name = "{name}"\ntwins = "twins.jsonl"\nrecords = "records.jsonl"\nrecord_key = "{(folder / "record_key").read_text()}"\n'
        f'mechanisms = ["twins-text", "twins-logprob"]\nanswers_per_prompt = 2\nidentity_names = ["Example-1"]\n{extra}\n'
        f'[suspect]\nmodel = "{name}"\nurl = "{url}"\nkind = "completions"\n[clusters]\nleft = ["acct-0", "acct-1"]\n'
        + (f'[reference]\nmodel = "reference"\nurl = "{reference}"\nkind = "completions"\n' if reference else "")
    )
    return path


def examined(folder: Path, name: str, student: Student, reference: Student) -> Examination:
    """Plan, run and report in this process; what the report's JSON says."""
    ledger = ["--ledger", str(folder / "stillwatch-ledger.sqlite")]
    with serving(Served(student)) as url, serving(Served(reference)) as other:
        invoke("examine", "plan", str(draft(folder, name, url, other)), "--out", str(folder / name), *ledger)
        invoke("examine", "run", str(folder / name), "--quiet", *ledger)
    found = msgspec.json.decode(invoke("examine", "report", str(folder / name), "--json", *ledger), type=Examination)
    assert (folder / name / "report.html").read_text().startswith("<!doctype html>")
    return found


def test_a_guilty_and_an_innocent_suspect_from_plan_to_report(provider: Path) -> None:
    pairs = read_pairs(provider / "twins.jsonl")
    reference = Student(unrelated(pairs, seed=5), pieces=3)
    innocent = examined(provider, "innocent", Student(unrelated(pairs), pieces=2), reference)
    assert innocent.verdict.level == "insufficient"
    assert all(one.finding.refused is None for one in innocent.findings)
    assert "Nothing is shown about “innocent”" in (provider / "innocent" / "report.html").read_text()
    (provider / "stillwatch-ledger.sqlite").rename(
        provider / "first.sqlite"
    )  # another examiner's ledger: the coins are fresh in this one
    invoke_record(provider)
    guilty = examined(provider, "guilty", Student(served(pairs)), reference)
    assert guilty.verdict.level == "E2"
    assert guilty.trace is not None and set(guilty.trace.named) <= {f"acct-{n}" for n in range(4)} and guilty.trace.named
    page = (provider / "guilty" / "report.html").read_text()
    for pair in pairs:
        assert pair.withheld not in page and pair.served not in page
    with Ledger.read(provider / "stillwatch-ledger.sqlite") as book:
        kinds = [entry.kind for entry in book.entries()]
    assert kinds == ["serving-record"] * COUNT + ["examination-plan", "examination-look", "examination-result"]


def invoke_record(folder: Path) -> None:
    arguments = [
        "--secret",
        str(folder / "coins.key"),
        "--key",
        str(folder / "serving.pem"),
        "--out",
        str(folder / "records.jsonl"),
    ]
    invoke("examine", "record", str(folder / "served.jsonl"), *arguments, "--ledger", str(folder / "stillwatch-ledger.sqlite"))


def small(folder: Path, pairs: list[Pair]) -> Path:
    """A folder with few pairs and no records, planned against an end point that nobody serves."""
    write_lines(folder / "twins.jsonl", pairs)
    (folder / "d.toml").write_text(
        'name = "few"\ntwins = "twins.jsonl"\n[suspect]\nmodel = "m"\nurl = "http://127.0.0.1:9/v1"\nkey_env = "SW_TEST_KEY"\n'
    )
    return folder


def test_a_plan_on_a_terminal_and_as_json(tmp_path: Path) -> None:
    folder, ledger = small(tmp_path, twins(30)), ["--ledger", str(tmp_path / "l.sqlite")]
    shown = invoke("examine", "plan", str(folder / "d.toml"), "--out", str(folder / "e"), *ledger)
    assert "30 pairs of 4 accounts" in shown
    assert "of: one account; share of training data: 25 %" in shown
    assert (
        len(json.loads(invoke("examine", "plan", str(folder / "d.toml"), "--out", str(folder / "e"), "--json", *ledger))["digest"])
        == 64
    )


def test_coins_can_be_had_before_serving(provider: Path) -> None:
    found = json.loads(invoke("examine", "coins", "req-3", "--secret", str(provider / "coins.key")))
    (pair,) = [p for p in read_pairs(provider / "twins.jsonl") if p.request_id == "req-3"]
    assert pair.coins is not None
    assert (found["seeds"], found["commitment"]) == (list(pair.coins.seeds), pair.coins.commitment)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("plan", "nowhere.toml"), 4, "draft of a plan cannot be read"),
        (("run", "nowhere"), 4, "frozen plan cannot be read"),
        (("report", "nowhere"), 4, "to mend it"),
        (("run", "e"), 2, "SW_TEST_KEY is not set"),
        (("coins", "req-1", "--secret", "nowhere"), 4, "the secret cannot be read"),
        (("record", "twins.jsonl", "--secret", "d.toml", "--key", "d.toml"), 4, "no private key"),
        (("plan", "remote.toml"), 3, "would be sent answers that were withheld"),
    ],
)
def test_errors_say_cause_and_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], status: int, said: str
) -> None:
    small(tmp_path, twins(30))
    (tmp_path / "remote.toml").write_text(
        'name = "r"\ntwins = "twins.jsonl"\nmechanisms = ["twins-logprob"]\n[suspect]\nmodel = "m"\nurl = "https://suspect.example/v1"\n'
    )
    invoke(
        "examine",
        "plan",
        str(tmp_path / "d.toml"),
        "--out",
        str(tmp_path / "e"),
        "--ledger",
        str(tmp_path / "stillwatch-ledger.sqlite"),
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StillwatchError) as caught:
        invoke("examine", *arguments)
    assert caught.value.exit_status == status
    assert said in str(caught.value)


def test_a_result_that_was_changed_is_not_reported(tmp_path: Path) -> None:
    pairs, ledger = twins(30), ["--ledger", str(tmp_path / "l.sqlite")]
    write_lines(small(tmp_path, pairs) / "a.jsonl", [{"model": "m", "prompt": p.prompt, "answer": p.served} for p in pairs])
    (tmp_path / "d.toml").write_text('name = "few"\ntwins = "twins.jsonl"\n[suspect]\nmodel = "m"\nanswers = "a.jsonl"\n')
    invoke("examine", "plan", str(tmp_path / "d.toml"), "--out", str(tmp_path / "e"), *ledger)
    invoke("examine", "run", str(tmp_path / "e"), "--quiet", *ledger)
    invoke("examine", "report", str(tmp_path / "e"), *ledger)
    result = tmp_path / "e" / "examination.json"
    result.write_text(result.read_text().replace('"seed": 0', '"seed": 1'))
    with pytest.raises(StillwatchError, match="not the one that was entered"):
        invoke("examine", "report", str(tmp_path / "e"), *ledger)
