"""Usage against plan: an account takes out far more of its plan than the plan's customers do.

*Why it separates.* A plan is priced for what its usual customer needs; whoever harvests through seats of a flat rate, or fills an
allowance to just below its limit, uses each account as a pipe. What is usual is measured, plan by plan, so that a large plan's
large use is no news. *When it misleads.* Every plan has its heaviest users: agents at work, a batch that ran once, a team behind
one seat. Low-and-slow pools stay near what is usual, so absence hardly counts. Plans of few accounts are not compared.
*Source.* Comparison with a peer group (Bolton and Hand 2001, peer group analysis); threat model, flat-rate seats as pipelines.

Measure: log2 of requests, or of answer tokens if that is more, over the median of the accounts of the plan, in octaves.
"""

from collections.abc import Mapping

import numpy as np

from stillwatch.signals.account_signal import AccountSignal
from stillwatch.signals.population import Floats, Ints

FEWEST = 20
"""Accounts that a plan must have to say what is usual in it."""


def usual_of_plan(plan: Ints, amount: Floats) -> Floats:
    """Per account the median ``amount`` of the accounts with its ``plan`` (a code, -1 unknown); NaN where they are too few."""
    out = np.full(len(plan), np.nan)
    for code in np.unique(plan[plan >= 0]):
        same = plan == code
        if (~np.isnan(amount[same])).sum() >= FEWEST:
            out[same] = np.nanmedian(amount[same])
    return out


def _octaves(measures: Mapping[str, Floats]) -> Floats:
    over = np.log2(measures["requests"] / np.maximum(measures["plan_requests"], 1))
    if "plan_output" not in measures:
        return np.asarray(over)
    return np.fmax(over, np.log2(np.maximum(measures["output_tokens"], 1) / np.maximum(measures["plan_output"], 1)))


SIGNAL = AccountSignal(
    name="usage against plan",
    family="usage",
    value=_octaves,
    needs=("plan_requests",),
    columns=("plan",),
    edges=(-30, 0, 1, 2, 3, 4, 30),
    hostile=(0.15, 0.10, 0.17, 0.22, 0.20, 0.16),
    cap=1.5,
    floor=-0.3,
    sentence="The median account uses {own_times:.1f} times as much as its plan's median account ({usual_times:.1f} elsewhere).",
)
