"""Snapshots: round trip, forgery, damage, the shelf with its rollback, and what they are built from. All values are synthetic."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.snapshot import snapshot_file
from stillwatch.gateway.snapshot.indicator_file import parse_indicators
from stillwatch.gateway.snapshot.registers import read_registers
from stillwatch.gateway.snapshot.scan_results import confidence, scan_indicators
from stillwatch.gateway.snapshot.shelf import KEPT, Shelf
from stillwatch.gateway.snapshot.snapshot import snapshot_from
from stillwatch.gateway.snapshot.snapshot_build import AccountRow
from stillwatch.gateway.snapshot.snapshot_file import SnapshotRefused
from stillwatch.gateway.snapshot.warning_list import parse_warning_list
from tests.gateway.synthetic import HEADER, KEY, publish, snapshot_of

SOURCES = {
    "indicators": [
        Indicator(kind="campaign", value="acct-1", confidence=99, id="campaign--1", statement="synthetic", shared=True),
        Indicator(kind="campaign", value="acct-2", confidence=99, id="campaign--1", statement="synthetic", shared=True),
        Indicator(kind="prefix", value="192.0.2.0/24", origin="received", member="member-b", confidence=70, disputed=True),
        Indicator(
            kind="scaffold", value="swf1:" + ".".join(f"{i:016x}" for i in range(12)), confidence=80, valid_until=2_000_000_000
        ),
        Indicator(kind="token", value="swt1:e:payment:x", origin="received", id="campaign--9"),
    ],
    "accounts": [AccountRow("acct-1", "org-1", "pro")],
    "tokens": {"acct-3": ["swt1:e:payment:x"]},
}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    made = snapshot_of("", number=3, created=5, **SOURCES)
    snapshot_file.write(tmp_path / "s", made.arrays(), msgspec.to_builtins(made.about), KEY)
    read = snapshot_from(*snapshot_file.read(tmp_path / "s", [KEY.public_key()]))
    for facts in (
        Facts(account_id="acct-1"),
        Facts(account_id="acct-2", ip="192.0.2.200"),
        Facts(account_id="acct-3", samples=np.arange(6, dtype=np.uint64)),
        Facts(account_id="z", tokens=("swt1:e:payment:x",)),
    ):
        assert read.meets(facts) == made.meets(facts)
        assert read.meets(facts).evidence
    assert read.meets(Facts(account_id="acct-1")).plan == "pro"
    assert (read.number, len(read.evidence)) == (3, 4)


def test_building_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        made = snapshot_of("", number=3, created=5, **SOURCES)
        snapshot_file.write(tmp_path / name, made.arrays(), msgspec.to_builtins(made.about), KEY)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_empty_snapshot_is_one(tmp_path: Path) -> None:
    publish(tmp_path, "")
    snapshot = Shelf(tmp_path / "snapshots", [KEY.public_key()]).load()
    assert not snapshot.meets(Facts(account_id="a", ip="192.0.2.1", samples=np.arange(3, dtype=np.uint64))).evidence


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    publish(tmp_path, "", **SOURCES)
    return Shelf(tmp_path / "snapshots", [KEY.public_key()])


def mangled(shelf: Shelf, change: object) -> Path:
    path = shelf._path(1)
    data = change(path.read_bytes())  # type: ignore[operator]
    path.chmod(0o644)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("at", [0, 5, 22, 23, 26, 40, 300, -100, -1])
def test_every_changed_byte_is_refused(shelf: Shelf, at: int) -> None:
    def flip(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[at] ^= 1
        return bytes(changed)

    mangled(shelf, flip)
    with pytest.raises(SnapshotRefused):
        shelf.load()


@pytest.mark.parametrize("percent", [0, 1, 20, 60, 99])
def test_a_snapshot_cut_short_is_refused(shelf: Shelf, percent: int) -> None:
    mangled(shelf, lambda data: data[: len(data) * percent // 100])
    with pytest.raises(SnapshotRefused) as refused:
        shelf.load()
    assert "to mend it" in str(refused.value)


def test_more_than_there_should_be_is_refused(shelf: Shelf) -> None:
    mangled(shelf, lambda data: data + b"\0")
    with pytest.raises(SnapshotRefused, match="more than it should"):
        shelf.load()


def test_a_forged_snapshot_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, "", key=Ed25519PrivateKey.generate())
    with pytest.raises(SnapshotRefused, match="nobody who is trusted"):
        Shelf(tmp_path / "snapshots", [KEY.public_key()]).load()


def test_a_snapshot_under_another_number_is_refused(shelf: Shelf) -> None:
    shelf._path(1).rename(shelf._path(7))
    with pytest.raises(SnapshotRefused, match="under another name"):
        shelf.load(7)


def test_no_snapshot_and_a_damaged_pointer_say_what_to_do(tmp_path: Path, shelf: Shelf) -> None:
    with pytest.raises(SnapshotRefused, match="no snapshot was published yet"):
        Shelf(tmp_path / "elsewhere", []).load()
    (tmp_path / "snapshots" / "current").write_text("{")
    with pytest.raises(SnapshotRefused, match="which snapshot is in force"):
        shelf.load()
    assert shelf.rollback(to=1) == (0, 1)
    assert shelf.load().number == 1


def test_rollback_goes_back_step_by_step_and_numbers_only_grow(tmp_path: Path) -> None:
    numbers = [publish(tmp_path, "") for _ in range(3)]
    shelf = Shelf(tmp_path / "snapshots", [KEY.public_key()])
    assert (numbers, shelf.rollback(), shelf.rollback()) == ([1, 2, 3], (3, 2), (2, 1))
    with pytest.raises(UsageError, match="nothing before snapshot 1"):
        shelf.rollback()
    with pytest.raises(UsageError, match="no snapshot 9"):
        shelf.rollback(to=9)
    assert publish(tmp_path, "") == 4
    assert shelf.current() == 4


def test_rollback_refuses_a_snapshot_that_is_not_whole(tmp_path: Path) -> None:
    publish(tmp_path, "")
    publish(tmp_path, "")
    shelf = Shelf(tmp_path / "snapshots", [KEY.public_key()])
    mangled(shelf, lambda data: data[:-1])
    with pytest.raises(SnapshotRefused):
        shelf.rollback()
    assert shelf.current() == 2


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for _ in range(KEPT + 2):
        publish(tmp_path, "")
    assert Shelf(tmp_path / "snapshots", []).numbers() == list(range(3, KEPT + 3))


def test_a_scan_gives_members_scaffolds_and_lone_harvesters(tmp_path: Path) -> None:
    campaign = {
        "id": "campaign--1",
        "accounts": ["a", "b"],
        "q_value": 0.004,
        "requests": 10,
        "scaffolds": [{"fingerprint": "swf1:" + "0" * 16}],
    }
    (tmp_path / "campaigns.json").write_text(json.dumps({"schema": "stillwatch.campaigns/1", "run": {}, "campaigns": [campaign]}))
    table = pa.table({"account_id": ["a", "c", "d", "e"], "q_value": [0.0, 0.02, 0.5, None], "harvest_bits": [9.0, 8.0, 0.0, None]})
    pq.write_table(table, tmp_path / "accounts.parquet")
    found = [(indicator.kind, indicator.value, indicator.confidence) for indicator in scan_indicators(tmp_path)]
    assert found == [("campaign", "a", 99), ("campaign", "b", 99), ("scaffold", "swf1:" + "0" * 16, 99), ("harvest", "c", 98)]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "stillwatch.campaigns/2", "campaigns": []}'])
def test_what_is_no_result_of_a_scan_is_said_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "campaigns.json").write_text(text)
    with pytest.raises(NoReadableInput):
        scan_indicators(tmp_path)


@pytest.mark.parametrize(("q_value", "expected"), [(0.0, 100), (0.01, 99), (0.05, 95), (1.0, 0), (2.0, 0)])
def test_confidence_is_what_the_false_discovery_rate_leaves(q_value: float, expected: int) -> None:
    assert confidence(q_value) == expected


@pytest.mark.parametrize("line", [
    "{", "[]", '{"kind": "country", "value": "x"}', '{"kind": "prefix", "value": "x"}', '{"kind": "account", "value": ""}',
    '{"kind": "account", "value": "a", "confidence": 101}', '{"kind": "scaffold", "value": "swf2:00"}',
    '{"kind": "account", "value": "a", "note": 1}', '{"kind": "account", "value": "a", "valid_until": -1}',
])  # fmt: skip
def test_what_is_no_indicator_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_indicators('{"kind": "account", "value": "a"}\n' + line, "indicators.jsonl")
    assert refused.value.place == "indicators.jsonl:2"


def test_registers_and_warning_lists_refuse_what_they_cannot_mean() -> None:
    with pytest.raises(UsageError, match="not exactly one"):
        read_registers('[[authorised]]\ncontract = "C-1"\n')
    with pytest.raises(UsageError, match="nation"):
        read_registers('[[evaluator]]\naccount = "a"\nname = "x"\nnation = "y"\n')
    assert parse_warning_list(json.dumps({"name": "synthetic", "list": ["192.0.2.0/24"]})) == ["192.0.2.0/24"]
    with pytest.raises(UsageError) as refused:
        parse_warning_list("192.0.2.0/24\nexample.org", "relays.txt")
    assert refused.value.place == "relays.txt:2"


def test_policy_travels_in_the_snapshot(shelf: Shelf) -> None:
    assert shelf.load().about.policy == HEADER
