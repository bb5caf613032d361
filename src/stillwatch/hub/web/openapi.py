"""The OpenAPI description of every end point, for people who write clients and for programs that try to break them.

>>> sorted(described()["paths"])[:2]
['/appeals/{appeal}/answers/', '/changes/']
"""

from typing import Any

from stillwatch import __version__
from stillwatch.hub.taxii.media_types import TAXII

_TEXT = {"type": "string"}
_JSON = "application/json"
_ERRORS = (400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 422, 429, 503)
_PAGE = ("added_after", "limit", "next")
_OBJECTS = ("match[id]", "match[type]", "match[version]", "match[spec_version]")
_ONE = "/{root}/collections/{collection}/"
_OBJECTS_PATH = f"{_ONE}objects/"

_READ: dict[str, tuple[str, tuple[str, ...]]] = {
    "/taxii2/": ("Discovery", ()),
    "/{root}/": ("API root", ()),
    "/{root}/status/{status}/": ("Status of a request to add objects", ()),
    "/{root}/collections/": ("Collections", ()),
    _ONE: ("A collection", ()),
    f"{_ONE}manifest/": ("Manifest", _PAGE + _OBJECTS),
    f"{_ONE}objects/": ("Objects", _PAGE + _OBJECTS),
    f"{_ONE}objects/{{object}}/": ("One object", (*_PAGE, "match[version]", "match[spec_version]")),
    f"{_ONE}objects/{{object}}/versions/": ("Versions of an object", (*_PAGE, "match[spec_version]")),
}

_BESIDE: dict[str, tuple[str, str]] = {
    f"{_ONE}objects/{{object}}/standing/": ("Opinions, sightings, age and warnings", _JSON),
    "/changes/": ("The feed of changes, by polling or as server-sent events", _JSON),
    "/tokens/": ("Epochs of tokens that are open, and what one may ask a day", _JSON),
    "/registers/": ("Authorised distillation and independent evaluators", _JSON),
    "/operator/status/": ("How much is in the hub, for operators", _JSON),
    "/operator/traces/{object}/": ("Whom an object reached, or why not, for operators", _JSON),
    "/operator/appeals/": ("Cases of wrong flags, for operators", _JSON),
    "/operator/appeals/{appeal}/": ("A case and its course at every member, for operators", _JSON),
    "/metrics/": ("Metrics for Prometheus, for operators", "text/plain"),
    "/health/": ("Whether the process is up", _JSON),
    "/ready/": ("Whether the hub can be used", _JSON),
    "/openapi.json/": ("This description", _JSON),
}


def described() -> dict[str, Any]:
    """The description, OpenAPI 3.1."""
    schemes = {"basic": {"type": "http", "scheme": "basic"}, "bearer": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stillwatch hub", "version": __version__, "description": "TAXII 2.1, and what stands beside it."},
        "paths": _read_paths() | _written_paths(),
        "components": {"securitySchemes": schemes},
        "security": [{"basic": []}, {"bearer": []}],
    }


def _read_paths() -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for path, (summary, query) in _READ.items():
        paths[path] = {"parameters": _names(path), "get": _operation(summary, {200: TAXII}, query)}
    for path, (summary, kind) in _BESIDE.items():
        paths[path] = {"parameters": _names(path), "get": _operation(summary, {200: kind}, ())}
    paths["/changes/"]["get"]["parameters"] = [_query("after"), _query("limit")]
    paths[_OBJECTS_PATH]["post"] = _operation("Add objects", {202: TAXII}, (), TAXII, _ENVELOPE)
    deleting = ("match[version]", "match[spec_version]")
    paths[f"{_OBJECTS_PATH}{{object}}/"]["delete"] = _operation("Delete an object", {200: TAXII}, deleting)
    return paths


def _written_paths() -> dict[str, dict[str, Any]]:
    form = _fields("grant_type", "client_id", "client_secret")
    answers = "/appeals/{appeal}/answers/"
    return {
        "/oauth2/token/": {"post": _operation("Access token", {200: _JSON}, (), "application/x-www-form-urlencoded", form)},
        "/tokens/evaluations/": {"post": _operation("Evaluate blinded elements", {200: _JSON}, (), _JSON, _BATCH)},
        "/changes/receipts/": {"post": _operation("Confirm changes", {204: None}, (), _JSON, _fields("cursor"))},
        answers: {"parameters": _names(answers), "post": _operation("Say what was done", {204: None}, (), _JSON, _fields("what"))},
    }


def _fields(*names: str) -> dict[str, Any]:
    return {"type": "object", "required": list(names), "properties": dict.fromkeys(names, _TEXT)}


_BATCH = {
    "type": "object",
    "required": ["epoch", "elements"],
    "properties": {"epoch": _TEXT, "elements": {"type": "array", "items": {"type": "string", "format": "byte"}}},
}
_ENVELOPE = {"type": "object", "required": ["objects"], "properties": {"objects": {"type": "array", "items": {"type": "object"}}}}


def _operation(
    summary: str, good: dict[int, str | None], query: tuple[str, ...], sent: str | None = None, schema: dict[str, Any] | None = None
) -> dict[str, Any]:
    answers = {str(status): {"description": summary, "content": {kind: {}} if kind else {}} for status, kind in good.items()}
    answers |= {str(status): {"description": "Error", "content": {TAXII: {}, _JSON: {}}} for status in _ERRORS}
    made: dict[str, Any] = {"summary": summary, "parameters": [_query(name) for name in query], "responses": answers}
    if sent:
        made["requestBody"] = {"required": True, "content": {sent: {"schema": schema}}}
    return made


def _query(name: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": _TEXT}


def _names(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in names]
