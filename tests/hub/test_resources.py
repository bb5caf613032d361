"""TAXII 2.1, sections 1.6, 3, 4 and 5.1 to 5.2: what a client sees before it sees objects."""

import re
from datetime import datetime

import pytest
from starlette.testclient import TestClient

from stillwatch.hub.access.member import Role
from tests.hub.world import TAXII, World, indicator

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture
def http(world: World) -> TestClient:
    world.member("a")
    world.http.auth = ("a", world.keys["a"])
    world.http.headers["Accept"] = TAXII
    return world.http


def test_discovery(http: TestClient) -> None:
    answer = http.get("/taxii2/")
    assert answer.status_code == 200 and answer.headers["content-type"] == TAXII
    assert answer.json() == {"title": "Synthetic hub", "default": "http://testserver/hub/", "api_roots": ["http://testserver/hub/"]}


def test_api_root(http: TestClient) -> None:
    assert http.get("/hub/").json() == {"title": "Synthetic hub", "versions": [TAXII], "max_content_length": 10485760}


def test_no_collections_is_no_list(http: TestClient) -> None:
    assert http.get("/hub/collections/").json() == {}


def test_collections(http: TestClient, world: World) -> None:
    both, written = world.collection(alias="both"), world.collection(readers=())
    world.collection(readers=(), writers=())
    found = http.get("/hub/collections/").json()["collections"]
    assert [(c["id"], c["can_read"], c["can_write"], c.get("alias")) for c in found] == [
        (both, True, True, "both"),
        (written, False, True, None),
    ]
    assert all(
        UUID.fullmatch(c["id"]) and c["media_types"] == ["application/stix+json;version=2.0", "application/stix+json;version=2.1"]
        for c in found
    )


@pytest.mark.parametrize("spelling", ["id", "alias", "upper"])
def test_a_collection_by_id_or_alias(http: TestClient, world: World, spelling: str) -> None:
    made = world.collection(alias="both")
    name = {"id": made, "alias": "both", "upper": made.upper()}[spelling]
    found = http.get(f"/hub/collections/{name}/").json()
    assert found["id"] == made
    assert http.get(f"/hub/collections/{name}/objects/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/taxii2",
        "/hub",
        "/hub/collections",
        "/hub/collections/both",
        "/hub/collections/both/objects",
        "/hub/collections/both/manifest",
    ],
)
def test_the_last_slash_may_be_missing(http: TestClient, world: World, path: str) -> None:
    world.collection(alias="both")
    assert http.get(path, follow_redirects=False).status_code == http.get(path + "/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/", "/nowhere/collections/", "/hub/collections/none/", "/hub/collections/none/objects/", "/hub/status/none/",
        "/hub/collections/hidden/", "/hub/collections/hidden/objects/", "/hub/collections/hidden/manifest/", "/hub/what/", "/",
        "/hub/collections/both/objects/indicator--00000000-0000-4000-8000-000000000001/", "/hub/collections/both/objects/%00/",
        "/hub/collections/both/objects/indicator--00000000-0000-4000-8000-000000000001/versions/", "/hub/collections/%2e%2e/",
    ],
)  # fmt: skip
def test_404(http: TestClient, world: World, path: str) -> None:
    world.collection(alias="both")
    world.collection(alias="hidden", readers=(), writers=())
    answer = http.get(path)
    assert answer.status_code == 404 and answer.json()["http_status"] == "404" and answer.json()["title"]
    assert answer.headers["content-type"] == TAXII


@pytest.mark.parametrize(
    "path", ["/taxii2/", "/hub/", "/hub/collections/", "/hub/collections/both/objects/", "/hub/collections/both/manifest/"]
)
@pytest.mark.parametrize(
    "authorization",
    [None, "Basic", "Basic !!!", "Basic YTpi", "Bearer", "Bearer x.y.z", "Bearer swk_0_0", "Digest x", "Basic \xff"],
)
def test_401_says_how_to_authenticate(world: World, path: str, authorization: str | None) -> None:
    world.collection(alias="both")
    headers = {"Authorization": authorization.encode("latin-1")} if authorization else {}
    answer = world.http.get(path, headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401 and answer.json()["http_status"] == "401"
    assert "Basic realm=" in answer.headers["www-authenticate"] and "Bearer" in answer.headers["www-authenticate"]


def test_the_name_must_be_that_of_the_keys_member(world: World) -> None:
    world.member("a"), world.member("b")
    assert world.http.get("/hub/", auth=("a", world.keys["a"])).status_code == 200
    assert world.http.get("/hub/", auth=("b", world.keys["a"])).status_code == 401
    assert world.http.get("/hub/", auth=("a", world.keys["a"][:-1] + "_")).status_code == 401


@pytest.mark.parametrize(
    "path", ["/taxii2/", "/hub/", "/hub/collections/", "/hub/collections/both/", "/hub/collections/both/objects/"]
)
def test_406(http: TestClient, world: World, path: str) -> None:
    world.collection(alias="both")
    answer = http.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 406 and answer.headers["content-type"] == TAXII
    assert http.get(path, headers={"Accept": "application/TAXII+json ; version=2.1 ; q=0.3"}).headers["content-type"] == TAXII


def test_several_accept_headers_are_one(http: TestClient) -> None:
    several = [("Accept", "text/html"), ("Accept", TAXII)]
    assert http.get("/taxii2/", headers=several).status_code == 200  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/taxii2/"),
        ("DELETE", "/hub/"),
        ("PUT", "/hub/collections/both/objects/"),
        ("POST", "/hub/collections/both/manifest/"),
        ("PATCH", "/hub/collections/"),
    ],
)
def test_405_names_the_methods(http: TestClient, world: World, method: str, path: str) -> None:
    world.collection(alias="both")
    answer = http.request(method, path)
    assert answer.status_code == 405 and "GET" in answer.headers["allow"] and answer.json()["http_status"] == "405"


def test_head_is_get_without_a_body(http: TestClient) -> None:
    answer = http.head("/taxii2/")
    assert answer.status_code == 200 and answer.content == b""


def test_status(http: TestClient, world: World) -> None:
    world.member("b"), world.member("op", Role.OPERATOR)
    client = world.client("a", world.collection(alias="both"))
    status = client.add(indicator(1), 5, {"id": 5, "type": []})
    assert UUID.fullmatch(status["id"]) and status["status"] == "complete"
    assert datetime.fromisoformat(status["request_timestamp"])
    assert (status["total_count"], status["success_count"], status["failure_count"], status["pending_count"]) == (3, 1, 2, 0)
    assert "pendings" not in status and [len(status[name]) for name in ("successes", "failures")] == [1, 2]
    assert all(detail.keys() >= {"id", "version", "message"} for detail in status["failures"])
    assert http.get(f"/hub/status/{status['id']}/").json() == status
    assert http.get(f"/hub/status/{status['id']}/", auth=("b", world.keys["b"])).status_code == 404
    assert http.get(f"/hub/status/{status['id']}/", auth=("op", world.keys["op"])).json() == status
