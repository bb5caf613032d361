"""The same store on PostgreSQL: one case's whole life, and two writers at once (all data synthetic)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from stillwatch.attribution.naming import propose
from stillwatch.attribution.trait import Trait
from stillwatch.case.cases import Cases
from stillwatch.case.failures import Conflict, Held
from stillwatch.case.history import faults
from stillwatch.errors import StillwatchError
from tests.case.synthetic import ANN, BO, NOW, campaign, scan_of
from tests.hub.conftest import postgresql

__all__ = ["postgresql"]


def test_a_case_lives_and_ends_on_postgresql(postgresql: Callable[[], str]) -> None:
    url = postgresql()
    with Cases.open(url) as store:
        token = {campaign(n).id: [Trait("token", "synthetic", 2, 1_000_000)] for n in (1, 2)}
        store.add(scan_of(campaign(1, statement="nul \x00"), campaign(2)), ANN, NOW, shared=token)
        store.assign(1, BO, ANN, NOW, version=1)
        with pytest.raises(Conflict):
            store.comment(1, "Late.", ANN, NOW, version=1)
        store.comment(1, "nul \x00 end", BO, NOW)
        made = store.attach(1, "a.txt", "text/plain", b"\x00synthetic", BO, NOW)
        assert store.attachment(1, made.id) == b"\x00synthetic"
        [actor] = store.link("synthetic", [], ANN, NOW)
        store.name(actor.id, propose("Synthetic Example Org", "Because.", ANN, NOW), ANN, NOW)
        store.merge(1, [2], "One hand.", ANN, NOW)
        store.decide(1, "closed", "Done.", ANN, NOW, retention_days=0)
        assert [case.number for case in store.find(["closed"], words="ACCOUNTS")] == [1]
        hold = store.hold(2, "A suit.", BO, NOW)
        assert all(faults([a for a in store.file(1).history if a.case == n]) == [] for n in (1, 2))
    later = NOW + timedelta(days=1)
    with Cases.existing(url) as store:
        with pytest.raises(Held):
            store.purge([1], "Over.", ANN, later)
        store.lift(hold.id, "No suit.", BO, later)
        assert [left.number for left in store.purge([1], "Over.", ANN, later)] == [2, 1]


def test_of_writers_at_once_one_wins_and_the_others_are_told(postgresql: Callable[[], str]) -> None:
    with Cases.open(postgresql()) as store:
        store.add(scan_of(campaign(1)), ANN, NOW)

        def assign(name: str) -> bool:
            try:
                store.assign(1, name, name, NOW, version=1)
            except Conflict:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(assign, [f"Analyst {n}" for n in range(8)])) == 1
        assert store.case(1).version == 2


def test_a_server_that_is_gone_is_told(postgresql: Callable[[], str]) -> None:
    url = postgresql().rpartition("/")[0] + "/no_such_database"
    with pytest.raises(StillwatchError) as told:
        Cases.existing(url)
    assert told.value.cure
