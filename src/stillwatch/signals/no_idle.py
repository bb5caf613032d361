"""No idle: a program that has work sends it at every hour; people sleep, eat and have weekends.

*Misleads:* monitoring, products with users around the clock, nightly batch jobs over a short window. Low-and-slow harvests
keep human hours, so its absence hardly counts.

Measure: hours with a request over the most that the account's volume and the window allow, in [0, 1].
"""

from collections.abc import Mapping

import numpy as np

from stillwatch.signals.account_signal import AccountSignal
from stillwatch.signals.population import Floats


def _spread(measures: Mapping[str, Floats]) -> Floats:
    possible = np.minimum(measures["requests"], measures["window_hours"])
    return np.where(possible >= 12, measures["hours"] / np.maximum(possible, 1), np.nan)


SIGNAL = AccountSignal(
    name="no idle hours",
    family="usage",
    value=_spread,
    needs=("hours",),
    columns=("ts",),
    edges=(0, 0.15, 0.3, 0.5, 0.75, 1.0),
    hostile=(0.15, 0.15, 0.2, 0.2, 0.3),
    cap=2.0,
    floor=-0.3,
    sentence="The median account is active in {own:.0%} of the hours that its volume allows ({usual:.0%} elsewhere).",
)
