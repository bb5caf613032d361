"""Decisions go back into the scan as traffic: a pool that takes over from one that the gateway blocked is known as its heir.

All traffic is synthetic.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.campaigns.campaign import Campaign
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.gateway.clock import SteadyClock
from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.opening import Gateway
from stillwatch.traffic.simulate.world import World, write_world
from tests.gateway.synthetic import publish, settings_for

POLICY = """
mode = "enforce"
[[rule]]
name = "members"
evidence = ["account"]
grade = "block"
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A week in which a pool is stopped in the middle and another goes on; the table of accounts does not say so."""
    folder = tmp_path_factory.mktemp("takeover") / "world"
    write_world(World(accounts=400, seed=5, campaigns=("hydra:40",)), folder)
    accounts = pq.read_table(folder / "accounts.parquet")
    stopped = accounts.filter(pc.equal(accounts["state"], "suspended"))["account_id"].to_pylist()
    pq.write_table(accounts.drop_columns(["state", "state_ts"]), folder / "accounts.parquet")
    (folder / "stopped.json").write_text(json.dumps(stopped), "utf-8")
    yield folder


def test_a_pool_that_begins_after_a_block_is_linked_to_the_blocked(world: Path) -> None:
    blocked = json.loads((world / "stopped.json").read_text("utf-8"))
    refuse(blocked, world)
    before = takeover(found(world, str(world / "requests")), blocked)
    after = takeover(found(world, str(world / "requests"), str(world / "gateway" / "decisions")), blocked)
    assert (before, after > 0) == (0.0, True)


def refuse(accounts: list[str], world: Path) -> None:
    """Each account asks once more after its last request, and is blocked."""
    requests = pq.read_table(world / "requests", columns=["account_id", "ts"])
    last = pc.max(requests.filter(pc.is_in(requests["account_id"], pa.array(accounts)))["ts"]).as_py().timestamp()
    listed = [Indicator(kind="account", value=account, confidence=99) for account in accounts]
    publish(world / "gateway", POLICY, created=last, indicators=listed)
    running = Gateway(settings_for(world / "gateway"), clock=SteadyClock(lambda: last + 60, lambda: 0.0), started=False)
    for account in accounts:
        ruling = running.gate.judge(Facts(account_id=account, request_id=f"again-{account}", model="m"))
        running.gate.finish(ruling, {}, status=ruling.status)
    running.close()


def found(world: Path, *requests: str) -> list[Campaign]:
    settings = ScanSettings(requests, world / "out", accounts=world / "accounts.parquet")
    return list(scan(settings, now=datetime.now(UTC)).campaigns)


def takeover(campaigns: list[Campaign], blocked: list[str]) -> float:
    """The bits of takeover in the campaign that has both pools, 0 without."""
    both = [each for each in campaigns if set(blocked) & set(each.accounts) and set(each.accounts) - set(blocked)]
    return sum(item.bits for each in both for item in each.evidence if item.signal == "takeover")
