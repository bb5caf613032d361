"""The key ring as a file and as a value (members are synthetic)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import NoReadableInput, OutputNotWritten, UsageError
from stillwatch.sharing.signatures.keyring import KeyRing, MemberKey, member_key, read_ring, write_ring

MEMBER = "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
OTHER = "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff"
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def ring_key(seed: int, member: str = MEMBER, start: datetime = START, end: datetime = END) -> MemberKey:
    return member_key(member, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32).public_key(), start, end)


RING = KeyRing((ring_key(1), ring_key(2, OTHER)))


def test_written_and_read(tmp_path: Path) -> None:
    write_ring(RING, tmp_path / "ring.json")
    write_ring(RING.revoking(ring_key(1).key_id), tmp_path / "ring.json")
    assert read_ring(tmp_path / "ring.json") == RING.revoking(ring_key(1).key_id)
    assert [entry.name for entry in tmp_path.iterdir()] == ["ring.json"]


def test_toml_is_read(tmp_path: Path) -> None:
    key = ring_key(1)
    (tmp_path / "ring.toml").write_text(f"""
        schema = "stillwatch.keyring/1"
        [[keys]]
        key_id = "{key.key_id}"
        member = "{MEMBER}"
        public_key = "{key.public_key}"
        valid_from = 2026-01-01T00:00:00Z
        valid_until = 2027-01-01T00:00:00Z
    """)
    assert read_ring(tmp_path / "ring.toml") == KeyRing((key,))


def _changed(**changes: Any) -> dict[str, Any]:
    key = {"key_id": ring_key(1).key_id, "member": MEMBER, "public_key": ring_key(1).public_key}
    key |= {"valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z"}
    return {"schema": "stillwatch.keyring/1", "keys": [key | changes]}


BAD: dict[str, tuple[Any, str]] = {
    "a list": ([], "Expected `object`"),
    "another schema": ({"schema": "stillwatch.keyring/2", "keys": []}, "schema"),
    "an unknown field": (_changed(owner="x"), "unknown field `owner`"),
    "revoked as text": (_changed(revoked="yes"), "revoked"),
    "an id that is not the key's": (_changed(key_id="0" * 32), "is not that of its public key"),
    "a public key of 31 bytes": (_changed(public_key="A" * 40 + "AA=="), "keys"),
    "a public key not in base64": (_changed(public_key="ä"), "keys"),
    "a member by name": (_changed(member="provider"), "member"),
    "a time without zone": (_changed(valid_from="2026-01-01T00:00:00"), "timezone"),
    "a time that is none": (_changed(valid_until="soon"), "valid_until"),
    "an end before the beginning": (_changed(valid_until="2025-01-01T00:00:00Z"), "ends before it begins"),
    "a key twice": ({"keys": _changed()["keys"] * 2}, "stands twice"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_ring_that_is_none_says_where(tmp_path: Path, name: str) -> None:
    content, said = BAD[name]
    path = tmp_path / "ring.json"
    path.write_text(json.dumps(content))
    with pytest.raises(NoReadableInput, match=said) as caught:
        read_ring(path)
    assert caught.value.place == str(path)


@pytest.mark.parametrize("content", [b"", b"\xff", b"{", b"[" * 100_000])
@pytest.mark.parametrize("suffix", ["json", "toml"])
def test_a_file_that_does_not_parse(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"ring.{suffix}"
    path.write_bytes(content)
    if content or suffix == "json":
        with pytest.raises(NoReadableInput):
            read_ring(path)
    else:
        assert read_ring(path) == KeyRing()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NoReadableInput):
        read_ring(tmp_path / "absent.json")
    with pytest.raises(OutputNotWritten):
        write_ring(RING, tmp_path / "absent" / "ring.json")


def test_rotation_ends_the_members_earlier_keys_and_no_others() -> None:
    middle = datetime(2026, 7, 1, tzinfo=UTC)
    ended = ring_key(4, end=START + timedelta(days=1))
    later = ring_key(5, start=middle + timedelta(days=60))
    ring = KeyRing((*RING.keys, ended, later)).rotated(ring_key(3, start=middle), overlap=timedelta(days=30))
    assert [key.valid_until for key in ring.keys] == [middle + timedelta(days=30), END, ended.valid_until, END, END]


def test_misuse_is_refused() -> None:
    with pytest.raises(UsageError, match="gap"):
        RING.rotated(ring_key(3), overlap=timedelta(seconds=-1))
    with pytest.raises(UsageError, match="already"):
        RING.with_key(ring_key(1, OTHER))
    with pytest.raises(UsageError, match="no such key"):
        RING.revoking("0" * 32)
    with pytest.raises(UsageError, match="member"):
        ring_key(3, member="provider")
    with pytest.raises(UsageError, match="ends before"):
        ring_key(3, start=END, end=START)
