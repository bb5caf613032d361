"""Settings of one gateway: where its folder is and how it meets the world. ``gateway.toml`` in the folder; an unknown key is an
error.

>>> Settings(folder=Path("stillwatch-gateway")).snapshots.as_posix()
'stillwatch-gateway/snapshots'
"""

import base64
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Meta

from stillwatch.errors import UsageError

_CURE = "see docs/gateway.md for the settings of a gateway"
_KEY_BYTES = 32


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may set.

    ``publishers``: public keys (base64) whose snapshots count; none: the key in the folder. ``redis``: URL of a Redis or Valkey
    through which several gateways share counters and pardons; ``sync_seconds``: how often. ``accounts``, ``blocks``: how many
    accounts and reasoning blocks are remembered. ``account_from``: what names the account: ``key``, ``org``, ``end_user`` or
    ``header:NAME``. ``trusted_hops``: how many proxies before the gateway are one's own, so how much of X-Forwarded-For is
    believed. ``body_bytes``: longest request body that is read. ``without_snapshot``: grade for everybody while there is no
    snapshot at all. ``text``: whether recorded rows keep the text of refused requests (which no other log has). ``recorder``: what
    opens the ledger, called with ``ledger``; ``marker``: what makes marks, called with nothing; both as ``module:name``.
    """

    folder: Path
    publishers: list[str] = []
    redis: str = ""
    sync_seconds: Annotated[float, Meta(gt=0)] = 0.25
    save_seconds: Annotated[float, Meta(gt=0)] = 2.0
    accounts: Annotated[int, Meta(ge=64, le=100_000_000)] = 1_200_000
    blocks: Annotated[int, Meta(ge=64, le=100_000_000)] = 100_000
    account_from: str = "key"
    trusted_hops: Annotated[int, Meta(ge=0, le=32)] = 0
    body_bytes: Annotated[int, Meta(ge=1024)] = 8 << 20
    without_snapshot: Literal["allow", "verify", "review", "block"] = "allow"
    text: Literal["none", "refused"] = "none"
    ledger: str = ""
    recorder: str = "stillwatch.sharing.ledger.ledger:Ledger.open"
    marker: str = ""

    @property
    def snapshots(self) -> Path:
        """The shelf's folder."""
        return self.folder / "snapshots"

    @property
    def ledger_path(self) -> Path:
        """The ledger's file."""
        return Path(self.ledger) if self.ledger else self.folder / "ledger.sqlite"

    def trusted(self) -> list[Ed25519PublicKey]:
        """The keys whose snapshots count. Raises UsageError for what is no key."""
        texts = self.publishers or _lines(self.folder / "publisher.pub")
        try:
            return [Ed25519PublicKey.from_public_bytes(_decoded(text)) for text in texts]
        except ValueError as error:
            raise UsageError(f"publishers: {error}", place=str(self.folder), cure="32 bytes in base64 each") from error


def load_settings(folder: Path, **over: Any) -> Settings:
    """The settings in ``folder/gateway.toml``, if it is there; ``over`` wins. Raises UsageError."""
    path = folder / "gateway.toml"
    try:
        found = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        return msgspec.convert({**found, **over, "folder": str(folder)}, Settings, dec_hook=lambda kind, text: kind(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(str(error), place=str(path), cure=_CURE) from error


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").split()
    except OSError:
        return []


def _decoded(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != _KEY_BYTES:
        raise ValueError(f"a key of {len(raw)} bytes")
    return raw
