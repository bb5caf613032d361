"""A member's settings: who it is, with which key it signs, how strict its guard is, and where its files are.

Rules: they are read from a small TOML file, ``stillwatch.toml``; every setting has a default, an unknown one is an error. Paths in
it are relative to its folder. Without the file a member is made up on first use: an identity, a key, a key ring with that key.

>>> Membership().profile, Membership().dual_control
('strict', False)
"""

import difflib
import json
import tomllib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import UsageError
from stillwatch.sharing.exchange.holder import tokeniser
from stillwatch.sharing.guard.guard import Guard
from stillwatch.sharing.guard.regime import Regime, regimes_of
from stillwatch.sharing.signatures.keyring import KeyRing, member_key, read_ring, write_ring
from stillwatch.sharing.signatures.keys import generate, read_private, write_private
from stillwatch.sharing.signatures.whole_file import whole_file
from stillwatch.sharing.stix.objects import Identity
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.tokens.epoch import epoch_key, read_seed
from stillwatch.sharing.tokens.tokeniser import KeyTokeniser, Tokeniser

KEY_LIFE = timedelta(days=365)
"""For how long a key made on first use is valid."""


@dataclass(frozen=True)
class Membership:
    """The settings.

    ``id`` is the member's STIX identity, made at ``since``, and ``name`` what others read; ``key`` signs, ``keyring`` knows others'
    keys. ``profile`` is the guard's; ``receipt_profile`` judges what comes in. With ``dual_control`` two different people approve.
    ``token_epoch`` is made tokens of, with those in the file ``token_holders`` or
    alone with ``token_seed``; without them no tokens are made. While ``litigation_hold``
    names a matter, nothing is deleted. ``regime`` holds the legal regimes whose dates counsel has set. ``exchange`` is the folder
    for the state of exchanges; ``hub`` the URL of the peer that is meant if none is named, where the member is called
    ``hub_member`` and shows the key in the file ``hub_key``, or shows it at ``hub_token_url`` for access tokens.
    """

    id: str = ""
    name: str = "Unnamed member"
    since: datetime | None = None
    key: Path = Path("stillwatch-key.pem")
    keyring: Path = Path("stillwatch-keyring.json")
    profile: str = "strict"
    receipt_profile: str = "member-standard"
    tlp: TLP = TLP.AMBER
    dual_control: bool = False
    ledger: Path = Path("stillwatch-ledger.sqlite")
    feed: Path = Path("stillwatch-feed.sqlite")
    token_seed: Path | None = None
    token_epoch: str | None = None
    token_holders: Path | None = None
    litigation_hold: str = ""
    regime: tuple[Regime, ...] = ()
    exchange: Path = Path("stillwatch-exchange")
    hub: str = ""
    hub_member: str = ""
    hub_key: Path | None = None
    hub_authority: Path | None = None
    hub_certificate: Path | None = None
    hub_in_clear: bool = False
    hub_token_url: str = ""

    def guard(self, profile: str | None = None) -> Guard:
        """The guard of what leaves, with another profile if one is named. Raises UsageError for a profile that is none."""
        return Guard(profile or self.profile, self.regime)

    def identity(self, now: datetime) -> Identity:
        """The member as a STIX identity."""
        made = self.since or now
        return Identity(id=self.id, spec_version="2.1", created=made, modified=made, name=self.name, identity_class="organization")

    def ring(self) -> KeyRing:
        """The known keys; an empty ring if there is no file yet. Raises NoReadableInput if the file is no ring."""
        return read_ring(self.keyring) if self.keyring.exists() else KeyRing()

    def private_key(self) -> Ed25519PrivateKey:
        """The key that signs. Raises NoReadableInput if it cannot be read."""
        return read_private(self.key)

    def tokeniser(self) -> Tokeniser | None:
        """What makes tokens; None if the settings name no epoch, or nobody with a key. Raises NoReadableInput, UsageError."""
        if self.token_epoch is None:
            return None
        if self.token_holders is not None:
            return tokeniser(self.token_holders, self.token_epoch, self.id)
        if self.token_seed is None:
            return None
        return KeyTokeniser(self.token_epoch, epoch_key(read_seed(self.token_seed), self.token_epoch))


def read_membership(path: Path) -> Membership:
    """The settings in a file, the defaults if there is none; paths become relative to the file's folder.

    Raises UsageError for what is no TOML, an unknown setting, or a value of the wrong kind.
    """
    folder = path.parent
    try:
        data = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise UsageError(f"the settings cannot be read: {error}", place=str(path), cure="mend the file; it is TOML") from error
    known = {each.name for each in fields(Membership)}
    for name in data.keys() - known:
        near = difflib.get_close_matches(name, known, 1)
        cure = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(sorted(known))}"
        raise UsageError(f"there is no setting {name!r}", place=str(path), cure=cure)
    values = {name: _value(name, value, path) for name, value in data.items()}
    return _placed(Membership(**values), folder)


def established(path: Path, now: datetime, say: Callable[[str], None]) -> Membership:
    """The settings, with an identity, a key and a ring that holds it; what is missing is made, written, and said.

    Raises as ``read_membership`` does, and OutputNotWritten if something cannot be written.
    """
    membership = read_membership(path)
    if not membership.id:
        membership = replace(membership, id=f"identity--{uuid.uuid4()}", since=now.replace(microsecond=0))
        _write(path, membership)
        say(f"made an identity, {membership.id}; it and the member's name are in {path}")
    if not membership.key.exists():
        _make_key(membership, now)
        say(f"made a key in {membership.key}; its public half is in {membership.keyring}, which other members need")
    return membership


def _make_key(membership: Membership, now: datetime) -> None:
    key = generate()
    ring = membership.ring().with_key(member_key(membership.id, key.public_key(), now, now + KEY_LIFE))
    write_private(key, membership.key)
    write_ring(ring, membership.keyring)


def _write(path: Path, membership: Membership) -> None:
    """Add the identity to the settings that stand in the file."""
    before = path.read_bytes() if path.exists() else b"# A member of Stillwatch; see docs/sharing.md.\n"
    lines = [f"id = {json.dumps(membership.id)}", f"since = {membership.since:%Y-%m-%dT%H:%M:%SZ}"]
    if b"\nname" not in b"\n" + before:
        lines.append(f"name = {json.dumps(membership.name)}")
    with whole_file(path, what="the settings") as file:
        file.write("\n".join([*lines, ""]).encode() + before)


_PATHS = frozenset(each.name for each in fields(Membership) if "Path" in str(each.type))


def _value(name: str, value: Any, path: Path) -> Any:
    """A value from TOML as the setting's type."""
    default = getattr(Membership(), name)
    try:
        if name in _PATHS:
            return Path(_of(value, str))
        if name == "regime":
            return regimes_of(_of(value, dict))
        if name == "tlp":
            return TLP(_of(value, str))
        return _of(value, type(default) if default is not None else datetime if name == "since" else str)
    except ValueError as error:
        raise UsageError(f"{name}: {error}", place=str(path), cure="see docs/sharing.md for the settings") from error


def _of(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{value!r:.60} is no {kind.__name__}")
    return value


def _placed(membership: Membership, folder: Path) -> Membership:
    """The settings with their paths seen from the working folder."""
    paths: dict[str, Any] = {name: folder / path for name in _PATHS if (path := getattr(membership, name)) is not None}
    return replace(membership, **paths)
