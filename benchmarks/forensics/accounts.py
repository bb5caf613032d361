"""Whose answers were read: every account by its twins, and by the watermark's account code, from the top down.

The student "some accounts" has read the answers of a dozen accounts out of all; the tests are told nothing of that.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from benchmarks.forensics.cast import COHORTS, SECRET, Served, account_name, cohort_name
from benchmarks.forensics.trial import Reading
from stillwatch.forensics.statistics.e_values import e_bh
from stillwatch.forensics.tracing.trace import Trace, TraceRules, trace
from stillwatch.forensics.watermark.detection import WatermarkTest, detect
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.keys import tier_key

ALPHA, FDR = 0.001, 0.05


class Named(msgspec.Struct, frozen=True):
    """Accounts named by one mechanism, against those that were read: ``found`` of them, ``false`` others."""

    mechanism: str
    accounts: int
    read: int
    found: int
    false: int
    weakest_read: float
    strongest_other: float


def by_twins(reading: Reading, served: Served, read: Sequence[str]) -> tuple[Named, Trace]:
    """Name accounts by e-values on log-probabilities at a false discovery rate of 5 %."""
    traced = trace(
        reading.logprob,
        reading.logprob_controls,
        served.accounts,
        _cohorts(served),
        TraceRules(alpha=ALPHA, fdr=FDR),
        np.random.default_rng(4),
    )
    e_values = {group.name: group.e_value for group in traced.groups if group.kind == "account"}
    return _named("twins-logprob", traced.named, e_values, read), traced


def by_code(reading: Reading, served: Served, read: Sequence[str], scheme: GreenList | Gumbel) -> Named:
    """Name accounts by the e-values of their codes on the student's own text, at the same rate."""
    accounts = sorted(set(served.accounts))
    results = [
        detect(scheme, tier_key(SECRET, "account", name), reading.pairs, np.random.default_rng(5), draws=99) for name in accounts
    ]
    e_values = [result.e_value if isinstance(result, WatermarkTest) else 1.0 for result in results]
    named = [accounts[place] for place in e_bh(e_values, fdr=FDR)]
    return _named("watermark-text account code", named, dict(zip(accounts, e_values, strict=True)), read)


def _named(mechanism: str, named: Sequence[str], e_values: Mapping[str, float], read: Sequence[str]) -> Named:
    others = [value for name, value in e_values.items() if name not in read]
    return Named(
        mechanism,
        len(e_values),
        len(read),
        len(set(named) & set(read)),
        len(set(named) - set(read)),
        min(e_values[name] for name in read),
        max(others, default=0.0),
    )


def _cohorts(served: Served) -> dict[str, list[str]]:
    """The accounts of each cohort."""
    accounts = sorted(set(served.accounts))
    place_of = {account_name(place): place for place in range(len(accounts))}
    return {name: [each for each in accounts if cohort_name(place_of[each]) == name] for name in map(cohort_name, range(COHORTS))}
