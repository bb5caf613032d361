"""Epochs: a key for a time, derived from a seed, so that tokens age and a list of old ones stops matching.

Rules: the key of an epoch is ``DeriveKeyPair`` (RFC 9497) of the holder's seed and the epoch's name, in VOPRF mode: a holder keeps
one secret for all epochs, and each epoch has its own public key, which all members learn beforehand, the same for all. A seed file
is written once, with mode 0600, and never overwritten.

>>> epoch_key(bytes(32), "2026-q3").public == epoch_key(bytes(32), "2026-q4").public
False
"""

import re
import secrets
from pathlib import Path

from stillwatch.errors import NoReadableInput
from stillwatch.sharing.signatures.whole_file import whole_file
from stillwatch.sharing.tokens.group import SIZE
from stillwatch.sharing.tokens.suite import KeyPair, Mode, derive_key_pair
from stillwatch.sharing.tokens.token import read_epoch

_INFO = b"stillwatch token key 1:"
_SEED = re.compile(rb"[0-9a-f]{64}\s*")


def epoch_key(seed: bytes, epoch: str) -> KeyPair:
    """The key pair of an epoch. Raises InputRefused if the seed has not 32 bytes, EpochRefused if the epoch has no proper name."""
    return derive_key_pair(seed, _INFO + read_epoch(epoch).encode(), Mode.VOPRF)


def new_seed(path: Path) -> bytes:
    """Draw a seed and write it, as 64 hex digits. Raises OutputNotWritten if the file exists or cannot be written."""
    seed = secrets.token_bytes(SIZE)
    with whole_file(path, what="a seed", mode=0o600, replace=False) as file:
        file.write(seed.hex().encode() + b"\n")
    return seed


def read_seed(path: Path) -> bytes:
    """The seed in a file. Raises NoReadableInput if there is none, or if others than the owner may read it."""
    try:
        text, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise NoReadableInput(f"the seed cannot be read ({error.strerror})", place=str(path), cure="name its file") from error
    if mode & 0o077:
        raise NoReadableInput("others may read the seed", place=str(path), cure=f"chmod 600 {path}")
    if not _SEED.fullmatch(text):
        raise NoReadableInput("no seed of 64 hex digits", place=str(path), cure="name the file that new_seed wrote")
    return bytes.fromhex(text.decode())
