"""`stillwatch share --to HUB` and `stillwatch feed pull|push|watch|notices|answer` against a hub that is a process of its own."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.stix.definitions import constants
from tests.cli.commands import run, scanned_world
from tests.hub.served import Served


def ok(cwd: Path, *arguments: str) -> Any:
    """What a command prints as JSON."""
    done = run(*arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@dataclass
class Circle:
    """A hub with two members, each with a folder of its own; a has a campaign to tell of."""

    folder: Path
    served: Served

    @property
    def a(self) -> Path:
        return self.folder / "a"

    @property
    def b(self) -> Path:
        return self.folder / "b"

    @property
    def state(self) -> Path:
        return self.folder / "hub"

    def share(self, *more: str) -> Any:
        return ok(self.a, "share", "1", "--to", self.served.url, "--approve", "Ada Example", "--yes", *more)


def settings(name: str, url: str) -> str:
    """A member's settings, with the key of a hub in the file ``hub.key``."""
    return f'name = "{name}"\nhub = "{url}"\nhub_member = "{name}"\nhub_key = "hub.key"\n'


@pytest.fixture
def circle(tmp_path: Path) -> Iterator[Circle]:
    keys = {"operator": ok(tmp_path, "hub", "init", "--state", "hub")["key"]}
    (tmp_path / "operator.key").write_text(keys["operator"])
    (tmp_path / "operator.key").chmod(0o600)
    for name in ("a", "b"):
        keys[name] = ok(tmp_path, "hub", "member", "add", name, "--state", "hub")["key"]
    ok(tmp_path, "hub", "collection", "add", "Campaigns", "--alias", "campaigns", "--reader", "everyone", "--writer", "everyone", "--unmarked", "green", "--state", "hub")  # fmt: skip
    served = Served(tmp_path / "hub")
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "hub.key").write_text(keys[name])
        (folder / "hub.key").chmod(0o600)
        (folder / "stillwatch.toml").write_text(settings(name, served.url))
        ok(folder, "keyring", "export", "--out", "key.json")
        ok(tmp_path, "keyring", "add", f"{name}/key.json", "--keyring", "hub/keyring.json")
    ok(tmp_path / "b", "keyring", "add", "../a/key.json")
    for name in ("world", "stillwatch-out"):
        (tmp_path / "a" / name).symlink_to(scanned_world() / name)
    made = Circle(tmp_path, served)
    yield made
    made.served.stop()


def put(pulled: Any) -> dict[str, int]:
    """How many objects were put how, over all that was pulled."""
    counts: dict[str, int] = {}
    for came in pulled["pulled"]:
        for how, count in came.get("put", {}).items():
            counts[how] = counts.get(how, 0) + count
    return counts


def test_from_one_to_the_other_and_back(circle: Circle) -> None:
    sent = circle.share()["sent"]
    assert sent["refused"] == [] and sent["taken"] == sent["sent"] > 0
    pulled = ok(circle.b, "feed", "pull")
    assert [came["refused"] for came in pulled["pulled"]] == [[]] and list(put(pulled)) == ["new"]
    indicators = ok(circle.b, "feed", "list", "--type", "indicator")["objects"]
    assert indicators
    assert ok(circle.b, "feed", "pull")["pulled"] == []
    assert put(ok(circle.a, "feed", "pull")) == {}, "own objects do not come back"
    traced = ok(circle.folder, "hub", "trace", indicators[0]["id"], "--state", "hub")
    assert [(row["member"], row["how"], bool(row["confirmed"])) for row in traced] == [("b", "changes", True)]
    circle.share("--revoke")
    assert set(put(ok(circle.b, "feed", "pull"))) <= {"newer", "unchanged"}
    assert ok(circle.b, "feed", "list", "--type", "indicator")["objects"] == []


