"""All signals, in the order in which they are asked. A new signal is a file of its own and a line here."""

from stillwatch.signals import (
    answer_extras,
    answer_length,
    constant_sampling,
    disjoint_work,
    equal_volumes,
    exchangeable_hours,
    exchangeable_work,
    no_idle,
    plan_use,
    rare_scaffold,
    reasoning_replay,
    release_pivot,
    scaffold_use,
    shared_attribute,
    sign_up_burst,
    single_turn,
    synchrony,
    takeover,
    technique,
    topic_coverage,
)
from stillwatch.signals.account_signal import AccountSignal
from stillwatch.signals.population import Signal

COORDINATION: tuple[Signal, ...] = (
    rare_scaffold.SIGNAL,
    exchangeable_work.SIGNAL,
    equal_volumes.SIGNAL,
    disjoint_work.SIGNAL,
    synchrony.SIGNAL,
    exchangeable_hours.SIGNAL,
    sign_up_burst.SIGNAL,
    release_pivot.SIGNAL,
    takeover.SIGNAL,
    *shared_attribute.SIGNALS,
)
HARVEST: tuple[AccountSignal, ...] = (
    scaffold_use.SIGNAL,
    single_turn.SIGNAL,
    answer_length.SIGNAL,
    answer_extras.SIGNAL,
    no_idle.SIGNAL,
    plan_use.SIGNAL,
    constant_sampling.SIGNAL,
)
"""Those that are measured for every account."""
GROUP_HARVEST: tuple[Signal, ...] = (reasoning_replay.SIGNAL, technique.SIGNAL, topic_coverage.SIGNAL)
"""Those that only a group can show."""
