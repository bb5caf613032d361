"""Decisions over weighed groups: the least coordination asked for, and groups that overlap."""

import numpy as np
import pytest

from stillwatch.campaigns.candidates import Candidate
from stillwatch.campaigns.detection import MIN_COORDINATION, Verdict, decide
from stillwatch.signals.population import Group, Work


def verdict(first: int, last: int, coordination: float = 20.0) -> Verdict:
    """A strong, unexplained group of the accounts from ``first`` to before ``last``."""
    members = np.arange(first, last)
    candidate = Candidate(members, np.empty(0, np.uint64), np.ones(len(members)), 0)
    return Verdict(candidate, Group(members, Work.empty()), [], coordination, 6.0, [], 1e-9, 1.0, False)


@pytest.mark.parametrize(("coordination", "reported"), [(MIN_COORDINATION - 0.1, False), (MIN_COORDINATION, True)])
def test_a_group_of_one_hand_only_just(coordination: float, reported: bool) -> None:
    (found,) = decide([verdict(0, 20, coordination)], 0.01, 1)
    assert found.reported is reported


def test_what_is_left_of_a_group_that_a_stronger_one_half_covers_is_reported_too() -> None:
    strong, weaker = verdict(0, 30, 30.0), verdict(20, 45)
    found = decide([weaker, strong], 0.01, 2)
    assert [one.candidate.members.tolist() for one in found] == [list(range(30)), list(range(30, 45))]
    assert all(one.reported for one in found)


def test_what_is_left_of_a_group_that_stronger_ones_mostly_cover_is_no_group() -> None:
    found = decide([verdict(10, 35), verdict(0, 30, 30.0)], 0.01, 2)
    assert [len(one.candidate.members) for one in found] == [30]