def _hub(circle: Circle, *arguments: str) -> None:
    done = run("hub", *arguments, "--state", "hub", cwd=circle.folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("reader", "later"),
    [("group:cell", ("group", "join", "cell", "b")), ("member:a", ("collection", "grant", "closed", "member:b", "--read")),
     ("member:a", ("collection", "grant", "closed", "everyone", "--read", "--write"))],
)  # fmt: skip
def test_who_may_see_more_later_gets_what_was_there_before(circle: Circle, reader: str, later: tuple[str, ...]) -> None:
    _hub(circle, "group", "add", "cell", "--member", "a")
    _hub(circle, "collection", "add", "Closed", "--alias", "closed", "--unmarked", "green", "--reader", reader, "--writer", reader)
    _hub(
        circle,
        "collection",
        "add",
        "Any",
        "--alias",
        "any",
        "--open",
        "--unmarked",
        "green",
        "--reader",
        "everyone",
        "--writer",
        "everyone",
    )
    circle.share("--collection", "closed")
    with circle.served.client("a", (circle.a / "hub.key").read_text()) as http:
        seen = {"type": "x-synthetic", "id": "x-synthetic--00000000-0000-4000-8000-000000000001", "spec_version": "2.1"}
        assert http.post("/hub/collections/any/objects/", json={"objects": [seen]}).json()["success_count"] == 1
    assert "new" not in put(ok(circle.b, "feed", "pull")) and ok(circle.b, "feed", "pull")["pulled"] == []
    _hub(circle, *later)
    pulled = ok(circle.b, "feed", "pull")
    assert put(pulled)["new"] > 0 and [came["kind"] for came in pulled["pulled"] if came["came"] == "notice"] == ["wider"]
    assert ok(circle.b, "feed", "list", "--type", "indicator")["objects"]
    assert ok(circle.b, "feed", "pull")["pulled"] == []


def test_who_joins_the_hub_late_gets_everything_by_one_pull(circle: Circle) -> None:
    circle.share()
    ok(circle.b, "feed", "pull")
    late = circle.folder / "late"
    late.mkdir()
    (late / "hub.key").write_text(ok(circle.folder, "hub", "member", "add", "late", "--state", "hub")["key"])
    (late / "hub.key").chmod(0o600)
    (late / "stillwatch.toml").write_text(settings("late", circle.served.url))
    ok(late, "keyring", "add", "../a/key.json")
    ok(late, "feed", "pull")
    there, here = (ok(folder, "feed", "list", "--all")["objects"] for folder in (circle.b, late))
    assert sorted(thing["id"] for thing in here) == sorted(thing["id"] for thing in there) != []


def test_a_dead_hub_is_said_and_the_same_command_goes_on(circle: Circle) -> None:
    circle.served.stop()
    released = run("share", "1", "--to", circle.served.url, "--approve", "Ada Example", "--yes", cwd=circle.a)
    assert released.returncode == 4 and "does not answer" in released.stderr and "feed push" in released.stderr
    pulled = run("feed", "pull", cwd=circle.b)
    assert pulled.returncode == 4 and circle.served.url in pulled.stderr and "to mend it" in pulled.stderr
    circle.served = Served(circle.state)
    push = ("feed", "push", "stillwatch-outbox", "--to", circle.served.url, "--member", "a", "--key-file", "hub.key")
    (sent,) = ok(circle.a, *push)["pushed"]
    assert sent["taken"] == sent["sent"] > 0
    (again,) = ok(circle.a, *push)["pushed"]
    assert again == sent
    with Ledger.read(circle.a / "stillwatch-ledger.sqlite") as ledger:
        assert [entry.kind for entry in ledger.entries() if "to" in entry.details] == ["release", "delivery"]


@pytest.mark.parametrize(("options", "status", "said"), [
    (["--member", "a", "--key-file", "nowhere"], 4, "cannot be read"),
    (["--collection", "other"], 2, "there is no such collection"),
    (["--member", "b"], 3, "does not know who asks"),
    (["http://192.0.2.1/"], 2, "others could read the key"),
])  # fmt: skip
def test_misuse(circle: Circle, options: list[str], status: int, said: str) -> None:
    done = run("feed", "pull", *options, cwd=circle.a)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr


def test_only_what_was_released_here_is_sent(circle: Circle) -> None:
    circle.share()
    (release,) = (circle.a / "stillwatch-outbox").glob("*.json")
    release.write_bytes(release.read_bytes() + b" ")
    done = run("feed", "push", str(release), cwd=circle.a)
    assert done.returncode == 3 and "did not release it" in done.stderr


