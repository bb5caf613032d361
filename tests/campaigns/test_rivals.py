"""A class: opened together, in one place, in sittings of each one's own, with own means. A pool lacks one of these."""

import numpy as np
import pytest

from stillwatch.campaigns.census import Census
from stillwatch.campaigns.links import Things
from stillwatch.campaigns.rivals import rivals
from stillwatch.campaigns.scaffolds import Scaffolds
from stillwatch.campaigns.weighing import Weighed
from stillwatch.signals.catalogue import COORDINATION
from stillwatch.signals.population import Attribute, Group, Ints, Reading, Work

SIZE = 30
CLASS = {"sign-up burst": 6.0, "exchangeable hours": -0.7, "exchangeable work": 5.0}


def census(addresses: Ints) -> Census:
    """SIZE accounts with these main addresses, each its own organisation, without a contract."""
    none, numbers = np.empty(0, np.int64), np.arange(SIZE)
    scaffolds = Scaffolds(none, none, np.empty(0), np.empty(0, bool), none, np.empty(0), np.empty(0, np.uint64), none, SIZE)
    known = {"ip": Attribute("ip", "main address", addresses)}
    ids, keys = [f"acct-{i}" for i in numbers], numbers.astype(np.uint64)
    organisations: list[str | None] = [None] * SIZE
    authorised = np.zeros(SIZE, bool)
    return Census(keys, ids, organisations, numbers, authorised, {}, known, scaffolds, Things(none, none), 168.0)


def course(readings: dict[str, float], addresses: Ints) -> float:
    """Bits for a class, from these readings."""
    signals = {signal.name: signal for signal in COORDINATION}
    weighed = [Weighed(signals[name], Reading(bits, "", SIZE, SIZE), bits) for name, bits in readings.items()]
    found = rivals(Group(np.arange(SIZE), Work.empty()), census(addresses), weighed)
    return next(rival.bits for rival in found if rival.hypothesis == "class, course or workshop")


def test_a_class_whose_teacher_dealt_out_the_items() -> None:
    assert course(CLASS, np.arange(SIZE) % 3) == 3.0


@pytest.mark.parametrize(
    "change",
    [{"sign-up burst": -1.0}, {"exchangeable hours": 3.0}, {"shared payment instrument": 4.0}, {"shared device": 5.0}],
    ids=["opened over years", "no sittings", "one purse", "one device"],
)
def test_a_pool_lacks_something_of_a_class(change: dict[str, float]) -> None:
    assert course(CLASS | change, np.arange(SIZE) % 3) < 0


def test_a_pool_behind_many_addresses_is_no_class() -> None:
    assert course(CLASS, np.arange(SIZE) % 10) < 0
