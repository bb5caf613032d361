"""The hub's commands: what they print, what they refuse, and that a hub made by them can be served."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from stillwatch.cli.hub.commands import app
from stillwatch.errors import NoReadableInput, RefusedByPolicy, UsageError
from stillwatch.hub.analysis.statistics import YEARS_EPSILON, bucket
from stillwatch.hub.analysis.watchman import BY
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.stix.objects import Identity, as_json
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of
from tests.hub.served import Served
from tests.hub.test_analysis import DAYS, SAME, told
from tests.hub.world import indicator

NOW = datetime(2026, 11, 24, tzinfo=UTC)
ABOUT = indicator(1)["id"]


def run(state: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--state", str(state)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def said(state: Path, *arguments: str) -> Any:
    result = run(state, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    said(folder, "init", "--title", "Synthetic ISAC")
    return folder


@pytest.fixture
def filled(state: Path, tmp_path: Path) -> Path:
    """A hub with a member and a collection in which there is something."""
    said(state, "member", "add", "a")
    said(
        state,
        "collection",
        "add",
        "Anything",
        "--alias",
        "any",
        "--open",
        "--unmarked",
        "green",
        "--reader",
        "everyone",
        "--writer",
        "member:a",
    )
    archive = tmp_path / "archive.jsonl"
    lines = [{"object": indicator(number), "date_added": f"2026-01-0{number}T00:00:00Z"} for number in (1, 2, 3)]
    archive.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert said(state, "import", str(archive), "--collection", "any", "--as", "a") == {"objects": 3, "taken": 3, "refused": 0}
    return state


def test_init_shows_the_operators_key_once(tmp_path: Path) -> None:
    first = said(tmp_path / "hub", "init", "--title", "Synthetic ISAC")
    again = said(tmp_path / "hub", "init")
    assert first["hub"] == again["hub"] == "Synthetic ISAC"
    assert first["member"] == "operator" and first["key"].startswith("swk_") and "key" not in again


def test_members_groups_keys_and_collections(state: Path) -> None:
    key = said(state, "member", "add", "a", "--role", "partner", "--identity", "identity--00000000-0000-4000-8000-000000000001")
    assert (key["member"], key["role"]) == ("a", "partner")
    run(state, "group", "add", "cell", "--member", "a")
    run(state, "group", "join", "cell", "operator")
    run(state, "group", "leave", "cell", "operator")
    assert said(state, "group", "list") == [{"group": "cell", "members": ["a"]}]
    made = said(state, "collection", "add", "Campaigns", "--alias", "c", "--reader", "group:cell")
    run(state, "collection", "grant", "c", "member:a", "--read", "--write")
    (collection,) = said(state, "collection", "list")
    assert collection["id"] == made["collection"] and made["path"] == f"/hub/collections/{made['collection']}/"
    assert (collection["receipt"], collection["unmarked"]) == ("guarded", "red")
    assert (collection["readers"], collection["writers"]) == (["group:cell", "member:a"], ["member:a"])
    second = said(state, "key", "add", "a", "--read-only", "--label", "siem", "--expires", "2099-01-01T00:00:00Z")
    run(state, "key", "revoke", second["id"])
    keys = {row["label"]: row for row in said(state, "key", "list")}
    assert keys["siem"]["may"] == "read" and keys["siem"]["state"] == "revoked" and "swk_" not in json.dumps(keys)
    run(state, "member", "suspend", "a")
    assert {row["member"]: row["state"] for row in said(state, "member", "list")} == {"operator": "active", "a": "suspended"}
    run(state, "member", "resume", "a")
    with Ledger.read(state / "ledger.sqlite") as ledger:
        assert [entry.details["what"] for entry in ledger.entries(kind="decision")][:2] == ["member added", "group added"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["member", "add", "operator"], UsageError),
        (["member", "suspend", "nobody"], UsageError),
        (["group", "join", "none", "operator"], UsageError),
        (["key", "revoke", "0000000000000000"], UsageError),
        (["key", "add", "operator", "--expires", "tomorrow"], UsageError),
        (["collection", "add", "C", "--reader", "nobody"], UsageError),
        (["collection", "add", "C", "--api-root", "none"], UsageError),
        (["collection", "grant", "none", "everyone"], UsageError),
        (["import", "missing.jsonl", "--collection", "none"], NoReadableInput),
        (["trace", ABOUT], NoReadableInput),
        (["serve", "--tls-key", "x"], UsageError),
        (["serve", "--log-level", "loud"], UsageError),
        (["serve", "--profile", "none"], UsageError),
        (["appeal", "show", "none"], UsageError),
        (["warnlist", "put", "x", "missing.txt"], NoReadableInput),
    ],
)
def test_what_cannot_be_done_says_why(state: Path, arguments: list[str], error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        run(state, *arguments)
    assert "to mend it" in str(raised.value)


@pytest.mark.parametrize("command", ["serve", "status", "backup", "import"])
def test_there_must_be_a_hub(tmp_path: Path, command: str) -> None:
    more = {"backup": [str(tmp_path / "kept")], "import": ["x", "--collection", "c"]}.get(command, [])
    with pytest.raises(NoReadableInput):
        run(tmp_path / "none", command, *more)
    assert list(tmp_path.iterdir()) == []


def test_import_keeps_the_dates(filled: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive.jsonl"
    again = said(filled, "import", str(archive), "--collection", "any", "--as", "a")
    assert again == {"objects": 3, "taken": 3, "refused": 0}
    assert said(filled, "status")["object versions"] == 3


@pytest.mark.parametrize(
    ("content", "taken"),
    [
        (
            json.dumps(
                {
                    "objects": [indicator(1)],
                    "manifest": [{"id": ABOUT, "date_added": "2025-01-01T00:00:00.000001Z", "version": "x"}],
                }
            ),
            1,
        ),
        (json.dumps({"objects": [indicator(1)]}), 1),
        (json.dumps({"object": indicator(1), "date_added": "2099-01-01T00:00:00Z"}), 0),
        ("\n" + json.dumps({"object": indicator(1)}) + "\n\n" + json.dumps({"object": 5}) + "\n", 1),
    ],
)
def test_archives(state: Path, tmp_path: Path, content: str, taken: int) -> None:
    said(state, "collection", "add", "Anything", "--alias", "any", "--open")
    file = tmp_path / "archive"
    file.write_text(content)
    assert said(state, "import", str(file), "--collection", "any")["taken"] == taken


@pytest.mark.parametrize("content", ["", "{", '{"object":{},"date_added":"now"}', '{"objects":5}', "[1]", '{"object":{},"more":1}'])
def test_what_is_no_archive(state: Path, tmp_path: Path, content: str) -> None:
    said(state, "collection", "add", "Anything", "--alias", "any", "--open")
    file = tmp_path / "archive"
    file.write_text(content)
    with pytest.raises(NoReadableInput):
        run(state, "import", str(file), "--collection", "any")


def test_status_backup_and_restore(filled: Path, tmp_path: Path) -> None:
    before = said(filled, "status")
    assert (before["members"], before["object versions"]) == (2, 3) and list(before["by collection"].values()) == [3]
    said(filled, "backup", str(tmp_path / "kept"))
    said(tmp_path / "new", "restore", str(tmp_path / "kept"))
    after = said(tmp_path / "new", "status")
    assert {**after, "store": ""} == {**before, "store": ""}


def test_trace_appeal_and_warning_lists(filled: Path, tmp_path: Path) -> None:
    said(filled, "member", "add", "b")
    (traced,) = said(filled, "trace", ABOUT)
    assert (traced["member"], traced["delivered"], traced["because"]) == (
        "b",
        None,
        "it has not fetched it yet; it never fetched anything",
    )
    case = said(filled, "appeal", "open", ABOUT, "--because", "Many people share this address.")
    assert case["members told"] == 1
    run(filled, "appeal", "decide", case["appeal"], "upheld")
    shown = said(filled, "appeal", "show", case["appeal"])
    assert shown["outcome"] == "upheld" and [one["member"] for one in shown["members"]] == ["a"]
    assert said(filled, "appeal", "list")[0]["outcome"] == "upheld"
    (tmp_path / "relays.txt").write_text("# synthetic relays\n198.51.100.0/24\n")
    put = said(filled, "warnlist", "put", "relays", str(tmp_path / "relays.txt"))
    assert put == {"list": "relays", "entries": 1, "objects marked differently": 3}
    assert said(filled, "warnlist", "list") == [{"list": "relays", "entries": 1}]


def test_what_was_made_can_be_served(filled: Path) -> None:
    key = said(filled, "key", "add", "a")["key"]
    server = Served(filled)
    with server.client("a", key) as http:
        answer = http.get("/hub/collections/any/manifest/")
        assert [entry["date_added"] for entry in answer.json()["objects"]] == [f"2026-01-0{n}T00:00:00.000000Z" for n in (1, 2, 3)]
        assert answer.headers["x-taxii-date-added-first"] == "2026-01-01T00:00:00.000000Z"
    server.stop()


def test_an_operator_asks_from_elsewhere_what_the_folder_tells(filled: Path, tmp_path: Path) -> None:
    key = tmp_path / "operator.key"
    key.write_text(said(filled, "key", "add", "operator")["key"])
    key.chmod(0o600)
    said(filled, "member", "add", "b")
    case = said(filled, "appeal", "open", ABOUT, "--because", "Many people share this address.")["appeal"]
    server = Served(filled)
    try:
        way = ("--at", server.url, "--key-file", str(key))
        nowhere = tmp_path / "nowhere"
        for asked in (("status",), ("trace", ABOUT), ("appeal", "list"), ("appeal", "show", case)):
            assert said(nowhere, *asked, *way) == said(filled, *asked)
        assert case in run(nowhere, "appeal", "show", case, *way).output
        for asked in (("trace", indicator(9)["id"]), ("appeal", "show", "appeal--1")):
            with pytest.raises(NoReadableInput):
                run(nowhere, *asked, *way)
    finally:
        server.stop()


def test_for_a_members_key_there_is_nothing_to_ask(filled: Path, tmp_path: Path) -> None:
    key = tmp_path / "member.key"
    key.write_text(said(filled, "key", "add", "a")["key"])
    key.chmod(0o600)
    server = Served(filled)
    try:
        for asked in (("status",), ("trace", ABOUT), ("appeal", "list")):
            with pytest.raises(NoReadableInput, match="no operator's"):
                run(tmp_path, *asked, "--at", server.url, "--key-file", str(key))
        with pytest.raises(RefusedByPolicy):
            run(tmp_path, "status", "--at", server.url)
    finally:
        server.stop()


def test_every_command_shows_an_example() -> None:
    for words in (["init"], ["serve"], ["import"], ["backup"], ["restore"], ["status"], ["trace"], ["member", "add"], ["group", "add"],
                  ["collection", "add"], ["key", "add"], ["appeal", "open"], ["warnlist", "put"]):  # fmt: skip
        assert (
            f"Example:  stillwatch hub {' '.join(words)}" in CliRunner().invoke(app, [*words, "--help"], terminal_width=200).output
        )


def test_correlation_statistics_report_and_registers(filled: Path, tmp_path: Path) -> None:
    assert said(filled, "correlate") == []
    assert said(filled, "statistics", "--epsilon", "0.5") == []
    with pytest.raises(RefusedByPolicy):
        run(filled, "statistics", "--epsilon", "100")
    found = said(filled, "report", "--since", "2020-01-01T00:00:00Z")
    assert found["members"] == {"operator": 1, "member": 1} and found["epsilon_spent"] == 0.5
    run(filled, "report", "--out", str(tmp_path / "report.md"))
    assert (tmp_path / "report.md").read_text().startswith("# Transparency report, ")
    made = said(
        filled,
        "register",
        "add",
        "evaluator",
        "Synthetic institute",
        "--scope",
        "all models",
        "--valid-until",
        "2099-01-01T00:00:00Z",
    )
    assert said(filled, "register", "list")[0]["state"] == "in force"
    run(filled, "register", "end", made["entry"])
    assert said(filled, "register", "list")[0]["state"] == "not in force"
    with pytest.raises(UsageError):
        run(filled, "register", "end", made["entry"])


def _reports(state: Path, folder: Path, number: int, first: int, last: int) -> str:
    """A member of its own reports that the same campaign ran at it between two days; the id that it gives the campaign."""
    name = f"provider-{number}"
    said(state, "member", "add", name)
    reported = told(number, SAME, DAYS[first], DAYS[last])
    author = Identity(
        id=f"identity--00000000-0000-4000-8000-{number:012d}", spec_version="2.1", created=NOW, modified=NOW, name=name
    )
    things = [as_json(thing) for thing in objects_of(reported, Terms(author, TLP.GREEN, NOW))]
    archive = folder / f"{name}.json"
    archive.write_text(json.dumps({"objects": things}))
    assert said(state, "import", str(archive), "--collection", "any", "--as", name)["refused"] == 0
    return reported.campaign


def test_one_campaign_at_several_providers(state: Path, tmp_path: Path) -> None:
    said(state, "collection", "add", "Any", "--alias", "any", "--open", "--reader", "everyone", "--writer", "everyone")
    days = [(0, 5), (7, 20), (0, 30), (3, 20), (1, 19), (2, 18)]
    named = {_reports(state, tmp_path, number, *span): number for number, span in enumerate(days, 1)}
    links = {(named[link["earlier"]], named[link["later"]]): link["relation"] for link in said(state, "correlate")}
    assert (links[1, 2], links[1, 3], links[1, 4], links[5, 6]) == ("takeover", "joint", "safeguard arbitrage", "joint")
    assert "alerts were put into feeds" in run(state, "correlate").stderr
    numbers = said(state, "statistics", "--epsilon", str(YEARS_EPSILON))
    assert [number["withheld"] for number in numbers] == [None]
    assert numbers[0]["campaigns"] in {bucket(count) for count in range(40)}, "six campaigns of six members, noisy, in a bucket"
    with pytest.raises(RefusedByPolicy, match="budget"):
        run(state, "statistics", "--epsilon", "0.1")
    found = said(state, "report", "--since", "2020-01-01T00:00:00Z")
    assert (found["statistics_released"], found["epsilon_spent"]) == (1, YEARS_EPSILON)
    assert found["recorded"]["correlation"] == 2 and found["recorded"]["release"] == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_alerts_come_by_themselves_where_the_hub_correlates_at_an_interval(state: Path, tmp_path: Path, workers: str) -> None:
    said(state, "collection", "add", "Any", "--alias", "any", "--open", "--reader", "everyone", "--writer", "everyone")
    own = _reports(state, tmp_path, 1, 0, 5)
    key = said(state, "key", "add", "provider-1")["key"]
    server = Served(state, "--correlate-every", "1", "--workers", workers)
    try:
        _reports(state, tmp_path, 2, 7, 20)
        with server.client("provider-1", key) as http:
            (alert,) = _alerts(http)
        assert (alert["campaign"], alert["relation"]) == (own, "takeover")
    finally:
        server.stop()
    looks = [entry.actor for entry in Ledger.read(state / "ledger.sqlite").entries(kind="correlation")]
    assert 1 <= len(looks) <= 2 and set(looks) == {BY}, "it looks again only when something was added"


def _alerts(http: httpx.Client) -> list[Any]:
    """The alerts in a member's feed, once there are any."""
    for _ in range(300):
        changes = http.get("/changes/", headers={"Accept": "application/json"}).json()["changes"]
        if found := [change["object"] for change in changes if change["kind"] == "correlation"]:
            return found
        time.sleep(0.1)
    raise AssertionError("no alert came")
