"""The ledger as its callers see it: what is recorded, in which order, what it proves, what it refuses (all synthetic)."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import UsageError
from stillwatch.sharing.ledger.checkpoint import Checkpoint, open_checkpoint
from stillwatch.sharing.ledger.entry import KINDS, Draft, Entry, EntryRefused
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.ledger.merkle import EMPTY_ROOT, consistent, included, leaf_hash
from stillwatch.sharing.ledger.note import Signer
from stillwatch.sharing.ledger.recorder import Recorder

NOW = datetime(2026, 10, 1, 12, 0, 0, 5, tzinfo=UTC)
SIGNER = Signer("ledger.example/synthetic", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "ledger.sqlite", key=SIGNER) as opened:
        yield opened


def fill(ledger: Recorder, count: int) -> list[Entry]:
    return [ledger.append(KINDS[n % 3], f"bundle--{n}", {"n": n}, "analyst-1", NOW) for n in range(count)]


def test_an_entry_is_read_as_it_was_recorded(ledger: Ledger) -> None:
    details = {"objects": 3, "reasons": ["price", None, True, 0.5], "text": "naïve \u202e \x00 \U0001f600"}
    entry = ledger.append("release", "bundle--1", details, "analyst-1", NOW)
    assert entry == Entry(0, "2026-10-01T12:00:00.000005Z", "release", "analyst-1", "bundle--1", details)
    assert list(ledger.entries()) == [entry]


def test_times_are_kept_in_utc(ledger: Ledger) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert ledger.append("import", "feed", {}, "analyst-1", elsewhere).time == "2026-10-01T12:00:00.000005Z"


def test_details_are_not_shared_with_the_caller(ledger: Ledger) -> None:
    details = {"reasons": ["price"]}
    entry = ledger.append("refusal", "bundle--1", details, "guard", NOW)
    details["reasons"].append("roadmap")
    assert entry.details == {"reasons": ["price"]} == next(ledger.entries()).details


def test_entries_since_and_of_a_kind(ledger: Ledger) -> None:
    written = fill(ledger, 9)
    assert list(ledger.entries(since=7)) == written[7:]
    assert list(ledger.entries(kind="refusal")) == written[1::3]
    assert list(ledger.entries(since=2, kind="refusal")) == written[4::3]
    assert list(ledger.entries(since=9)) == list(ledger.entries(kind="pardon")) == []


def test_many_entries_come_page_by_page_and_see_later_ones(ledger: Ledger) -> None:
    drafts = [Draft("decision", f"campaign--{n}", {}, "analyst-1") for n in range(1200)]
    written = ledger.append_many(drafts, NOW)
    reading = ledger.entries()
    assert next(reading) == written[0]
    later = ledger.append("approval", "campaign--0", {}, "analyst-2", NOW)
    assert list(reading) == [*written[1:], later]


def test_it_is_there_again_after_closing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as first:
        written, root = fill(first, 5), first.root()
    with Ledger.open(tmp_path / "ledger.sqlite") as again:
        assert (list(again.entries()), again.root(), again.verify()) == (written, root, [])
        assert again.append("pardon", "campaign--1", {}, "analyst-1", NOW).index == 5
    with Ledger.read(tmp_path / "ledger.sqlite") as reader:
        assert reader.size == 6


def test_an_empty_ledger(ledger: Ledger) -> None:
    assert (ledger.size, ledger.root(), list(ledger.entries()), ledger.verify()) == (0, EMPTY_ROOT, [], [])
    assert open_checkpoint(ledger.checkpoint(), [SIGNER.verifier]) == Checkpoint(SIGNER.name, 0, EMPTY_ROOT)


def test_every_entry_and_every_earlier_state_is_proven(ledger: Ledger) -> None:
    written = fill(ledger, 13)
    for size in range(14):
        for entry in written[:size]:
            leaf, proof = leaf_hash(entry.leaf()), ledger.inclusion(entry.index, size)
            assert included(leaf, index=entry.index, size=size, proof=proof, root=ledger.root(size))
        roots = {"old_root": ledger.root(size), "new_root": ledger.root()}
        assert consistent(old_size=size, new_size=13, proof=ledger.consistency(size), **roots)


def test_checkpoints_are_signed_and_later_states_keep_to_them(ledger: Ledger) -> None:
    fill(ledger, 6)
    early = open_checkpoint(ledger.checkpoint(), [SIGNER.verifier])
    fill(ledger, 5)
    assert early == Checkpoint(SIGNER.name, 6, ledger.root(6))
    assert ledger.verify(early) == []


def test_a_ledger_without_a_key_signs_nothing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as unsigned, pytest.raises(UsageError, match="no key"):
        unsigned.checkpoint()


NOT_HELD: list[Callable[[Ledger], object]] = [
    lambda ledger: ledger.root(4),
    lambda ledger: ledger.root(-1),
    lambda ledger: ledger.inclusion(3),
    lambda ledger: ledger.inclusion(-1),
    lambda ledger: ledger.inclusion(1, 1),
    lambda ledger: ledger.inclusion(0, 4),
    lambda ledger: ledger.consistency(4),
    lambda ledger: ledger.consistency(2, 1),
    lambda ledger: ledger.consistency(-1),
]


@pytest.mark.parametrize("call", NOT_HELD)
def test_what_it_does_not_hold_it_does_not_prove(ledger: Ledger, call: Callable[[Ledger], object]) -> None:
    fill(ledger, 3)
    with pytest.raises(UsageError):
        call(ledger)


GOOD: dict[str, Any] = {"kind": "release", "subject": "bundle--1", "details": {}, "actor": "analyst-1", "now": NOW}
BAD: dict[str, dict[str, Any]] = {
    "a kind in capitals": {"kind": "Release"},
    "an empty kind": {"kind": ""},
    "a kind of two words": {"kind": "text read"},
    "a kind with a line feed": {"kind": "release\n"},
    "a kind of another script": {"kind": "rеlease"},
    "a kind without end": {"kind": "a" * 65},
    "a kind that is a number": {"kind": 7},
    "no subject": {"subject": ""},
    "a subject that is a number": {"subject": 7},
    "half a character": {"subject": "\ud800"},
    "no actor": {"actor": ""},
    "a time without zone": {"now": datetime(2026, 10, 1)},
    "details that are a list": {"details": ["a"]},
    "details that are null": {"details": None},
    "a time in the details": {"details": {"at": NOW}},
    "bytes in the details": {"details": {"raw": b""}},
    "names that are numbers": {"details": {1: 2}},
    "not a number": {"details": {"n": float("nan")}},
    "an integer beyond JSON": {"details": {"n": 2**53}},
    "a thousand levels": {"details": {"n": json.loads("[" * 150 + "]" * 150)}},
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_entry_is_refused_and_nothing_recorded(ledger: Ledger, name: str) -> None:
    with pytest.raises(EntryRefused) as caught:
        ledger.append(**GOOD | BAD[name])
    assert caught.value.cure
    assert ledger.size == 0


def test_of_several_entries_all_are_recorded_or_none(ledger: Ledger) -> None:
    with pytest.raises(EntryRefused):
        ledger.append_many([Draft("release", "bundle--1", {}, "a"), Draft("release", "", {}, "a")], NOW)
    assert (ledger.size, ledger.append_many([], NOW), ledger.verify()) == (0, [], [])


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
DETAILS = st.dictionaries(
    TEXT,
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e6, 1e6) | st.lists(TEXT, max_size=2),
    max_size=4,
)


@settings(max_examples=40)
@given(drafts=st.lists(st.builds(Draft, st.sampled_from(KINDS), TEXT, DETAILS, TEXT), max_size=6))
def test_any_entries_are_kept_and_sound(drafts: list[Draft], tmp_path_factory: pytest.TempPathFactory) -> None:
    with Ledger.open(tmp_path_factory.mktemp("any") / "ledger.sqlite") as ledger:
        written = ledger.append_many(drafts, NOW)
        assert [(e.kind, e.subject, e.details, e.actor) for e in written] == [
            (d.kind, d.subject, d.details, d.actor) for d in drafts
        ]
        assert (list(ledger.entries()), ledger.verify()) == (written, [])


def test_threads_share_one_ledger(ledger: Ledger) -> None:
    threads = [threading.Thread(target=fill, args=(ledger, 20)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (ledger.size, ledger.verify()) == (80, [])
    assert [entry.index for entry in ledger.entries()] == list(range(80))
