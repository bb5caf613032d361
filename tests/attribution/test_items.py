"""Items from a campaign and from an examination: what they say, and what they do not (all data synthetic)."""

import math

import pytest

from stillwatch.attribution.assessment import Assessment
from stillwatch.attribution.forensic_items import bits_of_p_value, item_of
from stillwatch.attribution.hypothesis import ALWAYS
from stillwatch.attribution.traffic_items import items_of
from stillwatch.attribution.weighing import weigh
from stillwatch.forensics.examination.result import Examined
from stillwatch.forensics.finding import Finding, Level
from tests.case.synthetic import campaign
from tests.forensics.report.test_report_page import examination

NETWORK = "network--6f7c3f0e-8f5c-5d0e-9d0b-6a3c1f6f6c11"


def test_traffic_speaks_against_a_look_alike_and_says_nothing_of_whose_hand_it_is() -> None:
    weighed = weigh(ALWAYS, items_of(campaign(1), "S1#/campaigns/0"), {})
    assert weighed["reseller"].bits == weighed["unknown"].bits == 0
    assert weighed["look-alike"].bits < -3
    assert -2 < weighed["authorised"].bits < 0


def test_each_item_points_to_its_place() -> None:
    items = items_of(campaign(1), "campaigns.json#/campaigns/0")
    assert [each.source.rpartition("/campaigns/0/")[2] for each in items] == [
        *(f"evidence/{n}" for n in range(4)),
        *(f"alternatives/{n}" for n in range(2)),
    ]
    assert Assessment(subject="x", items=items).sensitivity().leader == "unknown"


def test_signals_of_one_family_count_once() -> None:
    items = items_of(campaign(1), "S1#/campaigns/0")
    assert {each.group.partition(":")[2] for each in items[:2]} == {"rhythm", "work sharing"}


@pytest.mark.parametrize(("p_value", "bits"), [(1.0, 0.0), (0.37, 0.0), (0.05, -math.log2(-math.e * 0.05 * math.log(0.05)))])
def test_a_p_value_says_no_more_than_its_bound(p_value: float, bits: float) -> None:
    assert bits_of_p_value(p_value) == pytest.approx(bits)
    assert bits_of_p_value(p_value) <= max(0.0, -math.log2(p_value))


@pytest.mark.parametrize(("level", "speaks"), [("E1", False), ("insufficient", False), ("E2", True)])
def test_only_an_exact_verdict_speaks_and_for_a_network_only_if_an_analyst_says_whose_model_it_is(
    level: Level, speaks: bool
) -> None:
    found = Finding(mechanism="twins-text", hypothesis="h", statement="s", p_value=0.0001, level=level)
    verdict = examination([Examined(found)])
    alone, tied = item_of(verdict, "examination.json"), item_of(verdict, "examination.json", NETWORK)
    worth = bits_of_p_value(0.0001)
    assert alone.bits == ({"look-alike": -worth} if speaks else {})
    assert tied.bits == ({"look-alike": -worth, NETWORK: worth} if speaks else {})
