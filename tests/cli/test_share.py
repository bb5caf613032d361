"""`stillwatch share` on a campaign that `scan` found: seen, approved, signed, recorded, or refused."""

import hashlib
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stix2
from stix2validator import ValidationOptions, validate_instance

from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.membership import read_membership
from stillwatch.sharing.signatures.verification import Valid, verify
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.received import read_bundle
from tests.cli.commands import run, scanned_world


@pytest.fixture
def scanned() -> Path:
    """A folder with a simulated world and its scan."""
    return scanned_world()


@pytest.fixture
def member(scanned: Path, tmp_path: Path) -> Path:
    """A member's own folder beside the scan."""
    for name in ("world", "stillwatch-out"):
        (tmp_path / name).symlink_to(scanned / name)
    return tmp_path


def shared(member: Path, *more: str) -> dict[str, Any]:
    done = run("share", "1", "--approve", "Ada Example", "--yes", "--json", *more, cwd=member)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def kinds(member: Path) -> list[str]:
    with Ledger.read(member / "stillwatch-ledger.sqlite") as ledger:
        assert ledger.verify() == []
        return [entry.kind for entry in ledger.entries()]


def test_a_campaign_leaves_signed_recorded_and_standard(member: Path) -> None:
    result = shared(member)
    data = (member / result["released"]["file"]).read_bytes()
    ring = read_membership(member / "stillwatch.toml").ring()
    for thing in json.loads(data)["objects"]:
        stix2.parse(thing, allow_custom=False)
        checked = validate_instance(thing, ValidationOptions(version="2.1"))
        assert checked.is_valid, [str(error) for error in checked.errors]
        assert thing["id"] in constants() or isinstance(verify(thing, ring, datetime.now(UTC)), Valid)
    assert hashlib.sha256(data).hexdigest() == result["released"]["sha256"]
    assert [kind for kind in kinds(member) if kind != "refusal"] == ["approval", "release"]
    assert {thing["type"] for thing in result["leaving"]} >= {"campaign", "indicator", "relationship"}


def test_nothing_of_accounts_nor_exact_figures_leaves(member: Path) -> None:
    result = shared(member)
    text = (member / result["released"]["file"]).read_text()
    campaign = json.loads((member / "stillwatch-out" / "campaigns.json").read_text())["campaigns"][0]
    assert not [account for account in campaign["accounts"] if account in text]
    assert not [entry["statement"] for entry in campaign["evidence"] if entry["statement"] in text]
    assert str(campaign["requests"]) not in text and campaign["first_seen"] not in text


def test_a_dry_run_shows_all_and_writes_nothing(member: Path) -> None:
    before = sorted(path.name for path in member.iterdir())
    done = run("share", "1", "--dry-run", cwd=member)
    assert done.returncode == 0, done.stderr
    assert "what we know" in done.stdout or " → " in done.stdout
    assert "objects would leave" in done.stdout
    assert sorted(path.name for path in member.iterdir()) == before


def test_side_by_side_gives_a_reason_for_every_field(member: Path) -> None:
    result = json.loads(run("share", "1", "--dry-run", "--json", cwd=member).stdout)
    assert result["released"] is None
    assert all(line["rule"] and line["why"] for line in result["fields"])
    requests = next(line for line in result["fields"] if line["path"].endswith(".requests"))
    assert requests["known"] != requests["leaving"] and requests["action"] in ("generalised", "dropped")


def test_first_use_makes_a_member_and_says_so(member: Path) -> None:
    done = run("share", "1", "--approve", "Ada Example", "--yes", cwd=member)
    assert "made an identity" in done.stderr and "made a key" in done.stderr
    again = run("share", "1", "--approve", "Ada Example", "--yes", cwd=member)
    assert "made" not in again.stderr


def test_shared_again_it_is_a_later_version(member: Path) -> None:
    def versions() -> dict[str, tuple[str, str]]:
        data = (member / shared(member)["released"]["file"]).read_bytes()
        own = [one.value for one in read_bundle(data, datetime.now(UTC)).accepted if one.id not in constants()]
        return {thing["id"]: (thing["created"], thing["modified"]) for thing in own if "modified" in thing}

    first, second = versions(), versions()
    assert first.keys() == second.keys()
    assert all(first[name][0] == second[name][0] for name in first)


def test_what_was_shared_can_be_withdrawn(member: Path) -> None:
    shared(member)
    result = shared(member, "--revoke")
    withdrawn = [thing for thing in result["leaving"] if thing["type"] != "identity"]
    assert withdrawn and all(thing["revoked"] for thing in withdrawn)
    assert {thing["type"] for thing in withdrawn} >= {"campaign", "indicator", "report"}


def test_nobody_asked_means_nothing_leaves(member: Path) -> None:
    done = run("share", "1", cwd=member)
    assert (done.returncode, "nobody can be asked here" in done.stderr) == (3, True)
    assert not (member / "stillwatch-outbox").exists()
    assert set(kinds(member)) == {"refusal"}


@pytest.mark.parametrize(("second", "status"), [((), 3), (("--second", "ada example"), 3), (("--second", "Ben Example"), 0)])
def test_dual_control_wants_two_different_people(member: Path, second: tuple[str, ...], status: int) -> None:
    (member / "stillwatch.toml").write_text("dual_control = true\n")
    done = run("share", "1", "--approve", "Ada Example", *second, "--yes", cwd=member)
    assert done.returncode == status, done.stderr


def test_a_member_s_name_that_speaks_of_prices_stops_everything(member: Path) -> None:
    (member / "stillwatch.toml").write_text('name = "We will raise our prices in March"\n')
    done = run("share", "1", "--approve", "Ada Example", "--yes", cwd=member)
    assert (done.returncode, "antitrust/price" in done.stderr) == (3, True)
    assert not (member / "stillwatch-outbox").exists()


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (("share",), 2, "Missing argument"),
    (("share", "7"), 2, "the scan found no such campaign"),
    (("share", "1", "--from", "nowhere"), 4, "no result of a scan"),
    (("share", "1", "--profile", "generous", "--dry-run"), 2, "generous"),
    (("share", "1", "--tlp", "purple"), 2, "purple"),
    (("share", "1", "--revoke"), 4, "nothing was shared here"),
    (("share", "1", "--accounts", "world/accounts.parquet", "--dry-run"), 2, "token_seed"),
])  # fmt: skip
def test_errors_say_what_and_what_to_do(member: Path, arguments: tuple[str, ...], status: int, said: str) -> None:
    done = run(*arguments, cwd=member)
    assert (done.returncode, "Traceback" in done.stderr, said in done.stderr) == (status, False, True), done.stderr


@pytest.mark.parametrize("command", ["share", "hunt"])
def test_every_help_has_a_runnable_example(command: str, tmp_path: Path) -> None:
    assert "Example:" in run(command, "--help", cwd=tmp_path).stdout


@pytest.mark.parametrize(("answers", "status"), [("Ada Example\ny\n", 0), ("Ada Example\nn\n", 3)])
def test_at_a_terminal_a_person_is_asked(member: Path, answers: str, status: int) -> None:
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answers.encode())
        command = [sys.executable, "-m", "stillwatch", "share", "1"]
        done = subprocess.run(command, cwd=member, stdin=theirs, capture_output=True, text=True, timeout=120, check=False)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, "who approves, by name" in done.stderr) == (status, True), done.stderr
    assert (member / "stillwatch-outbox").exists() is (status == 0)
    assert kinds(member)[-1] == ("release" if status == 0 else "refusal")
