"""Scaffold × fillings: most requests repeat one fixed text around contents that never repeat.

*Why it separates.* A training set is one instruction over many inputs. *Misleads:* batch classification, retrieval and
any app with a prompt of its own have this form; some harvests send bare questions, so its absence counts little.

Measure: share of requests that carry a scaffold, times the share of the account's texts that are distinct.
"""

from stillwatch.signals.account_signal import AccountSignal

SIGNAL = AccountSignal(
    name="one scaffold, many fillings",
    family="fillings",
    value=lambda measures: measures["scaffold_share"] * measures["texts"] / measures["requests"],
    needs=("scaffold_share", "texts"),
    columns=("prompt",),
    edges=(0, 0.1, 0.25, 0.5, 0.8, 1.0),
    hostile=(0.10, 0.10, 0.15, 0.20, 0.45),
    cap=3.0,
    floor=-1.0,
    sentence="In the median account {own:.0%} of requests set a new content into a fixed text ({usual:.0%} elsewhere).",
)
