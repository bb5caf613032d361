"""Account codes: an account's own is found in the answers to its prompts, weak ones add up by cluster, and chance names nobody."""

import numpy as np
import pytest
from scipy.stats import binomtest

from stillwatch.forensics.tracing.codes import code_scores, trace_codes
from stillwatch.forensics.tracing.trace import Trace, TraceRules
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keys import marking_keys
from stillwatch.forensics.watermark.pairs import distinct_pairs

ACCOUNTS = [f"acct-{n:02d}" for n in range(24)]
CLUSTERS = {f"cluster-{n}": ACCOUNTS[8 * n : 8 * n + 8] for n in range(3)}
RULES = TraceRules(alpha=0.001, fdr=0.01)
SECRET = b"a synthetic secret of 32 bytes.."


def traced(share_of: dict[str, float], pairs: int, seed: int, rules: TraceRules = RULES) -> Trace:
    """Accounts with so many pairs each, of which a share is green; a half by chance."""
    generator = np.random.default_rng(seed)
    scores = {name: (generator.random(pairs) < share_of.get(name, 0.5)).astype(float) for name in ACCOUNTS}
    return trace_codes(scores, GreenList(), CLUSTERS, rules)


def shown(found: Trace) -> set[str]:
    return {group.name for group in found.groups if group.shown}


def test_accounts_whose_codes_are_followed_are_named_and_no_others() -> None:
    found = traced(dict.fromkeys(CLUSTERS["cluster-1"], 0.65), 600, seed=1)
    assert found.named == CLUSTERS["cluster-1"]
    assert {"campaign", "cluster-1"} <= shown(found) <= {"campaign", "cluster-1", *CLUSTERS["cluster-1"]}


def test_codes_too_weak_to_name_an_account_add_up_in_its_cluster() -> None:
    found = traced(dict.fromkeys(CLUSTERS["cluster-2"], 0.55), 600, seed=2)
    assert found.named == []
    assert shown(found) == {"campaign", "cluster-2"}


def test_chance_shows_a_group_or_names_an_account_as_rarely_as_declared() -> None:
    runs = [traced({}, 300, seed, TraceRules(alpha=0.05, fdr=0.05)) for seed in range(400)]
    for count in (sum(bool(shown(one)) for one in runs), sum(bool(one.named) for one in runs)):
        assert binomtest(count, len(runs), 0.05, alternative="greater").pvalue > 0.001


def test_a_group_bets_half_on_all_together_and_half_on_its_parts() -> None:
    found = traced(dict.fromkeys(ACCOUNTS[:8], 0.55), 400, seed=3)
    value = {group.name: group.e_value for group in found.groups}
    parts = {
        "campaign": [value[name] for name in CLUSTERS],
        "cluster-0": [value[name] for name in CLUSTERS["cluster-0"]],
    }
    for name, of in parts.items():
        assert value[name] > np.mean(of) / 2
    assert found.groups[0].p_value == pytest.approx(1 / value["campaign"])


def test_one_account_among_many_is_not_drowned() -> None:
    found = traced({ACCOUNTS[0]: 0.75}, 400, seed=6)
    assert found.named == [ACCOUNTS[0]]
    assert "campaign" in shown(found)


def test_too_little_text_shows_nothing_however_green() -> None:
    found = traced(dict.fromkeys(ACCOUNTS, 1.0), 8, seed=4)
    assert (shown(found), found.named) == (set(), [])


@pytest.mark.parametrize("scheme", [GreenList(), Gumbel()])
def test_an_account_s_answers_follow_its_own_code_alone(scheme: GreenList | Gumbel) -> None:
    generator = np.random.default_rng(5)
    keys = marking_keys(SECRET, cohort="a", account=ACCOUNTS[0]).row()[None, :]
    previous = generator.integers(0, 200, (1, 2))
    while previous.shape[1] < 3000:
        logits = generator.normal(0, 1, (1, 200)).astype(np.float32)
        mark(scheme, keys, previous, logits)
        previous = np.column_stack([previous, logits.argmax(axis=1)])
    pairs = distinct_pairs([previous[0]], width=scheme.width)
    own, another = (code_scores(scheme, SECRET, name, pairs, np.unique(pairs.contexts)) for name in ACCOUNTS[:2])
    assert own.mean() > 1.4 * scheme.mean
    assert another.mean() < 1.1 * scheme.mean
    assert not len(code_scores(scheme, SECRET, ACCOUNTS[0], pairs, np.empty(0, np.uint64)))
