"""TAXII 2.1, sections 3.2 to 3.4 and 5.3 to 5.8: objects, manifests, versions, filters, paging; on both kinds of store."""

import json
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from stillwatch.hub.access.member import Role
from stillwatch.hub.store.objects import Scope, looked_at
from stillwatch.hub.taxii.filters import Filter
from tests.hub.world import TAXII, Client, World, indicator

V1, V2, V3 = (f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3))
SCO = {"type": "ipv4-addr", "spec_version": "2.1", "id": "ipv4-addr--00000000-0000-5000-8000-000000000001", "value": "198.51.100.3"}


@pytest.fixture
def client(shared_world: World) -> Client:
    return shared_world.newcomer()


def test_objects_come_back_as_they_went_in(client: Client) -> None:
    odd = (
        b'{ "x_z":1.50,"type":"indicator" , "id":"indicator--00000000-0000-4000-8000-000000000001","x_a":1E2,\n'
        b'"created":"2026-01-01T00:00:00.0Z", "x_big":123456789012345678901234567890, "x_text":"\\u00e9\xc3\xa9\\/\\ud83d\\ude00",'
        b'"modified":"2026-01-01T00:00:00.10Z","spec_version":"2.1", "x_e":-0.0, "x_empty":{} }'
    )
    assert client.post(b'{"objects": [' + odd + b" ]}").json()["success_count"] == 1
    assert client.get().content == b'{"more":false,"objects":[' + odd + b"]}"
    assert client.get("/manifest/").json()["objects"][0]["version"] == "2026-01-01T00:00:00.10Z"


def test_an_empty_collection_is_an_empty_object(client: Client) -> None:
    for path in ("/objects/", "/manifest/"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {})
        assert "x-taxii-date-added-first" not in answer.headers


def test_pages_by_next_and_their_dates(client: Client) -> None:
    client.add(*(indicator(number) for number in range(7)))
    manifest = client.get("/manifest/").json()["objects"]
    dates = [entry["date_added"] for entry in manifest]
    assert dates == sorted(set(dates)) and all(entry["media_type"] == "application/stix+json;version=2.1" for entry in manifest)
    first = client.get(limit=3)
    assert first.json()["more"] is True and len(first.json()["objects"]) == 3
    assert first.headers["x-taxii-date-added-first"] == dates[0] and first.headers["x-taxii-date-added-last"] == dates[2]
    last = client.get(limit=3, next=client.get(limit=3, next=first.json()["next"]).json()["next"]).json()
    assert last["more"] is False and "next" not in last and len(last["objects"]) == 1
    assert [thing["id"] for thing in client.crawl(2)] == [entry["id"] for entry in manifest]


def test_pages_by_added_after(client: Client) -> None:
    """Manifests have no next; the dates carry one over all of it."""
    client.add(*(indicator(number) for number in range(5)))
    found: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/manifest/", limit=2, **after)
        found += [entry["id"] for entry in page.json().get("objects", [])]
        assert "next" not in page.json()
        if not page.json().get("more"):
            break
        after = {"added_after": page.headers["x-taxii-date-added-last"]}
    assert found == [indicator(number)["id"] for number in range(5)]
    assert client.ids(added_after=page.headers["x-taxii-date-added-last"]) == []
    assert client.ids(added_after="1970-01-01T00:00:00Z") == found


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        ({}, [V3]),
        ({"match[version]": "last"}, [V3]),
        ({"match[version]": "first"}, [V1]),
        ({"match[version]": "first,last"}, [V1, V3]),
        ({"match[version]": "all"}, [V1, V2, V3]),
        ({"match[version]": V2}, [V2]),
        ({"match[version]": "2026-01-02T00:00:00Z,first"}, [V1, V2]),
        ({"match[version]": "2020-01-01T00:00:00Z"}, []),
    ],
)
def test_versions(client: Client, versions: dict[str, str], found: list[str]) -> None:
    for modified in (V1, V2, V3):
        client.add(indicator(1, modified=modified))
    name = indicator(1)["id"]
    assert [thing["modified"] for thing in client.get(**versions).json().get("objects", [])] == found
    assert [entry["version"] for entry in client.get("/manifest/", **versions).json().get("objects", [])] == found
    assert [thing["modified"] for thing in client.get(f"/objects/{name}/", **versions).json().get("objects", [])] == found
    assert client.get(f"/objects/{name}/versions/").json() == {"more": False, "versions": [V1, V2, V3]}


