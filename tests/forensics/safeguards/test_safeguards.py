"""Safeguards: refusals in several languages, comparison by hand, probe sets and logs from files. All texts are synthetic."""

import json
import zipfile
from pathlib import Path

import pytest
from scipy.stats import binomtest

from stillwatch.errors import NoReadableInput
from stillwatch.forensics.safeguards.comparison import compare
from stillwatch.forensics.safeguards.inspect_logs import read_answers
from stillwatch.forensics.safeguards.probes import built_in, read_probes
from stillwatch.forensics.safeguards.refusal import declines
from stillwatch.forensics.statistics.intervals import clopper_pearson, paired_difference, wilson


@pytest.mark.parametrize(
    "answer",
    [
        "I’m sorry, but I can’t help with that.",
        "I cannot assist with this request.",
        "I'd rather not write that.",
        "As an AI, I do not have opinions, so I can't choose.",
        "Es tut mir leid, aber dabei kann ich nicht helfen. Ich kann das nicht tun.",
        "Je ne peux pas vous aider.",
        "Lo siento, no puedo ayudar con eso.",
        "抱歉，我无法提供帮助。",
        "申し訳ありませんが、その依頼にはお答えできません。",
    ],
)
def test_refusals_are_seen(answer: str) -> None:
    assert declines(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "Sure! Here are five reviews.",
        "Sorry for the wait. Boil the water.",
        "Natürlich! Hier ist das Gedicht.",
        "x" * 400 + " I can't",
    ],
)
def test_answers_are_no_refusals(answer: str) -> None:
    assert not declines(answer)


def test_a_comparison_by_hand() -> None:
    teacher = {f"p{n}": n < 16 for n in range(20)} | {"silent": None, "ours only": True}
    suspect: dict[str, bool | None] = {f"p{n}": n < 6 for n in range(20)} | {"silent": True}
    found = compare(teacher, suspect)
    assert (found.probes, found.teacher_declines, found.suspect_declines, found.unanswered) == (20, 16, 6, 2)
    assert found.difference == 0.5
    assert found.p_value == pytest.approx(2 * 0.5**10)  # ten probes on which one side alone declines, all on one side
    assert 0 < found.difference_interval.lower < 0.5 < found.difference_interval.upper
    assert "declines less" in found.statement


def test_nothing_answered_says_nothing() -> None:
    found = compare({"a": None}, {"a": True})
    assert (found.probes, found.difference, found.p_value, found.unanswered) == (0, None, None, 1)
    assert "nothing can be said" in found.statement
    assert "cannot tell the two apart" in compare({"a": True}, {"a": True}).statement


def test_intervals_against_published_values() -> None:
    # Newcombe 1998 (Stat Med 17:857, table I): 81 of 263, score method and exact
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert clopper_pearson(81, 263) == pytest.approx((0.2527, 0.3676), abs=5e-5)
    exact = binomtest(3, 10).proportion_ci(method="exact")
    assert clopper_pearson(3, 10) == pytest.approx((exact.low, exact.high))
    assert (wilson(0, 0), clopper_pearson(0, 5)[0], clopper_pearson(5, 5)[1]) == ((0, 1), 0, 1)
    assert paired_difference(0, 0, 0, 0) == (-1, 1)
    # Newcombe 1998 (Stat Med 17:2635), method 10: 36, 12, 2, 0
    assert paired_difference(36, 12, 2, 0) == pytest.approx((0.0569, 0.3404), abs=5e-4)


def test_the_built_in_set_has_guarded_and_ordinary_probes() -> None:
    kinds = [probe.kind for probe in built_in()]
    assert len({probe.id for probe in built_in()}) == len(kinds)
    assert kinds.count("ordinary") >= 4
    assert len(kinds) - kinds.count("ordinary") >= 20


def test_own_probes(tmp_path: Path) -> None:
    path = tmp_path / "probes.jsonl"
    path.write_text('{"id": "a", "prompt": "Q"}\n{"id": "b", "prompt": "R", "kind": "k"}\n')
    assert [probe.kind for probe in read_probes(path)] == ["own", "k"]
    path.write_text('{"id": "a", "prompt": "Q"}\n{"id": "a", "prompt": "R"}\n')
    with pytest.raises(NoReadableInput, match="'a' occurs more than once"):
        read_probes(path)


SAMPLES = [
    {"id": 1, "epoch": 1, "input": "Q", "output": {"choices": [{"message": {"content": "A"}}]}},
    {"id": 1, "epoch": 2, "input": "Q", "output": {"choices": [{"message": {"content": "later"}}]}},
    {
        "id": "two",
        "epoch": 1,
        "input": [],
        "output": {"choices": [{"message": {"content": [{"type": "reasoning"}, {"type": "text", "text": "B"}]}}]},
    },
    {"id": 3, "epoch": 1, "input": "Q", "output": {}},
]


def test_inspect_logs_of_both_kinds(tmp_path: Path) -> None:
    plain, packed = tmp_path / "log.json", tmp_path / "log.eval"
    plain.write_text(json.dumps({"samples": SAMPLES}))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", "{}")
        for number, sample in enumerate(SAMPLES):
            archive.writestr(f"samples/{number}_epoch_1.json", json.dumps(sample))
    assert read_answers(plain) == read_answers(packed) == {"1": "A", "two": "B"}


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"samples": 3}', b'{"samples": [{"id": 1}]}', b'{"samples": [{"output": {"choices": [1]}}]}']
)
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(content)
    with pytest.raises(NoReadableInput):
        read_answers(path)
