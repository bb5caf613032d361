import numpy as np
import pytest

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.contexts import contexts, marked_by
from stillwatch.forensics.watermark.keys import SHARES, TIERS, commitment, marking_keys, tier_key

SECRET = b"a synthetic secret of 32 bytes.."


def test_an_account_is_marked_with_the_keys_that_are_tested_for() -> None:
    keys = marking_keys(SECRET, cohort="c", account="a")
    tested = [tier_key(SECRET, "global"), tier_key(SECRET, "cohort", "c"), tier_key(SECRET, "account", "a")]
    assert [key.key for key in tested] == [keys.global_, keys.cohort, keys.account]
    assert {key.selector for key in tested} == {keys.selector}


def test_keys_differ_by_tier_name_and_secret() -> None:
    found = [tier_key(SECRET, "cohort", "x").key, tier_key(SECRET, "account", "x").key, tier_key(SECRET, "account", "y").key]
    found += [tier_key(SECRET[::-1], "account", "x").key, tier_key(SECRET, "global").key]
    assert len(set(found)) == len(found)


def test_each_context_belongs_to_one_tier_in_the_declared_shares() -> None:
    words = np.arange(160_000, dtype=np.uint64)
    marked = np.array([marked_by(tier_key(SECRET, tier, "" if tier == "global" else "x"), words) for tier in TIERS])
    assert (marked.sum(axis=0) == 1).all()
    np.testing.assert_allclose(marked.mean(axis=1), np.array(SHARES) / 16, atol=0.005)


def test_contexts_hold_the_last_token_low_and_the_one_before_high() -> None:
    assert contexts(np.array([5, 6, 7]), width=1).tolist() == [5, 6]
    assert contexts(np.array([5, 6, 7]), width=2).tolist() == [6 | 5 << 32]
    assert contexts(np.array([5]), width=2).tolist() == []


@pytest.mark.parametrize(
    ("secret", "tier", "name"),
    [
        (b"short", "global", ""),
        (SECRET, "global", "named"),
        (SECRET, "account", ""),
        (SECRET, "planet", "x"),
    ],
)
def test_bad_keys_are_refused(secret: bytes, tier: str, name: str) -> None:
    with pytest.raises(UsageError):
        tier_key(secret, tier, name)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", [-1, 2**32])
def test_tokens_that_are_no_ids_are_refused(token: int) -> None:
    with pytest.raises(UsageError, match="token id"):
        contexts(np.array([1, token]), width=1)


def test_the_commitment_names_the_secret_and_betrays_no_key() -> None:
    assert commitment(SECRET) != commitment(SECRET[::-1])
    assert commitment(SECRET)[:32] not in {tier_key(SECRET, "global").key.hex(), SECRET.hex()}
