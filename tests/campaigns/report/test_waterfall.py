import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns.campaign import Evidence
from stillwatch.campaigns.report.ticks import ticks
from stillwatch.campaigns.report.waterfall import common_scale, draw_step, draw_total, waterfall

bits = st.floats(-40, 40).map(lambda b: round(b, 3))
pieces = st.lists(st.builds(Evidence, st.just("signal"), bits, st.just("Synthetic."), st.just(1), st.just(1)), max_size=12)


@given(pieces, bits)
def test_the_steps_lead_from_nothing_to_the_counted_sum(evidence, total):
    fall = waterfall(evidence, total)
    reached = [0.0, *(s.after for s in fall.steps)]
    assert [s.before for s in fall.steps] == reached[:-1]
    assert reached[-1] == pytest.approx(total, abs=0.05)
    assert fall.total == total


@given(pieces)
def test_no_adjustment_where_the_evidence_adds_up(evidence):
    fall = waterfall(evidence, sum(e.bits for e in evidence))
    assert sorted(s.bits for s in fall.steps) == pytest.approx(sorted(e.bits for e in evidence))


@given(pieces, bits)
def test_every_bar_lies_within_its_row(evidence, total):
    fall = waterfall(evidence, total)
    scale = common_scale([fall])
    for drawn in [draw_total(total, scale), *(draw_step(s, scale) for s in fall.steps)]:
        x, width = map(float, re.search(r'<rect[^>]* x="([\d.]+)%"[^>]* width="([\d.]+)%"', drawn).groups())
        assert 0 <= x <= x + width <= 100.5


def test_for_and_against_are_told_apart_by_class_and_place():
    fall = waterfall([Evidence("a", 4.0, "", 1, 1), Evidence("b", -2.0, "", 1, 1)], 2.0)
    scale = common_scale([fall])
    first, second = (draw_step(s, scale) for s in fall.steps)
    assert 'class="for"' in first
    assert 'class="against"' in second


@given(st.floats(-1000, 1000), st.floats(0.01, 1000))
def test_ticks_are_few_and_within(low, width):
    marks = ticks(low, low + width)
    assert len(marks) <= 9
    assert all(low - 1e-6 <= t <= low + width + 1e-6 for t in marks)
