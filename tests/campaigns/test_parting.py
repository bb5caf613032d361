"""A pool among the honest users of a harness is weighed by itself; groups of one sort stay whole."""

import numpy as np

from stillwatch.campaigns.candidates import Candidate
from stillwatch.campaigns.parting import parted, recurring
from stillwatch.signals.population import Group, Ints, Work

USERS, POOL = 20, 15


def group(text: Ints) -> tuple[Candidate, Group]:
    """Ten requests each of USERS and then POOL accounts, with these texts."""
    members = np.arange(USERS + POOL)
    account = np.repeat(members, 10)
    rows = len(account)
    work = Work(account, np.zeros(rows, np.int64), text.astype(np.uint64), np.zeros((rows, 64), np.int8), np.ones(rows, bool))
    candidate = Candidate(members, np.array([7], np.uint64), np.linspace(0.5, 1, len(members)), 3)
    return candidate, Group(members, work, candidate.share, 3, {"carrying": members.astype(float)})


def test_those_who_send_what_nobody_else_sends_are_a_group_of_their_own() -> None:
    same, own = np.tile(np.arange(10), USERS), 100 + np.arange(POOL * 10)
    candidate, whole = group(np.concatenate([same, own]))
    ((part, alone),) = parted([candidate], [whole])
    assert part.members.tolist() == alone.members.tolist() == list(range(USERS, USERS + POOL))
    assert set(alone.work.account.tolist()) == set(part.members.tolist())
    assert part.outside == alone.outside == 3 + USERS
    assert part.share.tolist() == alone.scaffold_share.tolist() == candidate.share[USERS:].tolist()
    assert alone.carried["carrying"].tolist() == list(range(USERS, USERS + POOL))


def test_a_harness_alone_and_an_app_alone_stay_whole() -> None:
    for text in (np.tile(np.arange(10), USERS + POOL), np.arange(10 * (USERS + POOL))):
        candidate, whole = group(text)
        assert list(parted([candidate], [whole])) == []


def test_recurring_counts_different_texts() -> None:
    account, text = np.array([1, 1, 1, 2, 2]), np.array([5, 5, 6, 6, 7], np.uint64)
    known, share = recurring(account, text)
    assert known.tolist() == [1, 2]
    assert share.tolist() == [0.5, 0.5]
