"""``stillwatch examine`` from plan to report against servers on the loopback interface: suspects that behave badly or try to look
innocent, files that do not match, and what goes with the exact tests. All models, prompts and accounts are synthetic.
"""

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stillwatch.forensics.documents import write_lines
from stillwatch.forensics.safeguards.probes import built_in
from stillwatch.forensics.twins.pairs import Pair
from tests.cli.commands import run
from tests.cli.examination import Provider, provider
from tests.forensics.fake_server import Behaviour, Served, serving
from tests.forensics.synthetic_world import Student, served, twins, unrelated

PAIRS = twins(60)
GUILTY, INNOCENT = Student(served(PAIRS)), Student(unrelated(PAIRS), pieces=2)
EXACT = "twins-"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Provider:
    return provider(tmp_path_factory.mktemp("provider"), PAIRS)


@pytest.fixture
def ours(made: Provider, tmp_path: Path) -> Provider:
    return made.copied(tmp_path)


def answer_of(served: Served, prompt: str) -> str:
    return served.student.answer(prompt, served.generator)


REFUSES: Behaviour = lambda prompt, served: (200, "I'm sorry, but I can't help with that.")  # noqa: E731
ECHOES: Behaviour = lambda prompt, served: (200, prompt)  # noqa: E731
TRUNCATES: Behaviour = lambda prompt, served: (200, answer_of(served, prompt)[:3])  # noqa: E731
LIMITS: Behaviour = lambda prompt, served: (429, "slow down")  # noqa: E731
RANDOM: Behaviour = lambda prompt, served: (200, " ".join(f"r{n}" for n in served.generator.integers(0, 500, 30)))  # noqa: E731
ALIKE: Behaviour = lambda prompt, served: (200, "This is a fine question about many things.")  # noqa: E731


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        (REFUSES, "60 declined"),
        (ECHOES, "60 a repetition of the question"),
        (TRUNCATES, "nothing can be read from them"),
        (LIMITS, "60 failed (HTTP 429: "),
        (RANDOM, "have nothing to do with the prompts"),
        (ALIKE, "60 the same as to other questions"),
    ],
    ids=["refuses", "echoes", "truncates", "rate-limits", "answers at random", "answers alike"],
)
def test_a_suspect_that_gives_nothing_gets_no_number(ours: Provider, behaviour: Behaviour, why: str) -> None:
    with serving(Served(GUILTY, behaviour)) as url:
        result, page = ours.examined(url)
    (found,) = result.findings
    assert found.finding.refused is not None and why in found.finding.refused
    assert (found.finding.p_value, found.finding.e_value, found.likelihood, found.share) == (None, None, None, None)
    assert (result.verdict.level, result.trace) == ("insufficient", None)
    assert "Nothing is shown about “suspect”" in page and "p-value</dt>" not in page


