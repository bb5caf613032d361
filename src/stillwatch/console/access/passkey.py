"""Passkeys (WebAuthn, level 3) by py_webauthn: adding one to a signed-in user, signing in with one.

Rules: the browser proves possession and user verification for this origin and challenge; a challenge counts once. A passkey
names its own user, so nobody types a name. A browser takes passkeys for a host name only, never for a bare address.
"""

import json
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from stillwatch.console.access.challenge import Challenges
from stillwatch.console.access.database import Database
from stillwatch.errors import RefusedByPolicy

_CURE = "try again, or sign in with a password"


@dataclass(frozen=True)
class Passkeys:
    """The passkeys in a database, for the console at ``origin`` (``https://console.example``)."""

    database: Database
    origin: str

    @property
    def host(self) -> str:
        """The relying party's id: the host of the origin."""
        return urlsplit(self.origin).hostname or ""

    @property
    def possible(self) -> bool:
        """Whether a browser takes passkeys for this origin."""
        try:
            ip_address(self.host)
        except ValueError:
            return True
        return False

    def adding(self, user: str, cookie: str, now: int) -> str:
        """The options for a browser that is to make a passkey for a user, as JSON."""
        with self.database.reading() as connection:
            held = [row[0] for row in connection.execute("SELECT id FROM passkeys WHERE user = ?", (user,))]
        options = webauthn.generate_registration_options(
            rp_id=self.host,
            rp_name="Stillwatch",
            user_name=user,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in held],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
        )
        Challenges(self.database).keep("passkey-adding", cookie, bytes_to_base64url(options.challenge), now)
        return webauthn.options_to_json(options)

    def add(self, user: str, cookie: str, answer: str, label: str, now: int) -> None:
        """Keep the passkey that the browser made. Raises RefusedByPolicy if it does not prove what it must."""
        challenge = self._challenge("passkey-adding", cookie, now)
        try:
            made = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise RefusedByPolicy("the passkey could not be added", place="passkey", cure=_CURE) from error
        row = (made.credential_id, user, made.credential_public_key, made.sign_count, label[:80] or "passkey", now)
        with self.database.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO passkeys VALUES (?, ?, ?, ?, ?, ?)", row)

    def asking(self, cookie: str, now: int) -> str:
        """The options for a browser that signs in with a passkey, as JSON."""
        options = webauthn.generate_authentication_options(rp_id=self.host, user_verification=UserVerificationRequirement.REQUIRED)
        Challenges(self.database).keep("passkey-asking", cookie, bytes_to_base64url(options.challenge), now)
        return webauthn.options_to_json(options)

    def user(self, cookie: str, answer: str, now: int) -> str:
        """Whose passkey signed the challenge. Raises RefusedByPolicy if none did."""
        challenge = self._challenge("passkey-asking", cookie, now)
        try:
            name = base64url_to_bytes(str(json.loads(answer)["id"]))
            with self.database.reading() as connection:
                user, key, count = connection.execute(
                    "SELECT user, public_key, sign_count FROM passkeys WHERE id = ?", (name,)
                ).fetchone()
            checked = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                credential_public_key=key,
                credential_current_sign_count=count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise RefusedByPolicy("the passkey is not known here", place="passkey", cure=_CURE) from error
        with self.database.writing() as connection:
            connection.execute("UPDATE passkeys SET sign_count = ? WHERE id = ?", (checked.new_sign_count, name))
        return str(user)

    def _challenge(self, purpose: str, cookie: str, now: int) -> bytes:
        kept = Challenges(self.database).take(purpose, cookie, now)
        if kept is None:
            raise RefusedByPolicy("the challenge is too old or was used", place="passkey", cure=_CURE)
        return base64url_to_bytes(kept)
