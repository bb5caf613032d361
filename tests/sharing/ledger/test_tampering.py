"""Tampering: whatever is changed in the file is found, or changed nothing that the ledger says (all entries are synthetic)."""

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stillwatch.errors import StillwatchError
from stillwatch.sharing.ledger.checkpoint import Checkpoint
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.finding import Fault, Finding
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.ledger.tree import count, place

NOW = datetime(2026, 10, 1, tzinfo=UTC)
SIZE = 11
COLUMNS = {"entries": ['"index"', "time", "kind", "actor", "subject", "details"], "hashes": ["place", "hash"]}


def drafts(first: str = "bundle--0") -> list[Draft]:
    return [Draft("release", first if n == 0 else f"bundle--{n}", {"n": n, "why": "é"}, f"analyst-{n % 2}") for n in range(SIZE)]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "ledger.sqlite"
    with Ledger.open(path) as ledger:
        ledger.append_many(drafts(), NOW)
    return path


@pytest.fixture(scope="module")
def many_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("many-pages") / "ledger.sqlite"
    with Ledger.open(path) as ledger:
        ledger.append_many(
            [Draft("release", f"bundle--{n}", {"text": "x" * (n * 397 % 5000)}, "analyst-1") for n in range(30)], NOW
        )
        ledger.append_many([Draft("decision", f"campaign--{n}", {}, "analyst-2") for n in range(200)], NOW)
        assert ledger.verify() == []
    return path


@pytest.fixture(scope="module")
def head(original: Path) -> Checkpoint:
    with Ledger.read(original) as ledger:
        return Checkpoint("synthetic", SIZE, ledger.root())


def contents(path: Path) -> list[list[tuple[object, ...]]]:
    """All that the file says, read past the ledger."""
    connection = sqlite3.connect(path)
    try:
        return [connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall() for table, names in COLUMNS.items()]
    finally:
        connection.close()


def altered(original: Path, *statements: str, values: tuple[object, ...] = ()) -> Path:
    """A copy of the ledger after these statements."""
    path = original.with_name("altered.sqlite")
    shutil.copy(original, path)
    connection = sqlite3.connect(path)
    try:
        for statement in statements:
            connection.execute(statement, values if "?" in statement else ())
        connection.commit()
    finally:
        connection.close()
    return path


def found(path: Path, checkpoint: Checkpoint | None = None) -> list[Finding]:
    with Ledger.read(path) as ledger:
        return ledger.verify(checkpoint)


def faults(path: Path, checkpoint: Checkpoint | None = None) -> set[Fault]:
    return {finding.fault for finding in found(path, checkpoint)}


CELLS = st.sampled_from([(table, column) for table, names in COLUMNS.items() for column in names])
VALUES = st.integers(-5, 40) | st.text(st.characters(exclude_categories=["Cs"]), max_size=10) | st.binary(max_size=33)


@settings(max_examples=150)
@given(cell=CELLS, row=st.integers(0, 40), value=VALUES, data=st.data())
def test_any_changed_cell_is_found(original: Path, cell: tuple[str, str], row: int, value: object, data: st.DataObject) -> None:
    table, column = cell
    before = contents(original)
    rows = before[list(COLUMNS).index(table)]
    key = rows[row % len(rows)][0]
    old = rows[row % len(rows)][COLUMNS[table].index(column)]
    if isinstance(old, str | bytes) and data.draw(st.booleans(), "one character only"):
        at = data.draw(st.integers(0, len(old) - 1))
        value = old[:at] + (value[:1] if isinstance(value, type(old)) else old[:0]) + old[at + 1 :]  # type: ignore[operator, index]
    try:
        path = altered(original, f"UPDATE {table} SET {column} = ? WHERE {COLUMNS[table][0]} = ?", values=(value, key))
    except sqlite3.IntegrityError:
        return  # SQLite itself refuses a wrong type or a second row of one number
    assume(contents(path) != before)
    assert found(path)