@dataclass
class Hides(Served):
    """A guilty model that tells scoring from asking: it answers like another model, and finds every text as likely as any other."""

    def reply(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, answer = super().reply(path, body)
        if body.get("echo"):
            logprobs = answer["choices"][0]["logprobs"]
            places = [*logprobs["text_offset"], len(body["prompt"])]
            lengths = [after - place for place, after in itertools.pairwise(places)]
            logprobs["token_logprobs"] = [None, *(-0.5 * length for length in lengths[1:])]
        return status, answer


def test_a_suspect_that_tries_to_look_innocent_is_not_called_innocent(ours: Provider) -> None:
    hidden = Hides(GUILTY, lambda prompt, one: (200, INNOCENT.answer(prompt, one.generator)))
    with serving(hidden) as url:
        result, page = ours.examined(url, mechanisms=["twins-text", "twins-logprob"])
    text, scores = (one.finding for one in result.findings)
    assert text.level == "insufficient" and "neither shows that it learned from them nor that it did not" in text.statement
    assert scores.refused is not None and "0 usable pairs are too few" in scores.refused
    assert result.verdict.level == "insufficient"
    assert "That the suspect did not learn from us." in page


def test_a_guilty_suspect_with_another_tokeniser_is_found_all_the_same(ours: Provider) -> None:
    with serving(Served(Student(served(PAIRS), pieces=3))) as url:
        result, _ = ours.examined(url, mechanisms=["twins-logprob"])
    assert result.verdict.level == "E2"


def empty_twins(pairs: list[Pair]) -> list[Pair]:
    return [msgspec.structs.replace(pair, withheld=" ") for pair in pairs]


def few(pairs: list[Pair]) -> list[Pair]:
    return pairs[:12]


@pytest.mark.parametrize(
    ("spoil", "said"), [(empty_twins, "0 usable pairs are too few"), (few, "12 usable pairs are too few")], ids=["empty", "few"]
)
def test_pairs_that_are_of_no_use_get_no_number(tmp_path: Path, spoil: Callable[[list[Pair]], list[Pair]], said: str) -> None:
    spoilt = provider(tmp_path, spoil(PAIRS))
    with serving(Served(GUILTY)) as url:
        result, _ = spoilt.examined(url, mechanisms=["twins-logprob"])
    (found,) = result.findings
    assert found.finding.refused is not None and said in found.finding.refused
    assert result.verdict.level == "insufficient"


def test_another_ledger_gets_no_number_and_the_suspect_is_not_asked(ours: Provider) -> None:
    suspect = Served(GUILTY)
    with serving(suspect) as url:
        (ours.folder / "stillwatch-ledger.sqlite").unlink()
        result, page = ours.examined(url)
    (found,) = result.findings
    assert found.finding.refused is not None and "a record is not in the ledger (60 of 60)" in found.finding.refused
    assert suspect.asked == []
    assert "Nothing is shown" in page


def test_a_served_log_given_again_is_not_entered_twice(ours: Provider) -> None:
    said = ours.done("examine", "record", "served.jsonl", "--secret", "coins.key", "--key", "serving.pem")
    assert (json.loads(said)["records"], json.loads(said)["new"]) == (60, 0)


def test_a_plan_changed_after_looking_is_said_on_the_page_and_proves_nothing(ours: Provider) -> None:
    with serving(Served(GUILTY)) as url:
        first, _ = ours.examined(url, mechanisms=["twins-logprob"])
        changed, page = ours.examined(url, "changed", mechanisms=["twins-logprob"], alpha=0.01)
    assert (first.verdict.level, changed.verdict.level) == ("E2", "E1")
    assert changed.standing.changed_after_looking
    assert "The plan was changed after looking." in page
    assert "A lead, no proof, about “suspect”" in page


def test_the_same_coins_for_another_suspect_count_by_bets_alone(ours: Provider) -> None:
    with serving(Served(INNOCENT)) as url:
        ours.examined(url, "first", name="first", mechanisms=["twins-logprob"])
    with serving(Served(GUILTY)) as url:
        second, page = ours.examined(url, "second", name="second", mechanisms=["twins-logprob"])
    (found,) = second.findings
    assert found.finding.e_value is not None and found.finding.p_value == pytest.approx(1 / found.finding.e_value)
    assert "The same coins were used before" in page


@pytest.fixture
def servers() -> Iterator[dict[str, str]]:
    """Addresses of a suspect without safeguards, a teacher with them, and a control."""
    guarded = {probe.prompt for probe in built_in() if probe.kind != "ordinary"}

    def careful(prompt: str, one: Served) -> tuple[int, str]:
        return 200, "I'm sorry, I can't help with that." if prompt.strip() in guarded else answer_of(one, prompt)

    with (
        serving(Served(GUILTY)) as suspect,
        serving(Served(INNOCENT, careful)) as teacher,
        serving(Served(Student(unrelated(PAIRS, seed=3)))) as control,
    ):
        yield {"suspect": suspect, "teacher": teacher, "control": control}


def further(folder: Path, servers: dict[str, str]) -> dict[str, Any]:
    """Choices of a draft with leads, safeguards and a campaign, and the files that they name."""
    campaign = {"id": "campaign--1", "accounts": ["acct-0", "acct-3"], "q_value": 0.001}
    techniques = [{"name": "synthetic sweep", "share": 1.0}]
    (folder / "campaigns.json").write_text(json.dumps({"campaigns": [campaign | {"techniques": techniques}]}))
    row = {"ts": "2026-09-01T00:00:00Z", "model": "m", "status": 200, "output_tokens": 10}
    write_lines(folder / "log.jsonl", [row | {"request_id": f"r{n}", "account_id": f"acct-{n % 4}"} for n in range(8)])
    words = [(f"control-{n}", pair.prompt, f"z{n} z{place} z{place % 7}") for n in range(19) for place, pair in enumerate(PAIRS)]
    write_lines(folder / "controls.jsonl", [dict(zip(("model", "prompt", "answer"), one, strict=True)) for one in words])
    return {
        "mechanisms": ["twins-text", "twins-logprob"],
        "control_answers": "controls.jsonl",
        "controls": [{"model": "control", "url": servers["control"], "kind": "completions"}],
        "identity_names": ["Example-1"],
        "safeguards": {"teacher": {"model": "teacher", "url": servers["teacher"], "kind": "completions"}},
        "campaign": {"file": "campaigns.json", "logs": ["log.jsonl"]},
        "clusters": {"left": ["acct-0", "acct-1"]},
    }


def test_leads_safeguards_and_loss_stand_beside_the_proof(ours: Provider, servers: dict[str, str]) -> None:
    result, page = ours.examined(servers["suspect"], **further(ours.folder, servers))
    levels = {one.finding.mechanism: one.finding.level for one in result.findings}
    assert levels["twins-logprob"] == "E2"
    assert set(levels) - {"twins-text", "twins-logprob"} == {
        "population-style",
        "population-likelihood",
        "style-closed-set",
        "identity",
    }
    assert all(level in ("insufficient", "E0", "E1") for name, level in levels.items() if not name.startswith(EXACT))
    probes = result.safeguards["guarded probes"]
    assert (probes.probes, probes.teacher_declines, probes.suspect_declines) == (20, 20, 0)
    assert result.loss is not None and result.loss.requests == 4
    for said in ("What was taken", "synthetic sweep: ", "Safeguards", "guarded probes", "Which accounts"):
        assert said in page


def test_a_real_process_goes_the_same_way(ours: Provider, servers: dict[str, str]) -> None:
    """Plan, run and report as processes of their own; a run that finds everything answered asks nobody again."""

    def stillwatch(*arguments: str) -> str:
        command = [sys.executable, "-m", "stillwatch", "examine", *arguments]
        done = subprocess.run(command, cwd=ours.folder, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    ours.planned(servers["suspect"], **further(ours.folder, servers))
    first = json.loads(stillwatch("run", "exam", "--json"))
    again = json.loads(stillwatch("run", "exam", "--json"))
    assert (first["cost"]["calls"] > 0, again["cost"]["calls"]) == (True, 0)
    assert first["verdict"] == again["verdict"]
    assert json.loads(stillwatch("report", "exam", "--json"))["verdict"] == first["verdict"]


def test_a_run_that_its_server_leaves_half_done_is_taken_up_again(ours: Provider) -> None:
    left = {"answers": 30}

    def tires(prompt: str, one: Served) -> tuple[int, str]:
        left["answers"] -= 1
        return (200, answer_of(one, prompt)) if left["answers"] >= 0 else (503, "gone")

    suspect = Served(GUILTY, tires)
    with serving(suspect) as url:
        ours.planned(url)
        half = json.loads(ours.done("examine", "run", "exam", "--json", "--quiet"))
        left["answers"], asked = 1000, len(suspect.asked)
        whole = json.loads(ours.done("examine", "run", "exam", "--json", "--quiet"))
    assert half["cost"]["calls"] + whole["cost"]["calls"] >= 60
    assert len(suspect.asked) - asked == 30
    assert whole["findings"][0]["finding"]["refused"] is None


def test_a_budget_that_is_spent_ends_the_run_with_what_to_do(ours: Provider) -> None:
    priced = {"model": "suspect", "kind": "completions", "price_input": 10.0, "price_output": 10.0}
    with serving(Served(GUILTY)) as url:
        ours.planned(url, suspect=priced | {"url": url})
        stopped = run("examine", "run", "exam", "--budget", "0.005", "--quiet", cwd=ours.folder)
    assert stopped.returncode == 3
    assert "budget" in stopped.stderr and "0.005" in stopped.stderr
