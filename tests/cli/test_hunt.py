"""`stillwatch hunt`: what A disclosed is found in B's past traffic, and a sighting of it leaves past the guard."""

import json
import shutil
from pathlib import Path

import pytest

from stillwatch.sharing.signatures.keyring import read_ring, write_ring
from stillwatch.sharing.tokens.epoch import new_seed
from tests.cli.commands import run, scanned_world
from tests.cli.test_feed import imported, incoming, listed, receiver  # noqa: F401  (fixtures)
from tests.cli.test_share import shared


@pytest.fixture
def hunter(receiver: Path) -> Path:  # noqa: F811
    """B after the import, with traffic in which the same campaign is at work."""
    imported(receiver)
    (receiver / "logs").symlink_to(scanned_world() / "world" / "requests")
    return receiver


def test_the_campaign_s_scaffolds_are_found_at_its_accounts(hunter: Path) -> None:
    done = run("hunt", "logs", "--json", cwd=hunter)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    campaign = set(json.loads((scanned_world() / "stillwatch-out" / "campaigns.json").read_text())["campaigns"][0]["accounts"])
    found = [set(find["accounts"]) for find in result["finds"] if find["matched"] == "scaffold"]
    assert result["offer"] is None and found
    assert len(set.union(*found) & campaign) >= 0.9 * len(campaign)
    assert len(set.union(*found) - campaign) <= 0.02 * len(campaign)


def test_a_sighting_leaves_past_the_guard_and_names_nobody(hunter: Path) -> None:
    done = run("hunt", "logs", "--offer", "--approve", "Ben Example", "--yes", "--to", "sightings.json", "--json", cwd=hunter)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    sent = (hunter / "sightings.json").read_text()
    sightings = [thing for thing in json.loads(sent)["objects"] if thing["type"] == "sighting"]
    assert len(sightings) == len(result["finds"])
    assert not [account for find in result["finds"] for account in find["accounts"] if account in sent]


def test_the_sighting_comes_back_to_the_one_who_disclosed(hunter: Path, incoming: Path) -> None:  # noqa: F811
    assert run("hunt", "logs", "--offer", "--approve", "Ben Example", "--yes", "--to", "s.json", cwd=hunter).returncode == 0
    ring = read_ring(incoming / "stillwatch-keyring.json")
    for key in read_ring(hunter / "stillwatch-keyring.json").keys:
        ring = ring.with_key(key)
    write_ring(ring, hunter / "all.json")
    done = run("feed", "import", "s.json", "--keyring", "all.json", "--feed", "a.sqlite", "--json", cwd=hunter)
    (result,) = json.loads(done.stdout)["imported"]
    assert (done.returncode, result["refused"]) == (0, [])


def test_what_was_withdrawn_is_not_looked_for(hunter: Path, incoming: Path) -> None:  # noqa: F811
    shutil.copytree(incoming, hunter / "a", symlinks=True)
    file = shared(hunter / "a", "--revoke")["released"]["file"]
    done = run("feed", "import", f"a/{file}", "--keyring", "members.json", cwd=hunter)
    assert done.returncode == 0, done.stdout
    result = json.loads(run("hunt", "logs", "--json", cwd=hunter).stdout)
    assert (set(result["looked_for"].values()), result["finds"]) == ({0}, [])
    assert all(entry["without_effect"] for entry in listed(hunter, "--type", "indicator", "--all"))


def test_an_offer_in_a_dry_run_writes_nothing(hunter: Path) -> None:
    before = sorted(path.name for path in hunter.iterdir())
    done = run("hunt", "logs", "--offer", "--dry-run", cwd=hunter)
    assert done.returncode == 0 and "objects would leave" in done.stdout, done.stderr
    assert sorted(path.name for path in hunter.iterdir()) == before


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (("hunt", "nowhere"), 4, "no such file or folder"),
    (("hunt", "logs", "--feed", "none.sqlite"), 4, "no such feed"),
    (("hunt", "logs", "--format", "syslog"), 2, "no such format"),
])  # fmt: skip
def test_errors_say_what_and_what_to_do(hunter: Path, arguments: tuple[str, ...], status: int, said: str) -> None:
    done = run(*arguments, cwd=hunter)
    assert (done.returncode, "Traceback" in done.stderr, said in done.stderr) == (status, False, True), done.stderr


def test_tokens_made_under_one_key_meet(tmp_path: Path) -> None:
    for name in ("world", "stillwatch-out"):
        (tmp_path / name).symlink_to(scanned_world() / name)
    new_seed(tmp_path / "seed")
    (tmp_path / "stillwatch.toml").write_text('token_seed = "seed"\ntoken_epoch = "2026-q4"\nprofile = "member-standard"\n')
    told = shared(tmp_path, "--accounts", "world/accounts.parquet")
    assert {thing["type"] for thing in told["leaving"]} >= {"user-account"}
    assert run("feed", "import", told["released"]["file"], cwd=tmp_path).returncode == 0
    done = run("hunt", "world/requests", "--accounts", "world/accounts.parquet", "--json", cwd=tmp_path)
    result = json.loads(done.stdout)
    campaign = set(json.loads((tmp_path / "stillwatch-out" / "campaigns.json").read_text())["campaigns"][0]["accounts"])
    (find,) = [find for find in result["finds"] if find["matched"] == "token"]
    assert result["looked_for"]["tokens"] >= len(campaign)
    assert set(find["accounts"]) >= campaign
    assert (
        run(
            "hunt", "world/requests", "--json", "--config", "other.toml", "--feed", "stillwatch-feed.sqlite", cwd=tmp_path
        ).returncode
        == 0
    )
