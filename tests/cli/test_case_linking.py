"""Campaigns linked with what another provider told of through the feed (all data synthetic)."""

import json
from pathlib import Path

import msgspec
import pytest

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.sharing.signatures.keyring import read_ring, write_ring
from tests.case.synthetic import campaign, result
from tests.cli.commands import run, scanned_world
from tests.cli.test_share import shared


@pytest.fixture
def receiver(tmp_path: Path) -> Path:
    """B, who took in what A shared, and found a campaign with A's scaffold in its own traffic."""
    sender, here = tmp_path / "a", tmp_path / "b"
    for folder in (sender, here):
        folder.mkdir()
    for name in ("world", "stillwatch-out"):
        (sender / name).symlink_to(scanned_world() / name)
    shared(sender)
    write_ring(read_ring(sender / "stillwatch-keyring.json"), here / "members.json")
    taken = run("feed", "import", str(sender / "stillwatch-outbox"), "--keyring", "members.json", cwd=here)
    assert taken.returncode == 0, taken.stderr
    theirs = msgspec.json.decode((sender / "stillwatch-out/campaigns.json").read_bytes(), type=Campaigns).campaigns[0]
    own = result(campaign(1, scaffold=theirs.scaffolds[0].fingerprint))
    own = msgspec.structs.replace(own, run=msgspec.structs.replace(own.run, accounts=1_000_000))
    (here / "campaigns.json").write_bytes(msgspec.json.encode(own))
    assert run("case", "add", "campaigns.json", cwd=here).returncode == 0
    return here


def test_one_scaffold_at_two_providers_makes_one_network(receiver: Path) -> None:
    done = run("case", "attribute", "link", "--provider", "b", "--feed", "stillwatch-feed.sqlite", "--json", cwd=receiver)
    assert done.returncode == 0, done.stderr
    [actor] = json.loads(done.stdout)["actors"]
    assert len(actor["campaigns"]) == 2 and campaign(1).id in actor["campaigns"]
    assert len(actor["providers"]) == 2 and "b" in actor["providers"]
    assert actor["organisation"] is None


def test_a_feed_that_is_not_there_is_told(receiver: Path) -> None:
    done = run("case", "attribute", "link", "--feed", "missing.sqlite", cwd=receiver)
    assert done.returncode == 4 and "Traceback" not in done.stderr
