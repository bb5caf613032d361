"""What goes with the exact tests: leads, safeguards, loss, a caught campaign, a watermark. All models and texts are synthetic."""

import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.access.outcome import Answer, Score
from stillwatch.forensics.documents import write_lines
from stillwatch.forensics.examination.examination import examine
from stillwatch.forensics.examination.further import linked
from stillwatch.forensics.examination.mark import Exchange, Models, committed, marked
from stillwatch.forensics.examination.result import Examination
from stillwatch.forensics.finding import Finding
from stillwatch.forensics.plan.draft import CampaignSource, Draft, SafeguardSource, WatermarkSource
from stillwatch.forensics.plan.frozen import freeze
from stillwatch.forensics.plan.registration import PLAN
from stillwatch.forensics.report.page import render
from stillwatch.forensics.safeguards.probes import built_in
from stillwatch.forensics.watermark.contexts import contexts
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.keys import TierKey, tier_key
from stillwatch.forensics.watermark.pairs import Pairs, distinct_pairs
from tests.forensics.examination.bench import GUILTY, INNOCENT, PAIRS, Bench
from tests.forensics.fake_server import Served
from tests.forensics.memory_ledger import START
from tests.forensics.synthetic_world import Student, unrelated


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def stranger(number: int) -> list[dict[str, str]]:
    """Recorded answers of a control with a vocabulary of its own; every third is short of answers."""
    generator = np.random.default_rng(number)
    prompts = [pair.prompt for pair in PAIRS][: 20 if number % 10 == 9 else len(PAIRS)]
    return [
        {"model": f"control-{number}", "prompt": p, "answer": " ".join(f"z{n}" for n in generator.integers(0, 90, 25))}
        for p in prompts
    ]


def test_leads_stay_leads(bench: Bench) -> None:
    write_lines(bench.folder / "controls.jsonl", [row for n in range(22) for row in stranger(n)])
    plan = bench.plan(
        bench.serve("suspect", GUILTY),
        PAIRS,
        control_answers=str(bench.folder / "controls.jsonl"),
        controls=[bench.serve("other-teacher", Student(unrelated(PAIRS, seed=3)))],
        identity_names=["c7"],
        mechanisms=("twins-text", "twins-logprob"),
    )
    result = bench.examine(plan)
    found = {one.finding.mechanism: one.finding for one in result.findings}
    assert set(found) == {
        "twins-text",
        "twins-logprob",
        "population-style",
        "population-likelihood",
        "style-closed-set",
        "identity",
    }
    assert found["population-style"].counted == 21
    assert result.notes == ["2 of 23 controls answered less than half of the prompts."]
    assert found["population-likelihood"].p_value in (0.5, 1.0)
    assert found["population-likelihood"].level == "insufficient"
    assert all(found[name].level in ("insufficient", "E0", "E1") for name in found if not name.startswith("twins"))
    assert result.verdict.level == "E1"


def test_safeguards_are_compared_on_the_same_probes(bench: Bench) -> None:
    guarded = {probe.prompt for probe in built_in() if probe.kind != "ordinary"}

    def declines(prompt: str, one: Served) -> tuple[int, str]:
        return 200, "I'm sorry, I can't help with that." if prompt.strip() in guarded else "Gladly: pour hot water."

    plan = bench.plan(
        bench.serve("suspect", INNOCENT), safeguards=SafeguardSource(teacher=bench.serve("teacher", GUILTY, declines))
    )
    result = bench.examine(plan)
    ours = result.safeguards["guarded probes"]
    assert (ours.probes, ours.teacher_declines, ours.suspect_declines) == (20, 20, 0)
    assert ours.difference_interval.lower > 0.5
    assert result.safeguards["ordinary probes"].teacher_declines == 0


def test_safeguards_from_logs_of_inspect(bench: Bench) -> None:
    for name, text in (("ours", "I cannot help with that."), ("theirs", "Of course.")):
        samples = [{"id": n, "output": {"choices": [{"message": {"content": text if n else ""}}]}} for n in range(9)]
        (bench.folder / f"{name}.json").write_text(json.dumps({"samples": samples}))
    logs = SafeguardSource(teacher_log=str(bench.folder / "ours.json"), suspect_log=str(bench.folder / "theirs.json"))
    found = bench.examine(bench.plan(bench.serve("suspect", INNOCENT), safeguards=logs)).safeguards["logs of Inspect"]
    assert (found.probes, found.teacher_declines, found.suspect_declines, found.unanswered) == (8, 8, 0, 1)


