"""Exports: an outsider checks them with a public key and nothing else; what was changed in them is found (all synthetic)."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.ledger.checkpoint import Checkpoint, sign_checkpoint
from stillwatch.sharing.ledger.entry import KINDS, Draft
from stillwatch.sharing.ledger.export import export, line, prove
from stillwatch.sharing.ledger.export_check import check
from stillwatch.sharing.ledger.finding import Fault
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.ledger.merkle import leaf_hash
from stillwatch.sharing.ledger.note import Signer

NOW = datetime(2026, 10, 1, tzinfo=UTC)
SIGNER = Signer("ledger.example/synthetic", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KNOWN = [SIGNER.verifier]
SIZE = 9


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with Ledger.open(tmp_path_factory.mktemp("export") / "ledger.sqlite", key=SIGNER) as opened:
        opened.append_many([Draft(KINDS[n % 3], f"bundle--{n}", {"n": n, "x": 0.5}, "analyst-1") for n in range(SIZE)], NOW)
        yield opened


@pytest.fixture(scope="module")
def complete(ledger: Ledger) -> list[bytes]:
    return list(export(ledger))


def faults(lines: list[bytes], earlier: Checkpoint | None = None) -> list[Fault]:
    return [finding.fault for finding in check(lines, KNOWN, earlier).findings]


def test_a_complete_export_is_proven_and_signed(complete: list[bytes]) -> None:
    checked = check(complete, KNOWN)
    assert (checked.findings, checked.signed, checked.head.complete, checked.head.entries) == ([], True, True, SIZE)


def test_without_a_public_key_it_is_proven_and_not_signed(complete: list[bytes]) -> None:
    checked = check(complete, [])
    assert (checked.findings, checked.signed) == ([], False)


def test_an_entry_stands_in_its_line_as_it_was_hashed(ledger: Ledger, complete: list[bytes]) -> None:
    for text, entry in zip(complete[1:], ledger.entries(), strict=True):
        hashed = text.removeprefix(b'{"entry":').partition(b',"proof":')[0]
        assert leaf_hash(hashed) == leaf_hash(entry.leaf())


@pytest.mark.parametrize(
    ("since", "kind", "indexes"), [(0, "refusal", [1, 4, 7]), (7, None, [7, 8]), (4, "release", [6]), (9, None, [])]
)
def test_a_part_is_proven_without_the_rest(ledger: Ledger, since: int, kind: str | None, indexes: list[int]) -> None:
    lines = list(export(ledger, since, kind))
    assert [json.loads(text)["entry"]["index"] for text in lines[1:]] == indexes
    checked = check(lines, KNOWN)
    assert (checked.findings, checked.head.complete, checked.head.size) == ([], False, SIZE)


def test_entries_that_come_during_an_export_stay_out_of_it(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite", key=SIGNER) as ledger:
        ledger.append_many([Draft("release", f"bundle--{n}", {}, "analyst-1") for n in range(3)], NOW)
        lines = export(ledger)
        first = next(lines)
        ledger.append("release", "bundle--3", {}, "analyst-1", NOW)
        assert check([first, *lines], KNOWN).findings == []


def test_an_empty_ledger_is_exported(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite", key=SIGNER) as ledger:
        assert check(export(ledger), KNOWN, Checkpoint(SIGNER.name, 0, ledger.root())).findings == []


@pytest.mark.parametrize("index", [None, *range(SIZE)])
def test_a_proof_in_one_line(ledger: Ledger, index: int | None) -> None:
    for earlier in (None, 0, 5, SIZE):
        checked = check([line(prove(ledger, index, earlier=earlier))], KNOWN)
        assert checked.findings == []
        assert [proven.entry.index for proven in checked.head.proven] == ([] if index is None else [index])


def test_a_proof_at_an_earlier_size(ledger: Ledger) -> None:
    checked = check([line(prove(ledger, 3, size=5, earlier=4))], KNOWN, Checkpoint(SIGNER.name, 4, ledger.root(4)))
    assert (checked.findings, checked.head.size, checked.head.root) == ([], 5, prove(ledger, None, size=5).root)
    for arguments in ({"index": 5, "size": 5}, {"index": -1}, {"index": 0, "size": SIZE + 1}, {"index": None, "earlier": SIZE + 1}):
        with pytest.raises(UsageError):
            prove(ledger, **arguments)


@pytest.mark.parametrize("size", range(SIZE + 1))
def test_an_export_keeps_to_an_earlier_checkpoint(ledger: Ledger, size: int) -> None:
    earlier = Checkpoint(SIGNER.name, size, ledger.root(size))
    assert faults(list(export(ledger, earlier=size)), earlier) == []
    forged = Checkpoint(SIGNER.name, size, bytes(32))
    assert faults(list(export(ledger, earlier=size)), forged) == [Fault.OTHER_HISTORY]


def test_an_export_without_a_proof_from_the_checkpoint_says_so(ledger: Ledger, complete: list[bytes]) -> None:
    assert faults(complete, Checkpoint(SIGNER.name, 4, ledger.root(4))) == [Fault.NOT_PROVEN]
    assert faults(complete, Checkpoint(SIGNER.name, SIZE + 1, bytes(32))) == [Fault.CUT_OFF]


def headed(lines: list[bytes], **changes: Any) -> list[bytes]:
    return [json.dumps(json.loads(lines[0]) | changes).encode(), *lines[1:]]


def edited(lines: list[bytes], number: int, edit: Callable[[Any], Any]) -> list[bytes]:
    content = json.loads(lines[number])
    edit(content)
    return [*lines[:number], json.dumps(content).encode(), *lines[number + 1 :]]


OTHER_ROOT = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
EDITS: dict[str, tuple[Callable[[list[bytes]], list[bytes]], set[Fault]]] = {
    "an entry altered": (lambda lines: edited(lines, 3, lambda c: c["entry"].update(actor="analyst-2")), {Fault.NOT_PROVEN}),
    "details altered": (lambda lines: edited(lines, 3, lambda c: c["entry"]["details"].update(n=7)), {Fault.NOT_PROVEN}),
    "an index altered": (lambda lines: edited(lines, 3, lambda c: c["entry"].update(index=3)), {Fault.NOT_PROVEN}),
    "a field more": (lambda lines: edited(lines, 3, lambda c: c["entry"].update(note="x")), {Fault.NOT_PROVEN}),
    "a proof cut": (lambda lines: edited(lines, 3, lambda c: c["proof"].pop()), {Fault.NOT_PROVEN}),
    "a proof of texts": (lambda lines: edited(lines, 3, lambda c: c.update(proof=["ä"])), {Fault.NOT_PROVEN}),
    "an integer beyond JSON": (lambda lines: edited(lines, 3, lambda c: c["entry"]["details"].update(n=2**60)), {Fault.NOT_PROVEN}),
    "a line of nonsense": (lambda lines: [*lines[:3], b"\xff{", *lines[4:]], {Fault.NOT_PROVEN}),
    "a line without end": (lambda lines: [*lines[:3], b"[" * 100_000, *lines[4:]], {Fault.NOT_PROVEN}),
    "two lines exchanged": (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], {Fault.NOT_PROVEN}),
    "a line twice": (lambda lines: [*lines[:3], *lines[2:]], {Fault.NOT_PROVEN, Fault.CUT_OFF}),
    "a line taken": (lambda lines: [*lines[:3], *lines[4:]], {Fault.CUT_OFF}),
    "a line taken and counted": (lambda lines: headed([*lines[:3], *lines[4:]], entries=SIZE - 1), {Fault.CUT_OFF}),
    "another root": (lambda lines: headed(lines, root=OTHER_ROOT), {Fault.UNSIGNED, Fault.NOT_PROVEN}),
    "another size": (
        lambda lines: headed(lines, size=SIZE - 1, entries=SIZE - 1),
        {Fault.UNSIGNED, Fault.NOT_PROVEN, Fault.CUT_OFF},
    ),
    "no checkpoint": (lambda lines: headed(lines, checkpoint=None), {Fault.UNSIGNED}),
    "a checkpoint of another key": (
        lambda lines: headed(lines, checkpoint=sign_checkpoint(SIZE, bytes(32), Signer(SIGNER.name, Ed25519PrivateKey.generate()))),
        {Fault.UNSIGNED},
    ),
    "a checkpoint of another state": (
        lambda lines: headed(lines, checkpoint=sign_checkpoint(SIZE, bytes(32), SIGNER)),
        {Fault.UNSIGNED},
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_changed_export_is_found_out(complete: list[bytes], name: str) -> None:
    edit, expected = EDITS[name]
    assert set(faults(edit(complete))) == expected


@given(st.data())
def test_no_changed_character_of_an_entry_or_proof_passes(complete: list[bytes], data: st.DataObject) -> None:
    number = data.draw(st.integers(1, SIZE))
    at = data.draw(st.integers(0, len(complete[number]) - 2))
    new = data.draw(st.binary(min_size=1, max_size=1))
    altered = complete[number][:at] + new + complete[number][at + 1 :]
    assert altered == complete[number] or faults([*complete[:number], altered, *complete[number + 1 :]])


NO_HEAD = [
    b"",
    b"\n",
    b"{",
    b"[]",
    b"\xff",
    b"[" * 100_000,
    b'{"size":0}',
    b'{"size":0,"root":"x","entries":0}',
    b'{"schema":"x/2"}',
]


@pytest.mark.parametrize("first", NO_HEAD)
def test_what_is_no_export(first: bytes) -> None:
    with pytest.raises(NoReadableInput):
        check([first], KNOWN)


def test_an_export_of_another_schema(complete: list[bytes]) -> None:
    with pytest.raises(NoReadableInput, match="schema"):
        check(headed(complete, schema="stillwatch.ledger-export/2"), KNOWN)
