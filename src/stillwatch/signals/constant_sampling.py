"""Constant sampling: a program asks with one setting from the first request to the last.

*Misleads:* so does every app and most libraries' defaults; only the absence says something, against a harvest.

Measure: distinct sampling settings per request, in octaves below one.
"""

import numpy as np

from stillwatch.signals.account_signal import AccountSignal

SIGNAL = AccountSignal(
    name="constant sampling settings",
    family="answers",
    value=lambda measures: np.log2(measures["samplings"]),
    needs=("samplings",),
    columns=("temperature",),
    edges=(0, 0.5, 1.5, 2.5, 20),
    hostile=(0.85, 0.08, 0.04, 0.03),
    cap=1.0,
    sentence="The median account uses {own_times:.0f} sampling settings ({usual_times:.0f} elsewhere).",
)
