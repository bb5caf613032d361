"""The system on one page: a row at provider A becomes a block at provider B, and stops being one. All traffic is synthetic."""

import json
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from stillwatch.gateway.counters.account_state import NEVER_SEEN
from stillwatch.gateway.decide import decide
from stillwatch.gateway.facts import facts_of
from stillwatch.gateway.grade import Grade
from stillwatch.gateway.policy_file import default_policy_text
from stillwatch.gateway.settings import load_settings
from stillwatch.gateway.snapshot.shelf import Shelf
from stillwatch.sharing.ledger.ledger import Ledger
from tests.cli.commands import run, scanned_world

ACTS_ON_WHAT_OTHERS_SAY = (
    default_policy_text()
    .replace('mode = "observe"', 'mode = "enforce"')
    .replace('received_at_most = "watch"', 'received_at_most = "block"')
    + '[[rule]]\nname = "received scaffold"\nevidence = ["scaffold"]\norigin = "received"\nmin_confidence = 30\ngrade = "block"\n'
)


def test_a_row_at_one_provider_becomes_a_block_at_another_and_stops_being_one(tmp_path: Path) -> None:
    a, b = (tmp_path / name for name in "ab")
    a.mkdir(), b.mkdir()
    campaign = found_by_a_scan(a)
    harvest, ordinary = rows_of(a, campaign["accounts"]), rows_of(a, benign_accounts(a))

    release(a)
    assert received(b, a) == []
    assert grades(b, harvest) == {Grade.BLOCK}
    assert grades(b, ordinary) == {Grade.ALLOW}

    built(b, policy=default_policy_text())
    assert grades(b, harvest) == {Grade.WATCH}, "others' word alone blocks nobody unless B says so"
    built(b, policy=ACTS_ON_WHAT_OTHERS_SAY)

    release(a, "--revoke")
    assert received(b, a) == []
    assert grades(b, harvest) == {Grade.ALLOW}
    for provider in (a, b):
        with Ledger.read(provider / "stillwatch-ledger.sqlite") as ledger:
            assert ledger.verify() == []


def found_by_a_scan(a: Path) -> dict[str, Any]:
    """A scans its traffic and finds a campaign."""
    for name in ("world", "stillwatch-out"):
        (a / name).symlink_to(scanned_world() / name)
    (campaign,) = json.loads((a / "stillwatch-out" / "campaigns.json").read_text())["campaigns"]
    return dict(campaign)


def benign_accounts(a: Path) -> list[str]:
    labels = ds.dataset(a / "world" / "labels.parquet").to_table().to_pylist()
    return [row["account_id"] for row in labels if row["campaign"] is None][:40]


def rows_of(a: Path, accounts: list[str]) -> list[dict[str, Any]]:
    """The first requests of some accounts, as they would come to B under other names."""
    requests = ds.dataset(a / "world" / "requests").to_table(columns=["account_id", "system_prompt", "prompt"]).to_pylist()
    first = {row["account_id"]: row for row in requests if row["account_id"] in set(accounts)}
    return [row | {"account_id": f"at-b-{number}"} for number, row in enumerate(first.values())]


def release(a: Path, *more: str) -> None:
    """A person at A approves what leaves."""
    done = run("share", "1", "--approve", "Ada Example", "--yes", "--to", "outbox", *more, cwd=a)
    assert done.returncode == 0, done.stderr


def received(b: Path, a: Path) -> list[Any]:
    """B takes in what A let out, and builds its gateway anew; what B refused."""
    done = run("feed", "import", str(a / "outbox"), "--keyring", str(a / "stillwatch-keyring.json"), "--json", cwd=b)
    assert done.returncode == 0, done.stdout
    built(b, policy=ACTS_ON_WHAT_OTHERS_SAY)
    return [refusal for each in json.loads(done.stdout)["imported"] for refusal in each["refused"]]


def built(b: Path, policy: str) -> None:
    """A snapshot of B's feed under a policy."""
    (b / "policy.toml").write_text(policy)
    done = run("gateway", "build", "--feed", "stillwatch-feed.sqlite", "--policy", "policy.toml", cwd=b)
    assert done.returncode == 0, done.stderr


def grades(b: Path, rows: list[dict[str, Any]]) -> set[Grade]:
    """What B's gateway says to requests of accounts that it has not seen before."""
    settings = load_settings(b / "stillwatch-gateway")
    snapshot = Shelf(settings.snapshots, settings.trusted()).load()
    now = snapshot.about.created + 60
    return {decide(facts_of(row), NEVER_SEEN, snapshot, now).action for row in rows}
