"""Single sign-on with OpenID Connect: the authorisation code flow with PKCE, by Authlib and joserfc.

Rules: state, nonce and code verifier are kept here, bound to the browser, and count once. An ID token counts if its signature
is by a key of the issuer, and issuer, audience, times and nonce are right (OpenID Connect Core 1.0, 3.1.3.7). Which role
somebody has follows from a claim through the table of roles in the settings; who is in none of them is refused.
"""

import json
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from stillwatch.console.access.challenge import Challenges
from stillwatch.console.access.role import Role
from stillwatch.errors import RefusedByPolicy, StillwatchError, UsageError

_ALGORITHMS = ["RS256", "ES256", "PS256", "EdDSA"]
_SECONDS = 10.0
_CURE = "sign in again; if it stays so, ask whoever keeps the identity provider"


class ProviderFailed(StillwatchError):
    """The identity provider does not answer, or not as OpenID Connect says."""


class OidcSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file named with ``--oidc``.

    ``roles`` gives a role for each value of the claim ``role_claim`` (a text or a list of texts); ``name_claim`` names the user.
    The secret stands in a file of its own, ``client_secret_file``; a public client has none.
    """

    issuer: str
    client_id: str
    roles: dict[str, Role]
    client_secret_file: str = ""
    role_claim: str = "groups"
    name_claim: str = "email"
    label: str = "single sign-on"


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for."""

    name: str
    role: Role
    issuer: str


def read_settings(path: Path) -> OidcSettings:
    """The settings in a TOML file. Raises UsageError."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), OidcSettings)
    except (OSError, ValueError) as error:
        cure = "it needs issuer, client_id and a table [roles]; see docs/console.md"
        raise UsageError(f"the settings of single sign-on cannot be read: {error}", place=str(path), cure=cure) from error


class IdentityProvider:
    """The provider that the settings name; ``transport`` is how it is reached, the network if None."""

    def __init__(self, settings: OidcSettings, folder: Path, origin: str, transport: httpx.BaseTransport | None = None) -> None:
        self.settings = settings
        self._folder = folder
        self._callback = f"{origin}/sign-in/callback"
        self._transport = transport

    def address(self, challenges: Challenges, cookie: str, now: int) -> str:
        """Where the browser goes to sign in. Raises ProviderFailed."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client() as client:
            endpoint = self._described(client)["authorization_endpoint"]
            address, _ = client.create_authorization_url(
                endpoint,
                state=state,
                nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier),
                code_challenge_method="S256",
            )
        challenges.keep("oidc", cookie, json.dumps([state, nonce, verifier]), now)
        return str(address)

    def vouched(self, challenges: Challenges, cookie: str, query: Mapping[str, str], now: int) -> Vouched:
        """Who came back. Raises RefusedByPolicy if that is not proved or has no role here, ProviderFailed."""
        kept = challenges.take("oidc", cookie, now)
        state, nonce, verifier = json.loads(kept) if kept else ("", "", "")
        if not state or not secrets.compare_digest(state.encode(), query.get("state", "").encode()):
            raise RefusedByPolicy("this is not the answer to a sign-in of this browser", place="single sign-on", cure=_CURE)
        if "code" not in query:
            raise RefusedByPolicy("the identity provider did not sign you in", place="single sign-on", cure=_CURE)
        return self._role_of(self._claims(query["code"], nonce, verifier, now))

    def _claims(self, code: str, nonce: str, verifier: str, now: int) -> Mapping[str, Any]:
        """The claims of the ID token for a code."""
        try:
            with self._client() as client:
                described = self._described(client)
                token = client.fetch_token(
                    described["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
                )
                keys = KeySet.import_key_set(client.get(described["jwks_uri"], withhold_token=True).json())
            claims = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                now=now,
                leeway=60,
                iss={"essential": True, "value": self.settings.issuer},
                aud={"essential": True, "value": self.settings.client_id},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, OAuthError, KeyError, ValueError) as error:
            raise RefusedByPolicy("the identity provider's answer does not hold", place="single sign-on", cure=_CURE) from error
        except httpx.HTTPError as error:
            raise _failed(self.settings.issuer, error) from error
        return claims

    def _role_of(self, claims: Mapping[str, Any]) -> Vouched:
        said = claims.get(self.settings.role_claim, [])
        values = [said] if isinstance(said, str) else [value for value in said if isinstance(value, str)]
        roles = {self.settings.roles[value] for value in values if value in self.settings.roles}
        name = str(claims.get(self.settings.name_claim) or claims.get("sub") or "")
        if not roles or not name:
            cure = "ask an administrator to give one of your groups a role"
            raise RefusedByPolicy("you have no role here", place=name or "single sign-on", cure=cure)
        return Vouched(name[:80], max(roles, key=list(Role).index), self.settings.issuer)

    def _client(self) -> OAuth2Client:
        secret = self.settings.client_secret_file
        try:
            text = (self._folder / secret).read_text("utf-8").strip() if secret else None
        except OSError as error:
            raise UsageError(
                f"the secret cannot be read ({error.strerror})", place=secret, cure="see client_secret_file"
            ) from error
        return OAuth2Client(
            self.settings.client_id,
            text,
            token_endpoint_auth_method="client_secret_basic" if text else "none",
            scope="openid email profile",
            redirect_uri=self._callback,
            transport=self._transport,
            timeout=_SECONDS,
        )

    def _described(self, client: OAuth2Client) -> Mapping[str, str]:
        """The provider's own description (OpenID Connect Discovery 1.0)."""
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            described: Mapping[str, str] = client.get(address, withhold_token=True).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise _failed(address, error) from error
        if described.get("issuer") != self.settings.issuer:
            raise _failed(address, ValueError("it names another issuer"))
        return described


def _failed(place: str, error: Exception) -> ProviderFailed:
    return ProviderFailed(f"the identity provider does not answer ({error})", place=place, cure=_CURE)