def campaign(bench: Bench, q_value: float) -> CampaignSource:
    (bench.folder / "campaigns.json").write_text(
        json.dumps(
            {
                "campaigns": [
                    {
                        "id": "campaign--1",
                        "accounts": ["acct-0", "acct-3"],
                        "q_value": q_value,
                        "techniques": [{"name": "sweep", "share": 1.0}],
                    }
                ]
            }
        )
    )
    rows = [
        {
            "request_id": f"r{n}",
            "ts": "2026-09-01T00:00:00Z",
            "account_id": f"acct-{n % 4}",
            "model": "m",
            "status": 200,
            "output_tokens": 10,
        }
        for n in range(8)
    ]
    (bench.folder / "log.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return CampaignSource(file=str(bench.folder / "campaigns.json"), logs=[str(bench.folder / "log.jsonl")])


def test_the_loss_and_the_link_to_a_caught_campaign(bench: Bench) -> None:
    plan = bench.plan(
        bench.serve("suspect", GUILTY), campaign=campaign(bench, 0.001), mechanisms=("twins-logprob",), **bench.record(PAIRS)
    )
    result = bench.examine(plan)
    assert result.loss is not None and result.loss.output_tokens is not None
    assert (result.loss.requests, result.loss.output_tokens.low, result.loss.techniques[0].answers.high) == (4, 40, 4)
    assert linked(plan.draft) == {"acct-0", "acct-3"}
    assert linked(msgspec.structs.replace(plan.draft, campaign=campaign(bench, 0.2))) == set()


class Marked(Bench):
    """A bench whose suspect answers with words that a green list of width 1 favours, by the ids of a word-level tokeniser."""

    words = tuple(f"m{n}" for n in range(500))
    secret = "ab" * 32
    marks = tier_key(bytes.fromhex(secret), "global")

    def source(self, *, account_codes: bool = False) -> WatermarkSource:
        tokenizers = pytest.importorskip("tokenizers")
        model = tokenizers.models.WordLevel({word: place for place, word in enumerate([*self.words, "[UNK]"])}, unk_token="[UNK]")
        tokenizer = tokenizers.Tokenizer(model)
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
        tokenizer.save(str(self.folder / "tokenizer.json"))
        return WatermarkSource("MARK_SECRET", str(self.folder / "tokenizer.json"), width=1, account_codes=account_codes)

    def examined(self, source: WatermarkSource) -> Examination:
        """The suspect repeats what was served."""
        suspect = self.serve("suspect", GUILTY, self.marked)
        served = [msgspec.structs.replace(pair, served=self.marked(pair.prompt, None)[1]) for pair in PAIRS]
        write_lines(self.folder / "twins.jsonl", served)
        draft = Draft(name="exam", twins=str(self.folder / "twins.jsonl"), suspect=suspect, watermark=source)
        plan = freeze(draft, START, mark_commitment=committed(source, {"MARK_SECRET": self.secret}))
        self.ledger.append(PLAN, "exam", {"digest": plan.digest, "coins": plan.coins})
        means = replace(self.means, environment={"MARK_SECRET": self.secret})
        return examine(plan, means, self.ledger, actor="examiner", clock=lambda: START, progress=lambda step, done: None)

    def marked(self, prompt: str, served: object) -> tuple[int, str]:
        generator = np.random.default_rng(zlib.crc32(prompt.encode()))
        tokens = [int(generator.integers(0, 500))]
        for _ in range(30):
            choices = generator.choice(500, size=8, replace=False)
            rows = [distinct_pairs([np.array([tokens[-1], c])], width=1) for c in choices]
            green = [c for c, row in zip(choices, rows, strict=True) if GreenList(1).scores(self.marks.key, row).sum() > 0]
            tokens.append(int(green[0] if green else choices[0]))
        return 200, " ".join(self.words[token] for token in tokens)


def test_a_watermark_in_the_answers_is_a_finding_of_its_own(tmp_path: Path) -> None:
    bench = Marked(tmp_path)
    source = bench.source()
    suspect = bench.serve("suspect", GUILTY, bench.marked)
    write_lines(tmp_path / "twins.jsonl", PAIRS)
    draft = Draft(name="exam", twins=str(tmp_path / "twins.jsonl"), suspect=suspect, watermark=source)
    plan = freeze(draft, START, mark_commitment=committed(source, {"MARK_SECRET": bench.secret}))
    bench.ledger.append(PLAN, "exam", {"digest": plan.digest, "coins": plan.coins})
    means = replace(bench.means, environment={"MARK_SECRET": bench.secret})
    result = examine(plan, means, bench.ledger, actor="examiner", clock=lambda: START, progress=lambda step, done: None)
    (mark,) = [one.finding for one in result.findings if one.finding.mechanism == "watermark-text"]
    assert (mark.level, mark.counted > 200) == ("E2", True)
    wrong = freeze(draft, START, mark_commitment="0" * 64)
    bench.ledger.append(PLAN, "exam", {"digest": wrong.digest, "coins": wrong.coins})
    result = examine(wrong, means, bench.ledger, actor="examiner", clock=lambda: START, progress=lambda step, done: None)
    (mark,) = [one.finding for one in result.findings if one.finding.mechanism == "watermark-text"]
    assert mark.refused == "the secret is not the one to which the plan is committed"


def test_account_codes_lead_back_to_the_account_that_was_marked(tmp_path: Path) -> None:
    bench = Marked(tmp_path)
    bench.marks = tier_key(bytes.fromhex(bench.secret), "account", "acct-2")
    result = bench.examined(bench.source(account_codes=True))
    assert result.codes is not None
    assert result.codes.named == ["acct-2"]
    assert [(group.name, group.shown) for group in result.codes.groups if group.kind == "account"] == [
        ("acct-0", False),
        ("acct-1", False),
        ("acct-2", True),
        ("acct-3", False),
    ]
    (mark,) = [one.finding for one in result.findings if one.finding.mechanism == "watermark-text"]
    assert mark.level == "insufficient"
    assert "by their watermark codes" in render(result)


def test_too_little_text_for_any_code_is_no_trace(tmp_path: Path) -> None:
    bench = Marked(tmp_path)
    bench.words = ("same",)
    bench.marked = lambda prompt, served: (200, "same same")  # type: ignore[method-assign]
    assert bench.examined(bench.source(account_codes=True)).codes is None


class Open:
    """Weights that are a table of the token after a token; green tokens of one key are likelier if it ``learned`` them."""

    contexts, vocabulary = 480, 500

    def __init__(self, learned: TierKey | None, tokens_of: Any) -> None:
        self.tokens_of = tokens_of
        logits = 2 * np.random.default_rng(3).normal(size=(self.contexts, self.vocabulary))
        if learned is not None:
            words = np.repeat(contexts(np.arange(self.contexts + 1), width=1), self.vocabulary)
            every = Pairs(words, np.tile(np.arange(self.vocabulary, dtype=np.uint64), self.contexts), len(words))
            logits += 2 * GreenList(1).scores(learned.key, every).reshape(logits.shape)
        self.log = (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)

    def answer(self, prompt: str, draw: int = 0) -> Answer:
        return Answer("unused")

    def score(self, prompt: str, answer: str, draw: int = 0) -> Score:
        return Score(failure="unused")

    def tokens(self, text: str) -> np.ndarray:
        return np.array(self.tokens_of(text), dtype=np.int64)

    def next_tokens(self, tokens: np.ndarray) -> np.ndarray:
        return self.log[tokens]


def by_weights(bench: Marked, suspect: Open, texts: list[str]) -> Finding:
    source = bench.source()
    write_lines(bench.folder / "twins.jsonl", PAIRS)
    draft = Draft(name="exam", twins=str(bench.folder / "twins.jsonl"), suspect=bench.serve("s", GUILTY), watermark=source)
    plan = freeze(draft, START, mark_commitment=committed(source, {"MARK_SECRET": bench.secret}))
    models = Models(suspect, Open(None, suspect.tokens_of))
    found = marked(plan, source, models, [Exchange("acct-0", "", "", text) for text in texts], {"MARK_SECRET": bench.secret})
    return found.findings[1]


def test_open_weights_show_a_mark_that_they_learned(tmp_path: Path) -> None:
    bench, generator = Marked(tmp_path), np.random.default_rng(4)
    texts = [" ".join(f"m{n}" for n in generator.integers(0, Open.contexts, 60)) for _ in range(300)]
    same: Any = lambda text: [int(word[1:]) for word in text.split()]  # noqa: E731
    guilty = by_weights(bench, Open(bench.marks, same), texts)
    assert (guilty.mechanism, guilty.level) == ("watermark-weights", "E2")
    stranger = tier_key(b"another synthetic secret, 32 byte", "global")
    assert by_weights(bench, Open(stranger, same), texts).level == "insufficient"
    other = by_weights(bench, Open(bench.marks, lambda text: [0]), texts)
    assert other.refused == "the suspect's tokeniser is not the teacher's"
    assert "no text of its own" in str(by_weights(bench, Open(bench.marks, same), []).refused)


def test_a_suspect_known_by_recorded_answers_alone(bench: Bench) -> None:
    generator = np.random.default_rng(0)
    rows = [{"model": "suspect", "prompt": pair.prompt, "answer": GUILTY.answer(pair.prompt, generator)} for pair in PAIRS]
    write_lines(bench.folder / "answers.jsonl", rows)
    suspect = Endpoint("suspect", answers=str(bench.folder / "answers.jsonl"))
    result = bench.examine(bench.plan(suspect, mechanisms=("twins-text", "twins-logprob"), **bench.record(PAIRS)))
    text, scores = result.findings
    assert text.finding.level == "E2"
    assert scores.finding.refused is not None and "recorded answers hold no log-probabilities" in scores.finding.refused