SAYS_NOTHING = {*range(40, 44), *range(96, 100)}
"""Bytes of SQLite's header: the schema cookie, and the version of SQLite that wrote last."""


def _flipped(original: Path, at: int, mask: int) -> list[Finding] | StillwatchError:
    raw = bytearray(original.read_bytes())
    raw[at] ^= mask
    path = original.with_name("flipped.sqlite")
    path.write_bytes(raw)
    try:
        return found(path)
    except StillwatchError as error:
        return error


@settings(max_examples=500)
@given(where=st.integers(0, 10**9), mask=st.integers(1, 255))
def test_any_changed_byte_of_the_file_is_found(original: Path, where: int, mask: int) -> None:
    at = where % original.stat().st_size
    assert _flipped(original, at, mask) or at in SAYS_NOTHING


def test_any_changed_byte_of_the_first_page_is_found(original: Path) -> None:
    """It holds the tables' definitions; their row numbers count too."""
    assert [at for at in range(3500, 4096) if at not in SAYS_NOTHING and not _flipped(original, at, 1)] == []


@settings(max_examples=300)
@given(where=st.integers(0, 10**9), mask=st.integers(1, 255))
def test_any_changed_byte_of_a_file_of_many_pages_is_found(many_pages: Path, where: int, mask: int) -> None:
    at = where % many_pages.stat().st_size
    assert _flipped(many_pages, at, mask) or at in SAYS_NOTHING


def test_a_second_number_in_a_row_is_found(many_pages: Path) -> None:
    """SQLite reads a row's number before its record only, whatever type the record says there."""
    raw = many_pages.read_bytes()
    numbers = [at for at in range(3, len(raw)) if raw[at - 1 : at + 3] == b"\x03\0L" + raw[at + 2 : at + 3]]  # the heads of hashes
    assert len(numbers) > 200
    assert all(_flipped(many_pages, at, 8) for at in numbers[::20])


@pytest.mark.parametrize("at", [*range(100)])
def test_any_changed_byte_of_the_header_is_found(original: Path, at: int) -> None:
    assert at in SAYS_NOTHING or all(_flipped(original, at, 1 << bit) for bit in range(8))


def test_texts_of_every_length_around_the_ends_of_pages_are_sound(tmp_path: Path) -> None:
    lengths = [*range(3900, 4100, 7), *range(8000, 8300, 11), *range(12100, 12400, 13)]
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.append_many([Draft("release", "bundle--1", {"text": "x" * length}, "analyst-1") for length in lengths], NOW)
        assert ledger.verify() == []


def _hash(level: int, position: int) -> str:
    return f"DELETE FROM hashes WHERE place = {place(level, position)}"


