from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns.detail import Bin
from stillwatch.campaigns.report.timeline import MOST_BINS, draw, timeline

START = datetime(2026, 3, 2, tzinfo=UTC)
hours = st.dictionaries(st.integers(0, 5_000), st.tuples(st.integers(0, 10**6), st.integers(0, 500)), min_size=1, max_size=300)


def bins(of):
    return [Bin((START + timedelta(hours=h)).isoformat(), r, a) for h, (r, a) in of.items()]


@given(hours)
def test_merging_keeps_requests_and_peaks(of):
    line = timeline(bins(of))
    assert len(line.columns) <= MOST_BINS + 1
    assert sum(c.requests for c in line.columns) == sum(r for r, _ in of.values())
    assert max(c.accounts for c in line.columns) == max(a for _, a in of.values())
    assert [c.start for c in line.columns] == sorted(c.start for c in line.columns)


def test_silence_is_a_gap():
    line = timeline(bins({0: (5, 1), 1: (5, 1), 9: (5, 1)}))
    drawn = draw(line, "campaign 1")
    assert 'viewBox="0 0 10 100"' in drawn
    assert not line.merged
    assert line.per == "hour"


def test_the_image_says_what_it_shows():
    image = ElementTree.fromstring(draw(timeline(bins({0: (5, 1), 1: (1_200, 3)})), "campaign 7"))
    assert image.get("role") == "img"
    assert image.get("aria-label").startswith("Timeline of campaign 7.")
    assert "1,200" in image.find("desc").text


def test_no_time_no_timeline():
    assert timeline([]) is None
    assert timeline([Bin("not a time", 1, 1)]) is None


def test_one_bin_and_empty_bins_can_be_drawn():
    assert "peak 0" in draw(timeline(bins({0: (0, 0)})), "campaign 1")