def test_an_older_version_that_comes_later(client: Client) -> None:
    for modified in (V2, V1):
        client.add(indicator(1, modified=modified))
    assert client.get().json()["objects"][0]["modified"] == V2
    assert client.get(**{"match[version]": "first"}).json()["objects"][0]["modified"] == V1


def test_ids_and_types(client: Client) -> None:
    client.add(indicator(1), indicator(2), SCO)
    one, two = indicator(1)["id"], indicator(2)["id"]
    assert client.ids(**{"match[id]": f"{two},{one}"}) == [one, two]
    assert client.ids(**{"match[type]": "ipv4-addr"}) == [SCO["id"]]
    assert client.ids(**{"match[type]": "ipv4-addr,indicator", "match[id]": two}) == [two]
    assert client.ids(**{"match[type]": "campaign"}) == client.ids(**{"match[id]": "indicator--none"}) == []


def test_spec_versions(client: Client) -> None:
    """Without the filter only the newest version of STIX of each object is there (3.4.1)."""
    old = {name: value for name, value in indicator(1).items() if name != "spec_version"}
    client.add(old, indicator(1), {**old, "id": indicator(2)["id"]})
    assert [(t["id"], t.get("spec_version")) for t in client.get().json()["objects"]] == [
        (indicator(1)["id"], "2.1"),
        (indicator(2)["id"], None),
    ]
    assert client.ids(**{"match[spec_version]": "2.0"}) == [indicator(1)["id"], indicator(2)["id"]]
    assert client.ids(**{"match[spec_version]": "2.1"}) == [indicator(1)["id"]]
    assert len(client.ids(**{"match[spec_version]": "2.0,2.1"})) == 3
    assert len(client.ids(**{"match[version]": "all"})) == 2
    assert (
        client.get("/manifest/", **{"match[spec_version]": "2.0"}).json()["objects"][0]["media_type"]
        == "application/stix+json;version=2.0"
    )
    assert len(client.get(f"/objects/{indicator(1)['id']}/versions/").json()["versions"]) == 1
    assert len(client.get(f"/objects/{indicator(1)['id']}/versions/", **{"match[spec_version]": "2.0,2.1"}).json()["versions"]) == 2


def test_observables_have_the_date_added_as_version(client: Client) -> None:
    status = client.add(SCO)
    entry = client.get("/manifest/").json()["objects"][0]
    assert entry["version"] == entry["date_added"] == status["successes"][0]["version"]
    assert client.ids(**{"match[version]": entry["version"]}) == [SCO["id"]]


def test_what_is_there_already_is_not_stored_twice(client: Client) -> None:
    client.add(indicator(1), SCO)
    spelt_otherwise = dict(reversed(indicator(1).items()))
    status = client.add(spelt_otherwise, SCO, indicator(1))
    assert (status["success_count"], status["failure_count"]) == (3, 0)
    assert len(client.get("/manifest/", **{"match[version]": "all"}).json()["objects"]) == 2


def test_a_version_does_not_change(client: Client) -> None:
    client.add(indicator(1))
    before = client.get().content
    status = client.add(indicator(1, name="changed"))
    assert (status["failure_count"], status["failures"][0]["id"]) == (1, indicator(1)["id"]) and "later modified" in status[
        "failures"
    ][0]["message"]
    assert client.get().content == before


def test_delete(client: Client) -> None:
    client.add(indicator(1, modified=V1), indicator(1, modified=V2), indicator(2))
    path = f"/objects/{indicator(1)['id']}/"
    assert client.delete(path, **{"match[version]": V2}).status_code == 200
    assert client.get(path).json()["objects"][0]["modified"] == V1
    assert client.delete(path).status_code == 200
    for gone in (path, path + "versions/"):
        assert client.get(gone).status_code == 404
    assert client.delete(path).status_code == 404
    assert client.ids() == [indicator(2)["id"]]
    client.add(indicator(1, modified=V1))
    assert client.ids() == [indicator(2)["id"], indicator(1)["id"]]


def test_delete_takes_every_version_of_stix(client: Client) -> None:
    client.add({name: value for name, value in indicator(1).items() if name != "spec_version"}, indicator(1))
    assert client.delete(f"/objects/{indicator(1)['id']}/").status_code == 200
    assert client.get(**{"match[spec_version]": "2.0,2.1"}).json() == {}


