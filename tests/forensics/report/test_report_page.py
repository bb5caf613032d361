"""The report: what a lay reader is told, by level; hostile names; nothing that runs or is fetched. All findings are synthetic."""

import html
import re
from typing import Any

import pytest

from stillwatch.forensics.examination.result import Cost, Examination, Examined, Likelihood, Share
from stillwatch.forensics.finding import Finding, Interval
from stillwatch.forensics.plan.foresight import foresee
from stillwatch.forensics.plan.frozen import Hypothesis
from stillwatch.forensics.plan.registration import Standing
from stillwatch.forensics.report import wording
from stillwatch.forensics.report.drawing import growth
from stillwatch.forensics.report.page import render
from stillwatch.forensics.safeguards.comparison import compare
from stillwatch.forensics.statistics.power import PairEffect
from stillwatch.forensics.tracing.trace import Group, Trace
from stillwatch.forensics.verdict import verdict

NORMAL = Standing("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", False, [], [])
SHOWN = Finding(
    mechanism="twins-text",
    hypothesis="suspect-1 learned from the answers",
    statement="The suspect prefers the answers that were served.",
    p_value=0.00001,
    e_value=4000.0,
    effect=0.7,
    effect_unit="share of pairs",
    interval=Interval(0.6, 0.8),
    counted=200,
    level="E2",
    assumptions=["Both answers were drawn alike."],
)


def examination(findings: list[Examined], **changes: Any) -> Examination:
    values: dict[str, Any] = {
        "name": "synthetic",
        "suspect": "suspect-1",
        "version": "0",
        "finished": "2026-10-03T00:00:00+00:00",
        "plan_digest": "d" * 64,
        "standing": NORMAL,
        "hypotheses": [Hypothesis("twins-text", "q", "t")],
        "measures": ["words"],
        "alpha": 0.001,
        "fdr": 0.01,
        "seed": 0,
        "pairs": 200,
        "dropped": {"one of the two answers is empty": 2},
        "foresight": foresee({"twins-text": PairEffect(0.19, 0.5)}, pairs=200, clusters={}, accounts=1, alpha=0.001),
        "verdict": verdict([one.finding for one in findings]),
        "findings": findings,
        "trace": None,
        "safeguards": {},
        "loss": None,
        "cost": Cost(400, 1.5),
    }
    return Examination(**(values | changes))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("</style>")[2]))


def test_exact_evidence_is_shown_with_its_doubts() -> None:
    share = Share(0.2, Interval(0.1, 0.4), 0.4, 0.2, "a model of shares")
    text = text_of(
        render(
            examination(
                [Examined(SHOWN, 5.0, Likelihood(90.0, "a model of z"), share, {"of use": 200}, [(100, 9.0), (200, 4000.0)])]
            )
        )
    )
    for said in (
        "“suspect-1” learned, from us or through others, from answers that we served",
        "Level of evidence: E2.",
        "at most once in 100,000 by chance",
        "90 times likelier",
        "a model of z",
        "20 % (10 % to 40 %)",
        "at least 20 %",
        "A second generation.",
        "The answers were on the open web.",
        "Authorised use.",
        "Who asked us, who trained the suspect",
        "Both answers were drawn alike.",
        "2: one of the two answers is empty.",
    ):
        assert said in text


def test_a_refused_finding_shows_no_number() -> None:
    page = render(examination([Examined(Finding.refusal("twins-text", "h", "12 usable pairs are too few"))]))
    section = page[page.index('<section class="finding') : page.index("</section>")]
    assert "Nothing is shown about “suspect-1”" in text_of(page)
    assert "Nothing can be said: 12 usable pairs are too few." in section
    assert not re.search(r"p-value|e-value|Likelihood|Effect|svg", section)
    assert "That the suspect did not learn from us" in section


