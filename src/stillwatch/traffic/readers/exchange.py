"""One HTTP exchange as logs record it: a request body, perhaps a response, and what stood around them.

Proxies, gateways and our own captures write the same few things under many names; this module finds them once for all
readers of request bodies.

>>> exchange = unwrap({"ts": 1791763200, "path": "/v1/chat/completions", "body": {"model": "m"}, "headers": []}, place)
>>> exchange.path, exchange.body
('/v1/chat/completions', {'model': 'm'})
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from stillwatch.traffic.readers.record import (
    Place,
    Record,
    Row,
    Unreadable,
    derived_id,
    first,
    items,
    mapping,
    real,
    text,
    tidy,
    time_of,
    whole,
)
from stillwatch.traffic.readers.streams import decoded

_ACCOUNT = ("account_id", "account", "api_key_id", "api_key_hash", "project_id", "organization_id", "user_id", "customer_id")
_BODY = ("body", "request_body", "request", "requestBody", "input_body")
_RESPONSE = ("response", "response_body", "responseBody", "output_body")
_AGENT = ("user_agent", "userAgent")
_FINGERPRINT = ("x-ja4", "ja4", "cf-ja4", "x-ja3-fingerprint", "x-ja3", "ja3", "client_fingerprint")
_CONVERSATION = ("conversation_id", "session_id", "x-session-id", "x-conversation-id", "session-id", "conversation-id")
_CLIENT = ("ip", "client_ip", "requester_ip_address", "client_address")
_FORWARDED = ("x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip")
_PEER = ("remote_addr", "remote_address", "source_ip", "peer_ip", "peer")
_IN_PATH = re.compile(r"/(?:deployments|models|model)/([^/:?]+)")
_ACCESS = (("/openai/deployments/", "azure"), ("/publishers/", "vertex"), ("/model/", "bedrock"))


@dataclass(frozen=True)
class Exchange:
    """A request ``body`` (JSON object, or the raw text of something else) with what stood around it.

    ``headers`` have lower-case names; ``response`` is the decoded response object, empty if none; ``around`` the record.
    """

    ts: datetime
    path: str
    method: str
    headers: Mapping[str, str]
    body: Any
    response: Record
    around: Record
    place: Place

    def common(self, part: int | None = None) -> Row:
        """The canonical columns that do not depend on the provider's format; ``part`` numbers rows of one record."""
        around, headers = self.around, self.headers
        status = whole(first(around, "status", "status_code", "statusCode"))
        response_id = text(self.response.get("id"))
        known = text(first(around, "request_id", "requestId", "x-request-id")) or headers.get("x-request-id")
        name = known or response_id or text(around.get("id")) or derived_id(around, self.place)
        return tidy(
            {
                "request_id": name if part is None else f"{name}#{part}",
                "ts": self.ts,
                "account_id": text(first(around, *_ACCOUNT)),
                "org_id": text(first(around, "org_id", "organization")) or headers.get("openai-organization"),
                "ip": _client(around, headers),
                "user_agent": text(first(around, *_AGENT)) or headers.get("user-agent"),
                "client_fingerprint": text(first(around, *_FINGERPRINT)) or first(headers, *_FINGERPRINT),
                "conversation_id": text(first(around, *_CONVERSATION)) or first(headers, *_CONVERSATION),
                "access_path": text(around.get("access_path")) or self._access_path(),
                "status": status,
                "latency_ms": real(first(around, "latency_ms", "duration_ms", "response_time_ms")),
            }
        )

    def model(self) -> str:
        """The model that the body, the path or the response names. Raises Unreadable if none does."""
        in_path = _IN_PATH.search(self.path)
        name = text(mapping(self.body).get("model")) or (unquote(in_path[1]) if in_path else None)
        name = name or text(self.response.get("model"))
        if not name:
            raise Unreadable("no model is named, so this is no request to one")
        return name

    def _access_path(self) -> str | None:
        return next((name for mark, name in _ACCESS if mark in self.path), None)


def unwrap(record: Record, place: Place) -> Exchange:
    """Find the exchange in a record of any of the usual forms; a bare request body is its own record.

    Raises Unreadable if there is no time and none can be had.
    """
    wrapped = next((name for name in _BODY if record.get(name) is not None), None)
    body = decoded(record[wrapped]) if wrapped else record
    response = mapping(decoded(first(record, *_RESPONSE)))
    status = response.get("status_code")
    if status is not None and "body" in response:
        response = mapping(decoded(response["body"]))
    around = {**record, "status": status} if status is not None and "status" not in record else record
    headers = _headers(record.get("headers") or mapping(record.get("request")).get("headers"))
    return Exchange(
        ts=time_of(record) or time_of(response) or place.modified,
        path=str(first(record, "path", "url", "endpoint", "uri") or ""),
        method=str(record.get("method") or "POST").upper(),
        headers=headers,
        body=body,
        response=response,
        around=around if wrapped else {name: value for name, value in around.items() if name != "user"},
        place=place,
    )


def _headers(found: object) -> Mapping[str, str]:
    pairs = list(found.items()) if isinstance(found, Mapping) else items(found)
    out: dict[str, str] = {}
    for pair in pairs:
        if isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[0], str):
            value = pair[1][0] if isinstance(pair[1], list) and pair[1] else pair[1]
            out.setdefault(pair[0].lower(), str(value))
    return out


def address(value: object) -> str | None:
    """An IP address out of a field that holds one, perhaps with its port; loopback and no address at all are None."""
    given = (text(value) or "").strip()
    given = given[1:].partition("]")[0] if given.startswith("[") else given
    given = given.partition(":")[0] if given.count(":") == 1 else given
    try:
        found = ipaddress.ip_address(given)
    except ValueError:
        return None
    return None if found.is_loopback or found.is_unspecified else str(found)


def _client(around: Record, headers: Mapping[str, str]) -> str | None:
    """The client's address: as the log names it, else the first hop of a forwarding header, else the peer's."""
    forwarded = [headers.get(name, "").split(",")[0] for name in _FORWARDED]
    candidates = [around.get(name) for name in _CLIENT] + forwarded + [around.get(name) for name in _PEER]
    return next((found for value in candidates if value and (found := address(value))), None)


def header_or_field(record: Record, name: str) -> str | None:
    """The value of a field (dotted for nested ones) or, failing that, of a header, wherever headers stand in a record."""
    value: Any = record
    for part in name.split("."):
        value = decoded(mapping(value).get(part))
    if value is None:
        value = _headers(record.get("headers") or mapping(record.get("request")).get("headers")).get(name.lower())
    return text(value)


def refuse_errors(exchange: Exchange) -> None:
    """Raise Unreadable if the body is no JSON object."""
    if not isinstance(exchange.body, Mapping):
        kind = type(exchange.body).__name__
        raise Unreadable(f"the request body is not a JSON object but {kind}")
