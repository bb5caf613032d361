"""The store of cases: what is opened, changed, merged, held and deleted, and what is refused (all data synthetic)."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from stillwatch.attribution.assessment import Assessment
from stillwatch.attribution.item import Item
from stillwatch.attribution.trait import Trait
from stillwatch.case.case import Action
from stillwatch.case.cases import ATTACHMENT_BYTES, Cases
from stillwatch.case.failures import Conflict, Damaged, Held, NoSuchCase, NotAllowed
from stillwatch.case.history import faults
from stillwatch.case.source import read_scan
from stillwatch.case.states import STATES, TRANSITIONS, State
from stillwatch.case.store.tables import metadata
from stillwatch.errors import NoReadableInput, OutputNotWritten, StoreUnavailable, UsageError
from tests.case.synthetic import ANN, BO, NOW, campaign, scan_of, scanned


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Cases]:
    """A store with two cases, on a file."""
    with Cases.open(str(tmp_path / "cases.sqlite")) as opened:
        opened.add(read_scan(scanned(tmp_path / "out", campaign(1), campaign(2))), ANN, NOW)
        yield opened


def test_a_case_carries_the_campaign_and_the_way_back_to_its_rows(store: Cases) -> None:
    file = store.file(1)
    [snapshot] = file.campaigns
    assert (file.case.name, file.case.state, file.case.version, snapshot.pointer) == ("case-1", "new", 1, "/campaigns/0")
    assert len(snapshot.sha256) == len(snapshot.accounts_sha256) == 64
    rows = store.accounts(snapshot.id)
    assert [(row.row, row.account_id, row.bits) for row in rows] == [(n, f"acct-1-{n}", {"single turns": 2.5}) for n in range(3)]
    assert [row.case for row in store.account("acct-1-0")] == [1]


def test_adding_the_same_scan_again_changes_nothing_and_news_add_a_snapshot(store: Cases, tmp_path: Path) -> None:
    store.add(read_scan(tmp_path / "out"), ANN, NOW)
    assert [case.version for case in store.find()] == [1, 1]
    [case] = store.add(read_scan(scanned(tmp_path / "later", campaign(1, statement="Now 4."))), ANN, NOW)
    assert (case.number, case.version, len(store.file(1).snapshots), len(store.file(1).campaigns)) == (1, 2, 2, 1)


def test_texts_of_scaffolds_are_not_kept(tmp_path: Path) -> None:
    scan = read_scan(scanned(tmp_path / "out", campaign(1, text="SYNTHETIC SCAFFOLD TEXT")))
    with Cases.open(str(tmp_path / "cases.sqlite")) as store:
        store.add(scan, ANN, NOW)
    assert not any(b"SYNTHETIC SCAFFOLD TEXT" in file.read_bytes() for file in tmp_path.glob("cases.sqlite*"))


def test_payments_are_kept_as_digests_of_this_store_only(tmp_path: Path) -> None:
    scan = read_scan(scanned(tmp_path / "out", campaign(1)))
    kept = []
    for name in ("a", "b"):
        with Cases.open(str(tmp_path / name)) as store:
            store.add(scan, ANN, NOW, shared={campaign(1).id: [Trait("payment", "synthetic-card", 3, 300)]})
            kept += [t.value for t in store.sighted("synthetic")[0].traits if t.kind == "payment"]
    assert len({*kept, "synthetic-card"}) == 3


def test_a_concurrent_edit_is_a_conflict_and_writes_nothing(store: Cases) -> None:
    store.assign(1, BO, ANN, NOW, version=1)
    with pytest.raises(Conflict) as told:
        store.decide(1, "triaged", "Worth a look.", BO, NOW, version=1)
    assert (told.value.seen, told.value.now, told.value.last) == (1, 2, "assign by Ann Analyst")
    assert (store.case(1).state, store.file(1).decisions) == ("new", [])


@settings(max_examples=20)
@given(path=st.lists(st.sampled_from(STATES), max_size=6))
def test_only_transitions_that_are_written_down_are_taken(path: list[State]) -> None:
    with Cases.open("sqlite://") as store:
        number = _lone_case(store)
        for state in path:
            before = store.case(number).state
            if state in TRANSITIONS[before]:
                assert store.decide(number, state, "Because.", ANN, NOW).state == state
            else:
                with pytest.raises(NotAllowed):
                    store.decide(number, state, "Because.", ANN, NOW)
                assert store.case(number).state == before


def test_history_is_bound_together_and_told_to_the_witness(tmp_path: Path) -> None:
    seen: list[Action] = []
    with Cases.open("sqlite://", witness=seen.append) as store:
        number = _lone_case(store)
        store.comment(number, "Looked at the rhythm.", BO, NOW)
        store.decide(number, "triaged", "Worth a look.", BO, NOW)
        history = store.file(number).history
    assert [action.action for action in history] == ["open", "comment", "decide"]
    assert (seen, faults(history)) == (history, [])
    assert faults([history[0], history[2]]) and faults(history[1:])


def test_what_the_witness_refuses_did_not_happen(tmp_path: Path) -> None:
    def full(action: Action) -> None:
        raise OutputNotWritten("the ledger is full", place=action.action)

    url = str(tmp_path / "cases.sqlite")
    with Cases.open(url) as store:
        number = _lone_case(store)
    with Cases.existing(url, witness=full) as store:
        with pytest.raises(OutputNotWritten):
            store.decide(number, "triaged", "Because.", ANN, NOW)
        assert (store.case(number).state, len(store.file(number).history)) == ("new", 1)


def test_a_merged_case_is_told_with_the_one_that_took_it_in(store: Cases) -> None:
    store.comment(2, "About the second.", BO, NOW)
    merged = store.merge(1, [2], "One hand: the same queue.", ANN, NOW, version=1)
    assert merged.number == 1
    file = store.file(1)
    assert ([c.number for c in file.merged], len(file.campaigns), len(file.comments)) == ([2], 2, 1)
    assert [case.number for case in store.find()] == [1]
    assert store.of_campaign(campaign(2).id) == merged
    with pytest.raises(NotAllowed):
        store.decide(2, "triaged", "Because.", ANN, NOW)


@pytest.mark.parametrize(("into", "others"), [(1, [1]), (2, [1]), (1, [2])])
def test_a_merge_never_leads_in_a_circle(store: Cases, into: int, others: list[int]) -> None:
    if into != others[0]:
        store.merge(1, [2], "One hand.", ANN, NOW)
    with pytest.raises(NotAllowed):
        store.merge(into, others, "One hand.", ANN, NOW)


def test_a_forged_circle_is_found_and_nothing_hangs(store: Cases, tmp_path: Path) -> None:
    store.merge(1, [2], "One hand.", ANN, NOW)
    with sqlite3.connect(tmp_path / "cases.sqlite") as forged:
        forged.execute("UPDATE cases SET merged_into = 2 WHERE number = 1")
    for question in (lambda: store.file(1), lambda: store.of_campaign(campaign(1).id), lambda: store.merge(1, [2], "x", ANN, NOW)):
        with pytest.raises(Damaged):
            question()


def test_an_attachment_comes_back_as_it_was_and_a_forged_one_does_not(store: Cases, tmp_path: Path) -> None:
    made = store.attach(1, "../../letter.txt", "text/plain", b"synthetic letter", ANN, NOW)
    assert (made.name, store.attachment(1, made.id)) == ("letter.txt", b"synthetic letter")
    with pytest.raises(NoReadableInput):
        store.attachment(2, made.id)
    with sqlite3.connect(tmp_path / "cases.sqlite") as forged:
        forged.execute("UPDATE attachments SET content = x'00'")
    with pytest.raises(Damaged):
        store.attachment(1, made.id)


@pytest.mark.parametrize("content", [b"", bytes(ATTACHMENT_BYTES + 1)])
def test_an_attachment_has_a_size(store: Cases, content: bytes) -> None:
    with pytest.raises(UsageError):
        store.attach(1, "a.bin", "application/octet-stream", content, ANN, NOW)


@pytest.mark.parametrize("held", ["the case", "one it took in", "everything"])
def test_a_hold_stops_every_deletion_until_it_is_lifted(store: Cases, held: str) -> None:
    store.merge(1, [2], "One hand.", ANN, NOW)
    store.decide(1, "closed", "Done.", ANN, NOW, retention_days=1)
    hold = store.hold({"the case": 1, "one it took in": 2, "everything": None}[held], "A suit was announced.", BO, NOW)
    later = NOW + timedelta(days=2)
    with pytest.raises(Held):
        store.purge([1], "Time is over.", ANN, later)
    store.lift(hold.id, "The suit was dropped.", BO, later)
    assert [left.number for left in store.purge([1], "Time is over.", ANN, later)] == [2, 1]
    assert store.find(with_merged=True) == []
    with pytest.raises(NotAllowed):
        store.lift(hold.id, "Again.", BO, later)


def test_a_purge_leaves_one_row_and_no_trace_of_the_content(store: Cases, tmp_path: Path) -> None:
    store.comment(1, "SYNTHETIC REMARK", ANN, NOW)
    store.decide(1, "closed", "Done.", ANN, NOW, retention_days=1)
    with pytest.raises(NotAllowed):
        store.purge([1], "Too early.", ANN, NOW)
    assert [case.number for case in store.due(NOW + timedelta(days=2))] == [1]
    store.purge([1], "Time is over.", ANN, NOW + timedelta(days=2))
    [left] = store.purged()
    assert (left.number, left.campaign_ids, left.actions) == (1, [campaign(1).id], 4)
    store.close()
    with sqlite3.connect(tmp_path / "cases.sqlite") as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"SYNTHETIC REMARK" not in (tmp_path / "cases.sqlite").read_bytes()


def test_numbers_of_deleted_cases_are_not_given_again(store: Cases, tmp_path: Path) -> None:
    store.decide(2, "closed", "Done.", ANN, NOW, retention_days=0)
    store.purge([2], "Time is over.", ANN, NOW + timedelta(days=1))
    [case] = store.add(read_scan(scanned(tmp_path / "more", campaign(3))), ANN, NOW)
    assert case.number == 3


def test_cases_are_found_by_state_assignee_and_words(store: Cases) -> None:
    store.assign(1, BO, ANN, NOW)
    store.retitle(2, "100%_odd title", ANN, NOW)
    store.decide(2, "triaged", "Because.", ANN, NOW)
    assert [c.number for c in store.find(assignee=BO)] == [c.number for c in store.find(states=["new"])] == [1]
    assert [c.number for c in store.find(words="100%_ODD")] == [c.number for c in store.find(assignee="")] == [2]
    assert (store.count(), store.count(words="%"), len(store.find(limit=1, offset=1))) == (2, 1, 1)


@pytest.mark.parametrize("name", ["", "  ", "\u202e", "x" * 500])
def test_nobody_changes_nothing(store: Cases, name: str) -> None:
    with pytest.raises(UsageError):
        store.comment(1, "Hello.", name, NOW)


def test_half_a_character_is_told_or_refused_and_never_breaks(store: Cases) -> None:
    store.comment(1, "half \ud800", ANN, NOW)
    store.hold(1, "half \ud800", ANN, NOW)
    assert store.file(1).comments[0].text == store.holds()[0].reason == "half <U+D800>"
    half = Assessment(subject="case-1", items=[Item("i", "half \ud800", "s", "A1", "g", {})])
    with pytest.raises(UsageError):
        store.assess(1, half, ANN, NOW)


def test_what_is_not_there_is_told(store: Cases, tmp_path: Path) -> None:
    with pytest.raises(NoSuchCase):
        store.case(99)
    with pytest.raises(NoReadableInput, match="no store of cases here"):
        Cases.existing(str(tmp_path / "missing.sqlite"))
    assert not (tmp_path / "missing.sqlite").exists()


def test_a_foreign_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database " * 100)
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE things (id)")
    for name in ("notes.txt", "other.sqlite"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(NoReadableInput):
            Cases.open(str(tmp_path / name))
        assert (tmp_path / name).read_bytes()[100:] == before[100:]


def test_an_older_store_is_brought_up_to_date_by_adding_and_keeps_what_is_in_it(store: Cases, tmp_path: Path) -> None:
    store.close()
    with sqlite3.connect(tmp_path / "cases.sqlite") as older:
        older.executescript("DROP INDEX cases_by_change; UPDATE stillwatch_case_version SET version_num = '0001'")
    with pytest.raises(NoReadableInput, match="0001"):
        Cases.existing(str(tmp_path / "cases.sqlite"))
    with Cases.open(str(tmp_path / "cases.sqlite")) as newer:
        assert newer.count() == 2


def test_a_store_of_a_later_version_is_refused(store: Cases, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cases.sqlite") as later:
        later.execute("UPDATE stillwatch_case_version SET version_num = '9999'")
    for opening in (Cases.open, Cases.existing):
        with pytest.raises(NoReadableInput, match="9999"):
            opening(str(tmp_path / "cases.sqlite"))


def test_a_locked_store_is_unavailable_not_broken(store: Cases, tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "cases.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with Cases.existing(str(tmp_path / "cases.sqlite"), patience_seconds=0.05) as second:
        with pytest.raises(StoreUnavailable):
            second.comment(1, "Hello.", ANN, NOW)
        assert second.case(1).version == 1
    writer.close()


def test_migrations_make_the_tables_that_the_program_uses(tmp_path: Path, store: Cases) -> None:
    with create_engine(f"sqlite:///{tmp_path}/cases.sqlite").connect() as connection:
        options = {"version_table": "stillwatch_case_version"}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def _lone_case(store: Cases) -> int:
    [case] = store.add(scan_of(campaign(1)), ANN, NOW)
    return case.number
