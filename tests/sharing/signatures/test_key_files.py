"""Key files: private to the owner, never overwritten, whole or absent."""

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from stillwatch.errors import NoReadableInput, OutputNotWritten
from stillwatch.sharing.signatures.keys import generate, key_id, read_private, write_private


def test_a_written_key_is_read_again_and_only_the_owner_may_read_it(tmp_path: Path) -> None:
    key, path = generate(), tmp_path / "member.pem"
    write_private(key, path)
    assert read_private(path).private_bytes_raw() == key.private_bytes_raw()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["member.pem"]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "member.pem"
    write_private(generate(), path)
    before = path.read_bytes()
    with pytest.raises(OutputNotWritten, match="never overwritten"):
        write_private(generate(), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["member.pem"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritten):
        write_private(generate(), tmp_path / "absent" / "member.pem")


def test_a_key_id_is_the_digest_of_the_public_key() -> None:
    # RFC 8032, section 7.1, test 1; the digest computed with sha256sum
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    assert key.public_key().public_bytes_raw().hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key_id(key.public_key()) == "21fe31dfa154a261626bf854046fd227"


def _pem(kind: str) -> bytes:
    match kind:
        case "another algorithm":
            return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        case "under a password":
            return generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"synthetic"))
        case "cut short":
            return generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())[:60]
        case _:
            return b"no key at all"


@pytest.mark.parametrize("kind", ["another algorithm", "under a password", "cut short", "text"])
def test_files_that_hold_no_usable_key(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "member.pem"
    path.write_bytes(_pem(kind))
    with pytest.raises(NoReadableInput) as caught:
        read_private(path)
    assert caught.value.place == str(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NoReadableInput):
        read_private(tmp_path / "absent.pem")
