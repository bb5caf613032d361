"""The feed's file: whole or not at all, never taken for something else."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import NoReadableInput
from stillwatch.sharing.feed.effect import HALF_LIFE, weight
from stillwatch.sharing.feed.expiry import expire
from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.feed.store import FeedStore, Put
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.stix.objects import Indicator, as_json
from stillwatch.sharing.stix.writing import objects_of
from tests.sharing.feed.border import ADA, NOW
from tests.sharing.stix.disclosed import TERMS, disclosure


def held(text: str = "{}", author: str = ADA.id, modified: datetime | None = NOW) -> Held:
    return Held("note--1", author, "note", modified, False, text, NOW, "synthetic.json")


def test_what_is_put_in_comes_out_the_same(tmp_path: Path) -> None:
    with FeedStore.open(tmp_path / "f.sqlite") as store:
        with store.writing():
            assert store.put(held()) is Put.NEW
        assert list(store.facts()) == store.find("note--1") == [held()]


@pytest.mark.parametrize(("second", "answer"), [
    (held(), Put.UNCHANGED),
    (held('{"a":1}'), Put.DISPUTED),
    (held(modified=NOW + timedelta(seconds=1)), Put.NEWER),
    (held(modified=NOW - timedelta(seconds=1)), Put.OLDER),
    (held(author="identity--other"), Put.FOREIGN),
    (held(author="identity--other", modified=None), Put.NEW),
])  # fmt: skip
def test_the_second_of_one_id(tmp_path: Path, second: Held, answer: Put) -> None:
    with FeedStore.open(tmp_path / "f.sqlite") as store, store.writing():
        store.put(held())
        assert store.put(second) is answer


def test_an_interrupted_change_leaves_nothing(tmp_path: Path) -> None:
    with FeedStore.open(tmp_path / "f.sqlite") as store:
        with pytest.raises(KeyboardInterrupt), store.writing():
            store.put(held())
            raise KeyboardInterrupt
        assert list(store.facts()) == []


def test_other_files_are_never_touched(tmp_path: Path) -> None:
    other, text = tmp_path / "other.sqlite", tmp_path / "x.txt"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (a)")
    text.write_text("no database, but long enough to be looked at " * 40)
    for path in (other, text):
        before = path.read_bytes()
        with pytest.raises(NoReadableInput):
            FeedStore.open(path)
        assert path.read_bytes() == before
    with pytest.raises(NoReadableInput, match="no such feed"):
        FeedStore.existing(tmp_path / "none.sqlite")


@given(st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_weight_halves_and_never_grows(age: timedelta) -> None:
    seen = datetime(2026, 1, 1, tzinfo=UTC)
    assert weight(seen, seen + age + HALF_LIFE) == pytest.approx(weight(seen, seen + age) / 2)
    assert 0 <= weight(seen, seen + age) <= 1 == weight(seen, seen - age)


@pytest.mark.parametrize(("matter", "kept"), [("", False), ("synthetic matter 7", True)])
def test_expiry_deletes_what_is_no_longer_valid_unless_it_is_held(tmp_path: Path, matter: str, kept: bool) -> None:
    later = NOW + timedelta(days=200)
    with FeedStore.open(tmp_path / "f.sqlite") as store, Ledger.open(tmp_path / "l.sqlite") as ledger:
        with store.writing():
            for thing in objects_of(disclosure(), TERMS):
                text = json.dumps(as_json(thing))
                store.put(Held(thing.id, ADA.id, thing.id.partition("--")[0], None, False, text, NOW, "synthetic.json"))
        assert expire(store, ledger, matter, ADA.id, NOW).expired == ()
        preview = expire(store, None, matter, ADA.id, later)
        result = expire(store, ledger, matter, ADA.id, later)
        assert len(result.expired) == 4 and preview.expired == result.expired
        assert (result.deleted, result.held_for) == (not kept, matter)
        assert any(isinstance(entry.thing(), Indicator) for entry in store.facts()) is kept
        assert {entry.kind for entry in ledger.entries()} == {"deletion-held" if kept else "deletion"}
