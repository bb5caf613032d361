"""The token end point of OAuth 2.0 for client credentials (RFC 6749, 4.4): a member's key in, a short-lived access token out.

The client authenticates with Basic or with ``client_id`` and ``client_secret`` in the form (2.3.1); its id is the member's name
or the key's id, its secret the key.
"""

from urllib.parse import parse_qs

import msgspec
from starlette.responses import Response

from stillwatch.hub.access.bearer import LIFETIME_SECONDS, issue
from stillwatch.hub.access.credentials import CHALLENGE, authenticate, of_client
from stillwatch.hub.access.directory import Directory

MOST_BYTES = 16 * 1024


def token(body: bytes, authorization: str | None, directory: Directory, now: int) -> Response:
    """The answer to a request for a token; ``now`` in microseconds. Errors are those of RFC 6749, 5.2."""
    form = _form(body)
    if form is None or "grant_type" not in form:
        return _refused(400, "invalid_request")
    if form["grant_type"] != "client_credentials":
        return _refused(400, "unsupported_grant_type")
    if authorization is None:
        key = of_client(form.get("client_id", ""), form.get("client_secret", ""), directory, now)
    else:
        key = authenticate(authorization, directory, now)
    if key is None:
        return _refused(401, "invalid_client")
    made = issue(directory.signing_secret, key.id, now // 1_000_000)
    return _json(200, {"access_token": made, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS})


def _form(body: bytes) -> dict[str, str] | None:
    """The fields of a form, each standing once."""
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=20)
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items()} if all(len(values) == 1 for values in fields.values()) else None


def _refused(status: int, error: str) -> Response:
    response = _json(status, {"error": error})
    if status == 401:
        response.headers["WWW-Authenticate"] = CHALLENGE
    return response


def _json(status: int, content: dict[str, object]) -> Response:
    return Response(msgspec.json.encode(content), status, {"Pragma": "no-cache"}, media_type="application/json")
