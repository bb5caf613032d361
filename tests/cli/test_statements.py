"""`stillwatch keyring`, `stillwatch opinion` and `stillwatch correct`: whose word counts, what we think, and what we got wrong."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.signatures.keyring import read_ring
from tests.cli.commands import run
from tests.cli.test_feed import imported, incoming, listed, receiver  # noqa: F401  (fixtures)

APPROVED = ("--approve", "Ben Example", "--yes")


def ok(cwd: Path, *arguments: str) -> Any:
    done = run(*arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def left(folder: Path, result: Any, kind: str) -> dict[str, Any]:
    """The one object of a type in what was released."""
    (found,) = [
        thing for thing in json.loads((folder / result["released"]["file"]).read_text())["objects"] if thing["type"] == kind
    ]
    return dict(found)


def test_a_key_is_handed_over_compared_and_revoked(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    for folder in (a, b):
        folder.mkdir()
    (key,) = ok(a, "keyring", "export", "--out", "key.json")["keys"]
    refused = run("keyring", "add", "../a/key.json", "--expect", "0" * 32, cwd=b)
    assert refused.returncode == 3 and key["key_id"] in refused.stderr
    assert ok(b, "keyring", "add", "../a/key.json", "--expect", key["key_id"])["keys"] == [key]
    assert ok(b, "keyring", "add", "../a/key.json")["keys"] == [], "once is enough"
    assert key in ok(b, "keyring", "show")["keys"]
    assert run("keyring", "revoke", key["key_id"], cwd=b).returncode == 0
    assert [each.revoked for each in read_ring(b / "stillwatch-keyring.json").keys if each.key_id == key["key_id"]] == [True]
    with Ledger.read(b / "stillwatch-ledger.sqlite") as ledger:
        assert [entry.details["what"] for entry in ledger.entries()] == ["key added", "key revoked"]


def test_nobody_adds_a_key_to_our_own_identity(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    ok(tmp_path, "keyring", "export", "--out", "key.json")
    shutil.copy(tmp_path / "stillwatch.toml", tmp_path / "a")
    ok(tmp_path / "a", "keyring", "export", "--out", "forged.json")
    done = run("keyring", "add", "a/forged.json", cwd=tmp_path)
    assert done.returncode == 3 and "our own identity" in done.stderr


@pytest.mark.parametrize(("says", "word"), [
    ("confirmed", "agree"), ("investigating", "neutral"), ("disputed", "disagree"), ("false-positive", "strongly-disagree")
])  # fmt: skip
def test_each_opinion_and_a_change_of_mind(receiver: Path, says: str, word: str) -> None:  # noqa: F811
    imported(receiver)
    name = listed(receiver, "--type", "indicator")[0]["id"]
    said = left(receiver, ok(receiver, "opinion", name, says, *APPROVED), "opinion")
    assert (said["opinion"], said["object_refs"]) == (word, [name])
    again = left(receiver, ok(receiver, "opinion", name, "confirmed", *APPROVED), "opinion")
    assert (again["id"], again["created"]) == (said["id"], said["created"]) and again["modified"] > said["modified"]


def test_an_opinion_is_on_what_the_feed_holds(receiver: Path) -> None:  # noqa: F811
    imported(receiver)
    assert run("opinion", "indicator--0", "disputed", "--dry-run", cwd=receiver).returncode == 2
    name = listed(receiver, "--type", "indicator")[0]["id"]
    priced = run("opinion", name, "disputed", "--because", "They pay 12 dollars less", *APPROVED, cwd=receiver)
    assert priced.returncode == 3, "the guard reads explanations"


@pytest.fixture
def sender(incoming: Path, tmp_path: Path) -> Path:  # noqa: F811
    """A, in a folder of this test's own, after its release."""
    shutil.copytree(incoming, tmp_path / "sender", symlinks=True)
    return tmp_path / "sender"


def released(sender: Path, kind: str) -> dict[str, Any]:
    (path,) = (sender / "stillwatch-outbox").glob("campaign--*.json")
    return dict(next(thing for thing in json.loads(path.read_text())["objects"] if thing["type"] == kind))


def test_a_correction_and_then_the_end_of_it(sender: Path) -> None:
    before = released(sender, "indicator")
    weaker = ("correct", before["id"], "--confidence", "20", "--because", "Fewer accounts than it seemed")
    corrected = left(sender, ok(sender, *weaker, *APPROVED), "indicator")
    assert (corrected["confidence"], corrected["created"], corrected["pattern"]) == (20, before["created"], before["pattern"])
    assert corrected["modified"] > before["modified"]
    ended = ok(sender, "correct", before["id"], "--revoke", "--because", "It is a public tool", *APPROVED)
    assert left(sender, ended, "indicator")["revoked"] and left(sender, ended, "note")["object_refs"] == [before["id"]]
    over = run(*weaker, *APPROVED, cwd=sender)
    assert over.returncode == 2 and "no later version" in over.stderr


@pytest.mark.parametrize(("arguments", "status"), [
    (["indicator--00000000-0000-4000-8000-000000000000", "--revoke"], 4),
    (["INDICATOR"], 2),
    (["CAMPAIGN", "--valid-until", "2026-12-01"], 2),
])  # fmt: skip
def test_what_cannot_be_corrected(sender: Path, arguments: list[str], status: int) -> None:
    known = {"INDICATOR": released(sender, "indicator")["id"], "CAMPAIGN": released(sender, "campaign")["id"]}
    given = [known.get(argument, argument) for argument in arguments]
    assert run("correct", *given, "--because", "synthetic", *APPROVED, cwd=sender).returncode == status