EDITS: dict[str, tuple[list[str], set[Fault]]] = {
    "a subject": (["UPDATE entries SET subject = 'bundle--x' WHERE \"index\" = 3"], {Fault.ALTERED_ENTRY}),
    "details spelled otherwise": (
        ["UPDATE entries SET details = replace(details, ',', ', ') WHERE \"index\" = 3"],
        {Fault.ALTERED_ENTRY},
    ),
    "details with a name twice": (["UPDATE entries SET details = '{\"n\":1,' || substr(details, 2)"], {Fault.ALTERED_ENTRY}),
    "details that are no JSON": (["UPDATE entries SET details = 'x' WHERE \"index\" = 3"], {Fault.ALTERED_ENTRY}),
    "details without end": (["UPDATE entries SET details = replace(hex(zeroblob(9000)), '00', '[[')"], {Fault.ALTERED_ENTRY}),
    "two entries exchanged": (
        [
            'UPDATE entries SET "index" = -"index" - 1 WHERE "index" IN (3, 4)',
            'UPDATE entries SET "index" = 8 + "index" WHERE "index" < 0',
        ],
        {Fault.ALTERED_ENTRY},
    ),
    "an entry taken from the middle": (['DELETE FROM entries WHERE "index" = 4'], {Fault.MISSING_ENTRY}),
    "the first entry taken": (['DELETE FROM entries WHERE "index" = 0'], {Fault.MISSING_ENTRY}),
    "the last entry taken": ([f'DELETE FROM entries WHERE "index" = {SIZE - 1}'], {Fault.CUT_OFF}),
    "all entries taken": (["DELETE FROM entries"], {Fault.CUT_OFF}),
    "an entry put before": (
        ["INSERT INTO entries SELECT -1, time, kind, actor, subject, details FROM entries LIMIT 1"],
        {Fault.FOREIGN_ENTRY},
    ),
    "an entry put after": (
        [f"INSERT INTO entries SELECT {SIZE}, time, kind, actor, subject, details FROM entries LIMIT 1"],
        {Fault.ALTERED_HASH},
    ),
    "an entry put far away": (
        ["INSERT INTO entries SELECT 900000000, time, kind, actor, subject, details FROM entries LIMIT 1"],
        {Fault.MISSING_ENTRY, Fault.ALTERED_HASH},
    ),
    "a hash of an entry taken": ([_hash(0, 2)], {Fault.ALTERED_HASH}),
    "a hash of a subtree taken": ([_hash(1, 2)], {Fault.ALTERED_HASH}),
    "the topmost hash taken": ([_hash(3, 0)], {Fault.ALTERED_HASH}),
    "a hash too many": ([f"INSERT INTO hashes VALUES ({count(SIZE)}, zeroblob(32))"], {Fault.CUT_OFF}),
    "a hash put before": (["INSERT INTO hashes VALUES (-1, zeroblob(32))"], {Fault.CUT_OFF, Fault.ALTERED_HASH}),
    "a hash moved far away": (["UPDATE hashes SET place = 9000000000000000000 WHERE place = 4"], {Fault.ALTERED_HASH}),
    "an index on the table": (["CREATE INDEX found ON entries (subject)"], {Fault.DAMAGED_FILE}),
    "a table": (["CREATE TABLE more (x)"], {Fault.DAMAGED_FILE}),
    "a trigger": (["CREATE TRIGGER lost AFTER INSERT ON entries BEGIN DELETE FROM entries; END"], {Fault.DAMAGED_FILE}),
    "a table gone": (["DROP TABLE hashes"], {Fault.DAMAGED_FILE}),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_kind_of_edit_is_named(original: Path, name: str) -> None:
    statements, expected = EDITS[name]
    assert faults(altered(original, *statements)) >= expected


def test_the_untouched_ledger_is_sound(original: Path, head: Checkpoint) -> None:
    assert found(original) == found(original, head) == []


def forged(folder: Path, *batches: list[Draft]) -> Path:
    """A ledger that was written anew, sound in itself."""
    with Ledger.open(folder / "forged.sqlite") as ledger:
        for batch in batches:
            ledger.append_many(batch, NOW)
        assert ledger.verify() == []
    return folder / "forged.sqlite"


def test_a_history_written_anew_shows_against_a_checkpoint(head: Checkpoint, tmp_path: Path) -> None:
    assert faults(forged(tmp_path, drafts(first="bundle--other"), drafts()), head) == {Fault.OTHER_HISTORY}


def test_a_tail_cut_off_shows_against_a_checkpoint(head: Checkpoint, tmp_path: Path) -> None:
    assert faults(forged(tmp_path, drafts()[:-3]), head) == {Fault.CUT_OFF}


def test_nothing_is_appended_to_a_ledger_that_was_cut(original: Path) -> None:
    path = altered(original, f'DELETE FROM entries WHERE "index" = {SIZE - 1}')
    with Ledger.open(path) as ledger, pytest.raises(StillwatchError, match="nothing was recorded"):
        ledger.append("release", "bundle--1", {}, "analyst-1", NOW)
    assert len(contents(path)[0]) == SIZE - 1
