"""``stillwatch ledger`` as a user runs it: results, exit statuses, errors with cause and cure (all entries are synthetic)."""

import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stillwatch.cli.app import app
from stillwatch.errors import NoReadableInput, OutputNotWritten, StillwatchError, UsageError
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.ledger.note import NoteRefused, Signer
from stillwatch.sharing.signatures.keys import generate, write_private

NOW = datetime(2026, 10, 1, tzinfo=UTC)
ORIGIN = "ledger.example/synthetic"
HOSTILE = "bundle\x1b[2J \u202e[red]"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a ledger of 30 entries under the default name, and a key."""
    with Ledger.open(tmp_path / "stillwatch-ledger.sqlite") as ledger:
        drafts = [Draft(("release", "refusal")[n % 2], f"bundle--{n}" if n else HOSTILE, {"n": n}, "analyst-1") for n in range(30)]
        ledger.append_many(drafts, NOW)
    write_private(generate(), tmp_path / "log.pem")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STILLWATCH_LEDGER", raising=False)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["ledger", *arguments])


def shown(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def refused(*arguments: str) -> StillwatchError:
    error = run(*arguments).exception
    assert isinstance(error, StillwatchError)
    assert error.cure
    return error


def public_key() -> str:
    """Signs an export and gives the key that it names."""
    return json.loads(shown("export", "--out", "signed.jsonl", "--key", "log.pem", "--origin", ORIGIN, "--json"))["public_key"]


def alter() -> None:
    connection = sqlite3.connect("stillwatch-ledger.sqlite")
    connection.execute("UPDATE entries SET actor = 'analyst-2' WHERE \"index\" = 7")
    connection.commit()
    connection.close()


def test_a_sound_ledger(folder: Path) -> None:
    with Ledger.read(folder / "stillwatch-ledger.sqlite") as ledger:
        size = ledger.size
    result = json.loads(shown("verify", "--json"))
    assert (result["sound"], result["size"], result["findings"]) == (True, size, [])
    assert shown("verify").startswith("sound: ledger of 30 entries, root ")


def test_an_altered_ledger_is_named_and_ends_with_status_1(folder: Path) -> None:
    alter()
    done = subprocess.run(
        [sys.executable, "-m", "stillwatch", "ledger", "verify", "--json"], cwd=folder, capture_output=True, text=True, check=False
    )
    result = json.loads(done.stdout)
    assert (done.returncode, result["sound"], [finding["fault"] for finding in result["findings"]]) == (1, False, ["altered-entry"])
    assert done.stderr.startswith("stillwatch: stillwatch-ledger.sqlite: ")
    assert "entry 7" in run("verify").stdout


def test_the_ledger_is_named_by_option_or_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.move("stillwatch-ledger.sqlite", "other.sqlite")
    assert refused("verify").exit_status == 4
    assert json.loads(shown("verify", "--ledger", "other.sqlite", "--json"))["sound"]
    monkeypatch.setenv("STILLWATCH_LEDGER", "other.sqlite")
    assert json.loads(shown("verify", "--json"))["file"] == "other.sqlite"
    assert shown("show").endswith("20 of 30 entries\n")


def test_show(folder: Path) -> None:
    latest = json.loads(shown("show", "--json"))
    assert (latest["size"], [entry["index"] for entry in latest["entries"]]) == (30, list(range(10, 30)))
    refusals = json.loads(shown("show", "--kind", "refusal", "--since", "25", "--json"))
    assert [entry["index"] for entry in refusals["entries"]] == [25, 27, 29]
    assert len(shown("show", "--since", "0").splitlines()) == 31
    assert shown("show", "--kind", "pardon") == "0 of 30 entries\n"


def test_what_was_recorded_steers_no_terminal(folder: Path) -> None:
    for output in (shown("show", "--since", "0"), shown("prove", "0")):
        assert "bundle<U+001B>[2J <U+202E>[red]" in output


def test_an_export_is_verified_without_the_ledger(folder: Path) -> None:
    key = public_key()
    (folder / "stillwatch-ledger.sqlite").unlink()
    result = json.loads(shown("verify", "signed.jsonl", "--public-key", key, "--json"))
    assert (result["sound"], result["signed"], result["complete"], result["entries"]) == (True, True, True, 30)
    assert "no signature was checked" in shown("verify", "signed.jsonl")
    other = str(Signer(ORIGIN, generate()).verifier)
    assert run("verify", "signed.jsonl", "--public-key", other).exit_code == 1


def test_an_export_goes_to_standard_output_too(folder: Path) -> None:
    (folder / "part.jsonl").write_text(shown("export", "--kind", "refusal", "--since", "20"), "utf-8")
    result = json.loads(shown("verify", "--ledger", "part.jsonl", "--json"))
    assert (result["sound"], result["complete"], result["entries"]) == (True, False, 5)


def test_an_altered_export_ends_with_status_1(folder: Path) -> None:
    key = public_key()
    text = (folder / "signed.jsonl").read_text("utf-8")
    (folder / "signed.jsonl").write_text(text.replace("bundle--7", "bundle--8"), "utf-8")
    assert run("verify", "signed.jsonl", "--public-key", key).exit_code == 1


def test_a_proof_is_verified(folder: Path) -> None:
    for number, arguments in enumerate((["7"], ["7", "--size", "8"], ["--from", "3"], ["7", "--from", "30"])):
        (folder / f"{number}.json").write_text(shown("prove", *arguments, "--json"), "utf-8")
        assert json.loads(shown("verify", f"{number}.json", "--json"))["sound"]
    for words in ("log of 30 entries", "entry 7", "included by", "goes on from 3 entries by", f"— {ORIGIN}"):
        assert words in shown("prove", "7", "--from", "3", "--key", "log.pem", "--origin", ORIGIN)


def test_a_ledger_and_an_export_are_held_to_an_earlier_checkpoint(folder: Path) -> None:
    key = public_key()
    note = json.loads((folder / "signed.jsonl").read_text("utf-8").partition("\n")[0])["checkpoint"]
    (folder / "note.txt").write_text(note, "utf-8")
    with Ledger.open(folder / "stillwatch-ledger.sqlite") as ledger:
        ledger.append("approval", "bundle--1", {}, "analyst-2", NOW)
    shown("export", "--from", "30", "--out", "later.jsonl")
    for checkpoint in ("signed.jsonl", "note.txt"):
        for file in ([], ["later.jsonl"]):
            assert run("verify", *file, "--checkpoint", checkpoint, "--public-key", key).exit_code == (1 if file else 0)
    shown("export", "--from", "30", "--out", "later.jsonl", "--key", "log.pem", "--origin", ORIGIN)
    shown("verify", "later.jsonl", "--checkpoint", "note.txt", "--public-key", key)
    (folder / "stillwatch-ledger.sqlite").unlink()
    Ledger.open(folder / "stillwatch-ledger.sqlite").close()
    cut = run("verify", "--checkpoint", "note.txt", "--public-key", key, "--json")
    assert [finding["fault"] for finding in json.loads(cut.stdout)["findings"]] == ["cut-off"]


def test_nothing_is_exported_of_an_altered_ledger(folder: Path) -> None:
    alter()
    assert "nothing is exported" in refused("export", "--out", "x.jsonl").what
    assert not (folder / "x.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (["prove"], UsageError),
        (["prove", "30"], UsageError),
        (["prove", "3", "--size", "31"], UsageError),
        (["prove", "--from", "31"], UsageError),
        (["export", "--key", "log.pem"], UsageError),
        (["export", "--origin", ORIGIN], UsageError),
        (["export", "--key", "log.pem", "--origin", "a b"], UsageError),
        (["export", "--key", "absent.pem", "--origin", ORIGIN], NoReadableInput),
        (["export", "--out", "absent/x.jsonl"], OutputNotWritten),
        (["verify", "--checkpoint", "log.pem"], UsageError),
        (["verify", "--public-key", "x"], UsageError),
        (["verify", "log.pem"], NoReadableInput),
        (["verify", "absent"], NoReadableInput),
        (["verify", "."], NoReadableInput),
        (["show", "--ledger", "log.pem"], NoReadableInput),
    ],
)
def test_errors_say_what_and_where(folder: Path, arguments: list[str], kind: type[StillwatchError]) -> None:
    error = refused(*arguments)
    assert type(error) is kind
    assert error.place


@pytest.mark.parametrize("content", ["", "no note", '{"entries":0}', "{", "\ud800"])
def test_a_file_that_is_no_checkpoint(folder: Path, content: str) -> None:
    (folder / "note.txt").write_bytes(content.encode("utf-8", "surrogatepass"))
    error = refused("verify", "--checkpoint", "note.txt", "--public-key", str(Signer(ORIGIN, generate()).verifier))
    assert isinstance(error, NoReadableInput | NoteRefused)


@pytest.mark.parametrize("command", ["verify", "show", "prove", "export"])
def test_every_help_has_an_example(command: str) -> None:
    assert f"Example:  stillwatch ledger {command}" in run(command, "--help").output
