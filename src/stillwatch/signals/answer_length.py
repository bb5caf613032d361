"""Answers maximised: training data is paid for by the answer, so answers are long.

*Misleads:* writing and coding tools ask for long answers; a judge or reward harvest gets short ones.

Measure: log2 of mean output tokens over the population's median, in octaves.
"""

from collections.abc import Mapping

import numpy as np

from stillwatch.signals.account_signal import AccountSignal
from stillwatch.signals.population import Floats


def _octaves(measures: Mapping[str, Floats]) -> Floats:
    return np.log2(np.maximum(measures["output_mean"], 1) / np.maximum(measures["usual_output"], 1))


SIGNAL = AccountSignal(
    name="long answers",
    family="answers",
    value=_octaves,
    needs=("output_mean", "usual_output"),
    columns=("output_tokens",),
    edges=(-10, -1, 0, 0.7, 1.5, 10),
    hostile=(0.15, 0.15, 0.20, 0.25, 0.25),
    cap=1.5,
    sentence="The median account's answers are {own_times:.1f} times as long as the population's median.",
)