def test_what_the_hub_removed_is_removed_and_notices_are_kept_and_answered(circle: Circle) -> None:
    circle.share()
    ok(circle.b, "feed", "pull")
    (name,) = [thing["id"] for thing in ok(circle.b, "feed", "list", "--type", "campaign")["objects"]]
    case = ok(circle.folder, "hub", "appeal", "open", name, "--because", "The customer was flagged in error", "--state", "hub")[
        "appeal"
    ]
    (notice,) = ok(circle.b, "feed", "pull")["pulled"]
    assert (notice["came"], notice["subject"], notice["said"]["objects"]) == ("notice", case, [name])
    assert [kept["subject"] for kept in ok(circle.b, "feed", "notices")["notices"]] == [case]
    assert run("feed", "answer", case, "--what", "Access was given back", cwd=circle.b).returncode == 0
    shown = ok(circle.folder, "hub", "appeal", "show", case, "--state", "hub")
    assert "Access was given back" in json.dumps(shown)
    with circle.served.client("a", (circle.a / "hub.key").read_text()) as http:
        assert http.delete(f"/hub/collections/campaigns/objects/{name}/").status_code == 200
    (removal,) = ok(circle.b, "feed", "pull")["pulled"]
    assert removal == {"came": "removal", "id": name, "removed": True}
    assert ok(circle.b, "feed", "list", "--type", "campaign", "--all")["objects"] == []


@contextmanager
def ended(process: "subprocess.Popen[str]") -> Iterator["subprocess.Popen[str]"]:
    """A process that is gone when the block ends, however it ends."""
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_watching_hears_at_once_and_outlives_the_hub(circle: Circle) -> None:
    command = [sys.executable, "-m", "stillwatch", "feed", "watch", "--json"]
    with (
        (circle.b / "watch.log").open("w") as log,
        ended(subprocess.Popen(command, cwd=circle.b, stdout=subprocess.PIPE, stderr=log, text=True)) as watching,
    ):
        assert watching.stdout is not None
        circle.share()
        first = json.loads(watching.stdout.readline())
        assert first["came"] == "objects" and first["refused"] == []
        port = circle.served.port
        circle.served.kill()
        assert json.loads(watching.stdout.readline())["came"] == "silence"
        circle.served = Served(circle.state, port=port)
        circle.share("--revoke")
        while (said := json.loads(watching.stdout.readline()))["came"] == "silence":
            pass
        assert said["put"].get("newer")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 0


def test_a_pull_that_is_killed_again_and_again_leaves_nothing_out(circle: Circle) -> None:
    circle.share()
    command = [sys.executable, "-m", "stillwatch", "feed", "pull"]
    for seconds in (0.9, 1.1, 1.3, 1.5):
        with ended(
            subprocess.Popen(command, cwd=circle.b, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ) as pulling:
            with suppress(subprocess.TimeoutExpired):
                pulling.wait(seconds)
            pulling.kill()
    ok(circle.b, "feed", "pull")
    (release,) = (circle.a / "stillwatch-outbox").glob("*.json")
    sent = {thing["id"] for thing in json.loads(release.read_text())["objects"]} - constants().keys()
    assert {thing["id"] for thing in ok(circle.b, "feed", "list", "--all")["objects"]} == sent
    with Ledger.read(circle.b / "stillwatch-ledger.sqlite") as ledger:
        assert ledger.verify() == []
    assert ok(circle.b, "feed", "pull")["pulled"] == []


def test_access_tokens_in_place_of_the_key(circle: Circle) -> None:
    tokens = ("--token-url", f"{circle.served.url}/oauth2/token")
    assert circle.share(*tokens)["sent"]["refused"] == []
    with (circle.b / "stillwatch.toml").open("a") as file:
        file.write(f'hub_token_url = "{tokens[1]}"\n')
    for command in (("feed", "pull", *tokens), ("feed", "watch", "--for", "0", "--again")):
        done = run(*command, "--json", cwd=circle.b)
        assert done.returncode == 0 and "objects" in done.stdout
        assert (circle.b / "hub.key").read_text() not in done.stdout + done.stderr
    logged = [json.loads(line) for line in (circle.state / "serve.log").read_text().splitlines() if line.startswith("{")]
    routes = [line["route"] for line in logged if line["event"] == "request"]
    assert routes.count("/oauth2/token/") == 3 and routes.count("/changes/receipts/") >= 1
    wrong = run("feed", "pull", *tokens, "--member", "a", cwd=circle.b)
    assert wrong.returncode == 3 and "invalid_client" in wrong.stderr
