"""Reading a scan's result: whole and with its digests, or not at all."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from stillwatch.case.source import masked_texts, read_scan
from stillwatch.errors import NoReadableInput
from tests.case.synthetic import campaign, result, scanned


def test_a_folder_and_its_file_are_read_alike(tmp_path: Path) -> None:
    folder = scanned(tmp_path / "out", campaign(1), campaign(2))
    scan = read_scan(folder)
    assert scan == read_scan(folder / "campaigns.json")
    assert scan.sha256 == hashlib.sha256((folder / "campaigns.json").read_bytes()).hexdigest()
    assert scan.pointers()[campaign(2).id] == "/campaigns/1"
    assert {name: len(rows) for name, rows in scan.rows.items()} == {campaign(1).id: 3, campaign(2).id: 3}


def test_masked_texts_are_read_only_when_asked_for(tmp_path: Path) -> None:
    folder = scanned(tmp_path / "out", campaign(1, text="Sort this: ⟨…⟩"))
    assert read_scan(folder).campaigns[0].scaffolds[0].text is None
    assert list(masked_texts(folder / "campaigns.json", campaign(1).id).values()) == ["Sort this: ⟨…⟩"]


def test_without_accounts_the_campaigns_stand_alone(tmp_path: Path) -> None:
    folder = scanned(tmp_path / "out", campaign(1))
    (folder / "accounts.parquet").unlink()
    assert (read_scan(folder).rows, read_scan(folder).accounts_sha256) == ({}, "")


BAD = {
    "empty": b"",
    "truncated": msgspec.json.encode(result(campaign(1)))[:-40],
    "not utf-8": b'{"run": "\xff"}',
    "another schema": msgspec.json.encode(msgspec.structs.replace(result(), schema="stillwatch.campaigns/9")),
    "one id twice": msgspec.json.encode(result(campaign(1), campaign(1))),
    "a list": b"[]",
    "a count beyond counting": msgspec.json.encode(result(msgspec.structs.replace(campaign(1), requests=10**18 * 9))),
    "a negative count": msgspec.json.encode(result(msgspec.structs.replace(campaign(1), output_tokens=-1))),
    "bits beyond weighing": msgspec.json.encode(result(msgspec.structs.replace(campaign(1), harvest_bits=1e300))),
    "infinite bits": msgspec.json.encode(result(campaign(1))).replace(b'"bits":8.0', b'"bits":1e999'),
    "no id": msgspec.json.encode(result(msgspec.structs.replace(campaign(1), id=""))),
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
def test_what_is_no_result_is_refused_with_its_place(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "campaigns.json").write_bytes(content)
    with pytest.raises(NoReadableInput) as told:
        read_scan(tmp_path)
    assert "campaigns.json" in told.value.place and told.value.cure


@pytest.mark.parametrize("content", [b"", b"PAR1 truncated"])
def test_a_broken_accounts_table_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = scanned(tmp_path / "out", campaign(1))
    (folder / "accounts.parquet").write_bytes(content)
    with pytest.raises(NoReadableInput, match="accounts"):
        read_scan(folder)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoReadableInput, match="cannot be read"):
        read_scan(tmp_path / "nowhere")