def test_rights(stored_world: World) -> None:
    stored_world.member("a"), stored_world.member("b")
    read_only = stored_world.client("a", stored_world.collection(readers=["member:a"], writers=["member:b"]))
    write_only = stored_world.client("b", read_only.collection)
    assert read_only.post(b'{"objects":[]}').status_code == 403
    assert write_only.add(indicator(1))["success_count"] == 1
    for path in ("/objects/", "/manifest/", f"/objects/{indicator(1)['id']}/", f"/objects/{indicator(1)['id']}/versions/"):
        assert write_only.get(path).status_code == 403
        assert read_only.get(path).status_code == 200
    assert read_only.delete(f"/objects/{indicator(1)['id']}/").status_code == 403
    assert write_only.delete(f"/objects/{indicator(1)['id']}/").status_code == 403


def test_only_its_contributor_or_an_operator_deletes_an_object(stored_world: World) -> None:
    stored_world.member("a"), stored_world.member("b"), stored_world.member("op", Role.OPERATOR)
    clients = {name: stored_world.client(name, stored_world.collection()) for name in ("a", "b", "op")}
    shared = {name: Client(c.http, name, c.key, clients["a"].collection) for name, c in clients.items()}
    shared["a"].add(indicator(1), indicator(2))
    assert shared["b"].delete(f"/objects/{indicator(1)['id']}/").status_code == 403
    assert shared["a"].delete(f"/objects/{indicator(1)['id']}/").status_code == 200
    assert shared["op"].delete(f"/objects/{indicator(2)['id']}/").status_code == 200


HOSTILE: list[Any] = [
    5, None, True, "indicator", [], {}, {"id": 5, "type": []}, {"type": "indicator"}, {"id": "indicator--1", "type": "indicator"},
    {**indicator(9), "type": "campaign"}, {**indicator(9), "modified": "yesterday"}, {**indicator(9), "modified": 5},
    {**indicator(9), "spec_version": 2.1}, {**indicator(9), "spec_version": "two"}, {**indicator(9), "spec_version": "3.0"},
    {**indicator(9), "modified": "2026-02-30T00:00:00Z"}, {**indicator(9), "id": indicator(9)["id"] + "\n"},
    {**indicator(9), "x": "\ud800"}, {**indicator(9), "modified": {}}, {"type": "\0", "id": "\0--00000000-0000-4000-8000-000000000001"},
]  # fmt: skip
HARMLESS: list[Any] = [
    {"type": "extension-definition", "spec_version": "2.1", "id": "extension-definition--00000000-0000-4000-8000-000000000001",
     "created": V1, "modified": V1, "name": "n", "schema": "s", "version": "1.0.0", "extension_types": ["property-extension"]},
    {"type": "x-unknown", "spec_version": "2.1", "id": "x-unknown--00000000-0000-4000-8000-000000000001", "created": V1, "modified": V1},
    {**indicator(8), "x_nul": "a\0b", "object_marking_refs": 5, "granular_markings": {"a": 1}},
    {**indicator(7), "granular_markings": [{"selectors": [5]}]}, {**indicator(6), "revoked": "yes", "object_marking_refs": [5, {}]},
]  # fmt: skip


def test_no_object_hurts_another(client: Client) -> None:
    """What made others answer 500 for ever (medallion: an extension-definition, {"id":5,"type":[]})."""
    client.add(indicator(1))
    status = client.add(*HOSTILE, *HARMLESS, indicator(2))
    assert (status["failure_count"], status["success_count"]) == (len(HOSTILE), len(HARMLESS) + 1)
    assert all(failure["message"] for failure in status["failures"])
    expected = [indicator(1)["id"], *(thing["id"] for thing in HARMLESS), indicator(2)["id"]]
    assert sorted(client.ids()) == sorted(expected)
    for name in expected:
        assert client.get(f"/objects/{name}/").status_code == client.get(f"/objects/{name}/versions/").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"5", b"null", b'"x"', b"{}", b'{"objects":[]}', b'{"objects":{}}', b'{"objects":null}', b'{"objects":[}]}',
        b'{"objects":[{}]}x', b'{"objects":[{}],"objects":[{}]}', b"\xff\xfe", b'{"objects":["\xff"]}', b"[" * 100_000,
        b'{"objects":' + b"[" * 100_000, b'{"more":false}', b'{"objects":[1,]}', b"\x00" * 100, b'{"type":"bundle","objects":[{}]}',
    ],
)  # fmt: skip
def test_422_for_what_is_no_envelope(client: Client, body: bytes) -> None:
    answer = client.post(body)
    assert answer.status_code == 422 and answer.json()["http_status"] == "422" and answer.json()["description"]
    assert client.get().json() == {}


