"""The sieve of samples: nothing that several accounts share is lost, whatever falls into one slot."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.traffic.buffers import Hashes, Offsets
from stillwatch.traffic.crowd import Crowd
from stillwatch.traffic.measures import MIN_SHARED_REQUESTS

Use = tuple[int, frozenset[int]]
ACCOUNTS = st.sampled_from([1 << 20, 2 << 20, (1 << 63) + (5 << 8)])
SAMPLES = st.sampled_from([0, 7, 7 + (1 << 16), 2**64 - 1, 3])
USES = st.lists(st.tuples(ACCOUNTS, st.frozensets(SAMPLES, max_size=4)), max_size=60)


def arrays(uses: list[Use]) -> tuple[Hashes, Offsets, Hashes]:
    """Accounts, offsets and samples of one row per use."""
    rows = [sorted(samples) for _, samples in uses]
    ends = np.cumsum([0, *map(len, rows)])
    return np.array([account for account, _ in uses], np.uint64), ends, np.array([s for row in rows for s in row], np.uint64)


def shared(uses: list[Use]) -> set[int]:
    """The samples that several accounts use, often enough."""
    users = defaultdict(list)
    for account, samples in uses:
        for sample in samples:
            users[sample].append(account)
    return {sample for sample, found in users.items() if len(set(found)) > 1 and len(found) >= MIN_SHARED_REQUESTS}


@pytest.mark.parametrize("parts", [1, 2, 4])
@given(USES)
def test_what_several_accounts_share_passes(parts: int, uses: list[Use]) -> None:
    accounts, ends, samples = arrays(uses)
    crowd = Crowd(len(samples))
    for part in range(parts):
        crowd.count(accounts, ends, samples, part, parts)
    passed = set(samples[crowd.kept(ends, samples)].tolist())
    assert shared(uses) <= passed


@given(st.lists(st.frozensets(st.integers(0, 2**16 - 1), max_size=4), max_size=40))
def test_what_one_account_uses_alone_does_not(rows: list[frozenset[int]]) -> None:
    accounts, ends, samples = arrays([(1 << 20, row) for row in rows])
    crowd = Crowd(len(samples))
    crowd.count(accounts, ends, samples)
    assert not crowd.kept(ends, samples).any()
