"""Single sign-on with OpenID Connect: the authorisation code flow with PKCE, its parameters by Authlib, its tokens by joserfc.

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
from urllib.parse import quote

import httpx
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
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
        address = prepare_grant_uri(
            endpoint,
            self.settings.client_id,
            "code",
            redirect_uri=self._callback,
            scope="openid email profile",
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
                token = self._token(client, described["token_endpoint"], code, verifier)
                keys = KeySet.import_key_set(client.get(described["jwks_uri"]).raise_for_status().json())
            claims = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                now=now,
                leeway=60,
                iss={"essential": True, "value": self.settings.issuer},
                aud={"essential": True, "value": self.settings.client_id},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise RefusedByPolicy("the identity provider's answer does not hold", place="single sign-on", cure=_CURE) from error
        except httpx.HTTPError as error:
            raise _failed(self.settings.issuer, error) from error
        return claims

    def _role_of(self, claims: Mapping[str, Any]) -> Vouched:
        said = claims.get(self.settings.role_claim, [])
        listed = [said] if isinstance(said, str) else said if isinstance(said, list) else []
        values = [value for value in listed if isinstance(value, str)]
        roles = {self.settings.roles[value] for value in values if value in self.settings.roles}
        name = str(claims.get(self.settings.name_claim) or claims.get("sub") or "")
        if not roles or not name:
            cure = "ask an administrator to give one of your groups a role"
            raise RefusedByPolicy("you have no role here", place=name or "single sign-on", cure=cure)
        return Vouched(name[:80], max(roles, key=list(Role).index), self.settings.issuer)

    def _token(self, client: httpx.Client, endpoint: str, code: str, verifier: str) -> Mapping[str, Any]:
        """What the provider gives for a code (RFC 6749, 4.1.3; RFC 7636, 4.5). Raises RefusedByPolicy if it gives nothing."""
        secret, name = self._secret(), self.settings.client_id
        asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._callback, "code_verifier": verifier}
        login = httpx.BasicAuth(quote(name, safe=""), quote(secret, safe="")) if secret else httpx.USE_CLIENT_DEFAULT
        answer = client.post(endpoint, data=asked if secret else asked | {"client_id": name}, auth=login)
        if answer.is_client_error:
            raise RefusedByPolicy("the identity provider does not know this sign-in", place="single sign-on", cure=_CURE)
        token: Mapping[str, Any] = answer.raise_for_status().json()
        return token

    def _secret(self) -> str:
        """The client's secret; empty for a public client. Raises UsageError."""
        file = self.settings.client_secret_file
        try:
            return (self._folder / file).read_text("utf-8").strip() if file else ""
        except OSError as error:
            raise UsageError(f"the secret cannot be read ({error.strerror})", place=file, cure="see client_secret_file") from error

    def _client(self) -> httpx.Client:
        return httpx.Client(transport=self._transport, timeout=_SECONDS)

    def _described(self, client: httpx.Client) -> Mapping[str, str]:
        """The provider's own description (OpenID Connect Discovery 1.0)."""
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            described: Mapping[str, str] = client.get(address).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise _failed(address, error) from error
        if described.get("issuer") != self.settings.issuer:
            raise _failed(address, ValueError("it names another issuer"))
        return described


def _failed(place: str, error: Exception) -> ProviderFailed:
    return ProviderFailed(f"the identity provider does not answer ({error})", place=place, cure=_CURE)
