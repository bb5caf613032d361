"""`stillwatch feed` as a receiver runs it: what A shared arrives at B, with reasons for what does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.signatures.keyring import read_ring, write_ring
from tests.cli.commands import run, scanned_world
from tests.cli.test_share import shared


@pytest.fixture(scope="module")
def incoming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what A shared and A's public key."""
    folder = tmp_path_factory.mktemp("a")
    for name in ("world", "stillwatch-out"):
        (folder / name).symlink_to(scanned_world() / name)
    shared(folder)
    return folder


@pytest.fixture
def receiver(incoming: Path, tmp_path: Path) -> Path:
    """B, who knows A's key."""
    write_ring(read_ring(incoming / "stillwatch-keyring.json"), tmp_path / "members.json")
    (tmp_path / "incoming").symlink_to(incoming / "stillwatch-outbox")
    return tmp_path


def listed(receiver: Path, *more: str) -> list[dict[str, Any]]:
    done = run("feed", "list", "--json", *more, cwd=receiver)
    assert done.returncode == 0, done.stderr
    objects: list[dict[str, Any]] = json.loads(done.stdout)["objects"]
    return objects


def imported(receiver: Path, *more: str) -> dict[str, Any]:
    done = run("feed", "import", "incoming", "--keyring", "members.json", "--json", *more, cwd=receiver)
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["imported"]
    return dict(result)


def test_what_the_sender_s_guard_let_out_is_taken_whole(receiver: Path) -> None:
    result = imported(receiver)
    assert (result["refused"], result["redacted"], list(result["put"])) == ([], {}, ["new"])
    assert list(imported(receiver)["put"]) == ["unchanged"]
    indicators = listed(receiver, "--type", "indicator")
    assert indicators and all(0 < entry["weight"] <= 1 and entry["opinions"] == {} for entry in indicators)
    with Ledger.read(receiver / "stillwatch-ledger.sqlite") as ledger:
        assert [entry.kind for entry in ledger.entries()] == ["import", "import"]


def test_an_object_is_shown_with_author_source_and_text(receiver: Path) -> None:
    imported(receiver)
    (campaign,) = listed(receiver, "--type", "campaign")
    shown = run("feed", "show", campaign["id"], cwd=receiver)
    assert shown.returncode == 0 and campaign["author"] in shown.stdout and "no member has given an opinion" in shown.stdout
    (version,) = json.loads(run("feed", "show", campaign["id"], "--json", cwd=receiver).stdout)["versions"]
    assert version["object"]["id"] == campaign["id"]


def test_without_the_sender_s_key_everything_is_refused(receiver: Path) -> None:
    done = run("feed", "import", "incoming", cwd=receiver)
    assert (done.returncode, "not in the key ring" in done.stdout, "nothing was taken" in done.stderr) == (3, True, True)
    assert listed(receiver) == []


def test_an_altered_bundle_is_refused_object_by_object(receiver: Path) -> None:
    (path,) = (receiver / "incoming").glob("*.json")
    altered = receiver / "altered.json"
    altered.write_bytes(path.read_bytes().replace(b'"name":"Scaffold"', b'"name":"Scaff0ld"'))
    done = run("feed", "import", "altered.json", "--keyring", "members.json", "--json", cwd=receiver)
    (result,) = json.loads(done.stdout)["imported"]
    assert result["refused"] and all("not as key" in refusal["reason"] for refusal in result["refused"])
    assert not [entry for entry in listed(receiver) if entry["type"] == "indicator" and "Scaffold" in entry["what"]]


def test_expiry_says_what_it_would_do(receiver: Path) -> None:
    imported(receiver)
    result = json.loads(run("feed", "expire", "--dry-run", "--json", cwd=receiver).stdout)
    assert result == {"expired": [], "deleted": False, "held_for": ""}


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (("feed", "list"), 4, "no such feed"),
    (("feed", "import", "nowhere.json"), 4, "cannot be read"),
    (("feed", "import", "members.json"), 4, "no bundle"),
    (("feed", "import", "."), 4, "no bundle"),
    (("feed", "import", "incoming", "--profile", "generous"), 2, "generous"),
])  # fmt: skip
def test_errors_say_what_and_what_to_do(receiver: Path, arguments: tuple[str, ...], status: int, said: str) -> None:
    done = run(*arguments, cwd=receiver)
    assert (done.returncode, "Traceback" in done.stderr, said in done.stderr) == (status, False, True), done.stderr


@pytest.mark.parametrize("command", ["import", "list", "show", "expire"])
def test_every_help_has_a_runnable_example(command: str, tmp_path: Path) -> None:
    assert "Example:" in run("feed", command, "--help", cwd=tmp_path).stdout
