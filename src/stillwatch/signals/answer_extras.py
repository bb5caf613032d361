"""What only a trainer needs of an answer: several choices at once, log-probabilities, the reasoning.

*Misleads:* evaluation harnesses ask for log-probabilities; products rerank choices; many clients ask for reasoning by
default, and then the population shows it.

Measure: the largest of the shares of requests with n > 1 and with log-probabilities, in [0, 1].
"""

import numpy as np

from stillwatch.signals.account_signal import AccountSignal

SIGNAL = AccountSignal(
    name="choices and log-probabilities",
    family="answers",
    value=lambda measures: np.fmax(measures["many_choices"], measures["logprobs"]),
    needs=("many_choices", "logprobs"),
    columns=(
        "n",
        "top_logprobs",
    ),
    edges=(0, 0.02, 0.2, 0.6, 1.0),
    hostile=(0.72, 0.06, 0.07, 0.15),
    cap=3.0,
    sentence="The median account asks for several choices or log-probabilities in {own:.0%} of requests ({usual:.0%} elsewhere).",
)
