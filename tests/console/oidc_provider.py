"""A small identity provider: discovery, authorisation codes with PKCE (RFC 7636), a token end point, keys; everything invented."""

import base64
import hashlib
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

ISSUER = "https://identity.example"
CLIENT, SECRET = "stillwatch-console", "a synthetic secret"
ALGORITHM = "ES256"


class Provider:
    """The provider; ``claims`` are said of whoever signs in, ``forged`` replaces claims of the token, ``key`` signs it."""

    def __init__(self, clock):
        self.clock = clock
        self.key = self.known = ECKey.generate_key("P-256", {"kid": "one", "use": "sig"})
        self.algorithm = ALGORITHM
        self.claims = {"email": "ada@example.test", "groups": ["analysts"]}
        self.forged, self.codes, self.silent = {}, {}, False
        self.transport = httpx.MockTransport(self._answer)

    def signs_in(self, address):
        """A person signs in at the address; where the browser goes on."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{ISSUER}/authorize?") and asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT and "openid" in asked["scope"].split() and asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def _answer(self, request):
        if self.silent:
            raise httpx.ConnectError("nobody answers", request=request)
        match request.url.path:
            case "/.well-known/openid-configuration":
                ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
                return httpx.Response(200, json={"issuer": ISSUER} | {name: f"{ISSUER}/{end}" for name, end in ends.items()})
            case "/keys":
                return httpx.Response(200, json={"keys": [self.known.as_dict(private=False)]})
            case "/token":
                return self._token(request)
        return httpx.Response(404)

    def _token(self, request):
        said = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        login = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode().split(":")
        asked = self.codes.pop(said.get("code", ""), None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(said.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        fits = asked and digest == asked["code_challenge"] and said.get("redirect_uri") == asked["redirect_uri"]
        if not fits or list(map(unquote, login)) != [CLIENT, SECRET]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        now = int(self.clock())
        claims = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        token = self._signed({k: v for k, v in (claims | self.claims | self.forged).items() if v is not None})
        return httpx.Response(200, json={"access_token": "synthetic", "token_type": "Bearer", "id_token": token})

    def _signed(self, claims):
        if self.algorithm == "none":
            parts = ({"alg": "none", "kid": "one"}, claims)
            return (
                ".".join(base64.urlsafe_b64encode(httpx.Response(200, json=p).content).rstrip(b"=").decode() for p in parts) + "."
            )
        return jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.key)