def test_a_result_that_chance_explains_names_no_share_and_no_suspicion() -> None:
    null = Finding(mechanism="twins-text", hypothesis="h", statement="Chance explains it.", p_value=0.4, e_value=0.8, counted=200)
    text = text_of(render(examination([Examined(null, 0.2, Likelihood(0.5, "m"), Share(0.001, Interval(0, 0.1), 0, 0, "m"))])))
    assert "about 40 times in 100 by chance" in text
    assert "2 times less likely" in text
    assert "Share of training data</dt>" not in text
    assert "Innocent explanations" not in text


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing("", "", False, [], []), "This is not the plan that was frozen."),
        (Standing("t", "t", True, [("2026-09-30T00:00:00Z", "e" * 64)], []), "The plan was changed after looking."),
        (Standing("t", "t", False, [], ["exam-0, of other-model"]), "The same coins were used before , in exam-0, of other-model"),
    ],
)
def test_an_irregular_plan_is_shown_as_such(standing: Standing, said: str) -> None:
    assert said in text_of(render(examination([Examined(SHOWN)], standing=standing)))


def test_accounts_and_safeguards_are_tables() -> None:
    groups = [
        Group("campaign", "campaign", ["a", "b"], 100, 50.0, 0.0001, True),
        Group("a", "account", ["a"], 50, 99.0, None, False),
    ]
    page = render(
        examination(
            [Examined(SHOWN)],
            trace=Trace(groups, ["a"], 0.001, 0.01),
            safeguards={"guarded probes": compare({"p": True, "q": True}, {"p": False, "q": True}), "none": compare({}, {})},
        )
    )
    text = text_of(page)
    assert "Named at a false discovery rate of 0.01: a ." in text
    assert "not looked at: the group above it was not shown" in text
    assert "100 %" in text and "50 points" in text
    assert "No probe was answered by both" in text


def test_a_short_table_says_first_what_came_of_each_look() -> None:
    weak = Finding(mechanism="twins-logprob", hypothesis="h", statement="s", p_value=0.4, e_value=0.8, counted=200)
    lead = Finding(mechanism="population-style", hypothesis="h", statement="s", p_value=0.01, counted=99, level="E1")
    none = Finding.refusal("watermark-text", "h", "only 12 distinct places could be tested")
    text = text_of(render(examination([Examined(SHOWN), Examined(weak), Examined(lead), Examined(none)])))
    short = text[text.index("In short") : text.index("How far the evidence carries")]
    for said in (
        "Shows that it learned, directly or not, from our answers (at most once in 100,000 by chance).",
        "How likely the suspect finds the served and the withheld answers Shows nothing, neither for nor against: chance explains it.",
        "The suspect's style among other models A lead at most, no proof.",
        "No number can be given: only 12 distinct places could be tested.",
        "That anybody broke a contract or a law.",
    ):
        assert said in html.unescape(short)
    for taken_back in ("That the suspect learned from us", "That the suspect did not learn from us"):
        assert taken_back not in html.unescape(short)


def test_hostile_names_neither_run_nor_hide() -> None:
    page = render(
        examination([Examined(SHOWN, conduct={"<script>alert(1)</script>": 1})], suspect="m\u202e<img src=x>", name="\x1b[2J")
    )
    assert "<script" not in page and "<img" not in page
    assert "m&lt;U+202E&gt;&lt;img src=x&gt;" in page
    assert not re.search(r"https?://|\bsrc=[\"']|@import|url\(", page)
    assert re.search(r"Content-Security-Policy\" content=\"default-src 'none'", page)


def test_numbers_in_words() -> None:
    assert [wording.count(n) for n in (0.5, 3, 12.6, 2_000_000, 3e12)] == ["0.5", "3", "13", "2,000,000", "10^12"]
    assert [wording.percent(s) for s in (0, 0.004, 0.25, 1)] == ["0 %", "0.4 %", "25 %", "100 %"]
    assert [wording.number(v) for v in (None, 0.000123, 0.00001, 1e15, 2e-9)] == [
        "–",
        "0.000123",
        "0.00001",
        "1.0 × 10^15",
        "2.0 × 10^-9",
    ]
    assert wording.moment("2026-10-01T02:03:04.000000Z") == "2026-10-01 02:03 UTC"
    assert growth([], 0.001) == ""
