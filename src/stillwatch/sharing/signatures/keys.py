"""Ed25519 keys: made, written as PKCS #8 PEM that only the owner may read, read again, and named by their digest.

Rules: a key file is never overwritten, and it is there whole or not at all. A key's id is the first 16 bytes of the SHA-256 of
its 32 public bytes (RFC 8032), in hex: nobody chooses it, so nobody can take another's.

>>> key_id(generate().public_key()).__len__()
32
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from stillwatch.errors import NoReadableInput
from stillwatch.sharing.signatures.whole_file import whole_file

_KEY_ID_BYTES = 16


def generate() -> Ed25519PrivateKey:
    """A new key from the operating system's randomness."""
    return Ed25519PrivateKey.generate()


def key_id(public: Ed25519PublicKey) -> str:
    """The key's id: 32 hex digits."""
    return hashlib.sha256(public.public_bytes_raw()).digest()[:_KEY_ID_BYTES].hex()


def write_private(key: Ed25519PrivateKey, path: Path) -> None:
    """Write a private key with mode 0600. Raises OutputNotWritten if the file exists or cannot be written."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with whole_file(path, what="a private key", mode=0o600, replace=False) as file:
        file.write(pem)


def read_private(path: Path) -> Ed25519PrivateKey:
    """The private key in a PKCS #8 PEM file. Raises NoReadableInput if there is none."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise NoReadableInput(
            f"the key cannot be read ({error.strerror})", place=str(path), cure="name the file that holds the key"
        ) from error
    except (ValueError, TypeError) as error:  # TypeError: the key is under a password
        raise NoReadableInput(
            "no private key in PEM without a password", place=str(path), cure="name a PKCS #8 PEM file"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoReadableInput("the key is not an Ed25519 key", place=str(path), cure="make one with Ed25519")
    return key