def test_a_bundle_is_taken_like_an_envelope(client: Client) -> None:
    bundle = {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000001", "objects": [indicator(1)]}
    assert client.post(json.dumps(bundle).encode()).json()["success_count"] == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "application/json"}, 415),
        ({"Content_Type": "application/taxii+json;version=2.0"}, 415),
        ({"Content_Type": ""}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"Content_Encoding": "br, gzip"}, 415),
        ({"Accept": "application/json"}, 406),
        ({"Content_Type": "Application/TAXII+json ; Version=2.1", "Content_Encoding": "identity"}, 202),
        ({"Stillwatch_Audience": "member:nobody"}, 202),
        ({"Stillwatch_Audience": "everybody"}, 400),
        ({"Stillwatch_Audience": "group:"}, 400),
        ({"Stillwatch_Audience": ", ,"}, 400),
        ({"Stillwatch_Audience": ",".join(["group:x"] * 201)}, 400),
    ],
)
def test_headers_of_a_post(client: Client, headers: dict[str, str], status: int) -> None:
    assert client.post(json.dumps({"objects": [indicator(1)]}).encode(), **headers).status_code == status


def test_413(client: Client) -> None:
    body = json.dumps({"objects": [indicator(1, x_text="x" * 11_000_000)]}).encode()
    answer = client.post(body)
    assert answer.status_code == 413 and answer.json()["http_status"] == "413"
    assert client.get().json() == {}


@pytest.mark.parametrize(
    "query", ["limit=0", "match[version]=all,first", "added_after=x", "next=x", "match[x]=1", "limit=1&limit=2"]
)
def test_400(client: Client, query: str) -> None:
    name = client.add(indicator(1))["successes"][0]["id"]
    for path in ("/objects/", "/manifest/", f"/objects/{name}/"):
        answer = client.http.get(f"{client.path}{path}?{query}", auth=(client.member, client.key), headers={"Accept": TAXII})
        assert answer.status_code == 400 and answer.json()["description"].startswith(query.partition("=")[0])


def test_date_added_grows_when_the_clock_goes_back(stored_world: World) -> None:
    client = stored_world.client(stored_world.member("a"), stored_world.collection())
    client.add(indicator(1), indicator(2))
    stored_world.clock.now -= 3_600_000_000
    client.add(indicator(3))
    stored_world.clock.now += 7_200_000_000
    client.add(indicator(4))
    manifest = client.get("/manifest/").json()["objects"]
    dates = [entry["date_added"] for entry in manifest]
    assert dates == sorted(set(dates)) and [entry["id"] for entry in manifest] == [indicator(n)["id"] for n in (1, 2, 3, 4)]


def test_pages_are_full_however_many_versions_were_superseded(client: Client) -> None:
    versions = [indicator(1, modified=f"2026-01-{day:02}T{hour:02}:00:00.000Z") for day in range(1, 29) for hour in range(6)]
    client.add(indicator(2), *versions[:60], indicator(3), *versions[60:], indicator(4))
    expected = [indicator(2), indicator(3), versions[-1], indicator(4)]
    for limit in (1, 2, 3, 100):
        assert client.crawl(limit) == expected
    assert client.get(limit=4).json().get("more") is False
    assert len(client.crawl(50, **{"match[version]": "all"})) == len(versions) + 3


def test_what_has_a_name_is_found_by_it_and_pages_by_their_dates(world: World) -> None:
    """Which way SQLite goes does not depend on how much there is; the wrong one takes a second at 100,000 objects."""
    scope, name = Scope(1, [1], 1), indicator(1)["id"]
    asked: list[tuple[Filter, str | None, str]] = [
        (Filter(), None, "ix_objects_page"), (Filter(), name, "ix_objects_version"), (Filter(ids=(name,)), None, "ix_objects_version"),
        (Filter(types=("indicator",)), None, "ix_objects_type"),
    ]  # fmt: skip
    for wanted, stix_id, index in asked:
        query = looked_at(scope, wanted, stix_id, None, 101)
        words = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
        with world.hub.database.reading() as connection:
            plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {words}"))]
        assert any(f"SEARCH o USING INDEX {index} " in step for step in plan), plan
