"""Single turn: a harvest asks and leaves; people, and agents at work, answer back.

*Misleads:* live resale passes other people's conversations on, so absence counts little; classification, extraction and
translation are single-turn too. Few-shot prompts written as several messages count as turns, so a harvest may hide here.
"""

from stillwatch.signals.account_signal import AccountSignal

SIGNAL = AccountSignal(
    name="single turns",
    family="conversation",
    value=lambda measures: 1 - measures["follow_up"],
    needs=("follow_up",),
    columns=("n_messages",),
    edges=(0, 0.2, 0.5, 0.8, 0.95, 1.0),
    hostile=(0.06, 0.05, 0.06, 0.13, 0.70),
    cap=2.5,
    floor=-1.0,
    sentence="In the median account {own:.0%} of requests open and end a conversation ({usual:.0%} elsewhere).",
)
