"""Pushing and pulling: interrupted anywhere, the same call goes on, and in the end all is there once."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.errors import NoReadableInput, RefusedByPolicy, StillwatchError, UsageError
from stillwatch.sharing.exchange.parcel import Parcel, read_parcel
from stillwatch.sharing.exchange.place import locate
from stillwatch.sharing.feed.arrival import Arrival
from stillwatch.sharing.feed.store import Put
from stillwatch.sharing.ledger.ledger import Ledger
from tests.sharing.exchange.parties import held, own, pulled, pushed, release
from tests.sharing.exchange.server import COLLECTION, OBJECTS, ROOT, Server, connection
from tests.sharing.feed.border import ADA, BEN, NOW, ring


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    return release(tmp_path)


def test_what_was_released_is_sent_byte_for_byte(parcel: Parcel, tmp_path: Path) -> None:
    server = Server()
    with connection(server) as open_connection:
        progress = pushed(parcel, open_connection, tmp_path)
    assert (progress.sent, progress.taken, progress.refused) == (len(parcel.objects), len(parcel.objects), ())
    sent = [request.read() for request in server.asked if request.method == "POST"]
    assert len(sent) > 1 and all(len(body) <= 1000 or body.count(b'"spec_version"') <= 1 for body in sent), "max_content_length"
    assert b",".join(text for _, text in parcel.objects) == b",".join(body[len(b'{"objects":[') : -2] for body in sent)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(1, 120), max_size=12))
def test_a_push_goes_on_wherever_it_was_broken_off(tmp_path_factory: pytest.TempPathFactory, lost: set[int]) -> None:
    folder = tmp_path_factory.mktemp("push")
    parcel, server = release(folder), Server(lose=lambda number: number in lost)
    for _ in range(len(lost) + 1):
        try:
            with connection(server, tries=1) as open_connection:
                progress = pushed(parcel, open_connection, folder)
            break
        except StillwatchError:
            continue
    assert progress.sent == progress.taken == len(parcel.objects)
    assert sorted(thing["id"] for _, thing in server.objects) == sorted(name for name, _ in parcel.objects)


def test_the_ledger_knows_what_went_where_before_it_went(parcel: Parcel, tmp_path: Path) -> None:
    with connection(Server(lose=lambda number: number > 3), tries=1) as open_connection, pytest.raises(NoReadableInput):
        pushed(parcel, open_connection, tmp_path)
    with Ledger.read(tmp_path / "ada.sqlite") as ledger:
        (entry,) = ledger.entries()
    assert (entry.kind, entry.details["to"], entry.details["sha256"]) == ("release", OBJECTS, parcel.sha256)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(st.integers(1, 20), max_size=5))
def test_a_pull_goes_on_wherever_it_was_broken_off(tmp_path_factory: pytest.TempPathFactory, lost: set[int]) -> None:
    folder = tmp_path_factory.mktemp("pull")
    parcel, server = release(folder), Server()
    server.objects = [(NOW, json.loads(text)) for _, text in parcel.objects]
    server.lose = lambda number: number in lost
    for _ in range(len(lost) + 1):
        try:
            with connection(server, tries=1) as open_connection:
                pulled(open_connection, folder)
            break
        except StillwatchError:
            continue
    assert held(folder) == own(parcel)


def test_what_comes_twice_changes_nothing_and_own_objects_are_passed_over(parcel: Parcel, tmp_path: Path) -> None:
    server = Server()
    server.objects = [(NOW, json.loads(text)) for _, text in parcel.objects]
    mine = tmp_path / "mine"
    mine.mkdir()
    with connection(server) as open_connection:
        first, again = pulled(open_connection, tmp_path), pulled(open_connection, tmp_path)
        passed_over = pulled(open_connection, mine, ADA.id)
    put = [each.put for each in (*first, *again, *passed_over) if isinstance(each, Arrival)]
    assert put == [{Put.NEW: len(own(parcel))}, {Put.UNCHANGED: len(own(parcel))}, {}]


def test_only_ones_own_unchanged_release_is_a_parcel(parcel: Parcel) -> None:
    for member, known in ((BEN.id, ring(ADA, BEN)), (ADA.id, ring(BEN))):
        with pytest.raises(RefusedByPolicy, match="did not release it"):
            read_parcel(parcel.path, member, known, NOW)
    parcel.path.write_bytes(parcel.path.read_bytes().replace(b"synthetic", b"different", 1) + b"\n")
    with pytest.raises(RefusedByPolicy, match="did not release it"):
        read_parcel(parcel.path, ADA.id, ring(ADA), NOW)
    parcel.path.write_bytes(b"{")
    with pytest.raises(NoReadableInput):
        read_parcel(parcel.path, ADA.id, ring(ADA), NOW)


@pytest.mark.parametrize("url", [ROOT, f"{ROOT}collections/{COLLECTION}/", OBJECTS])
def test_a_place_is_found_from_whatever_address_one_has(url: str) -> None:
    with connection(Server(), url=url) as open_connection:
        place = locate(open_connection)
        assert (place.root, place.named, place.address(place.writable())) == (ROOT, url != ROOT, OBJECTS)
        assert locate(open_connection, "All").named
        with pytest.raises(UsageError, match="no such collection"):
            locate(open_connection, "Other")
