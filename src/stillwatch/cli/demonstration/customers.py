"""The customers of provider B in the demonstration, and what they get, from its simulated traffic through its proxy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq

from stillwatch.cli.gateway.feed import received_indicators
from stillwatch.errors import NoReadableInput
from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.facts import facts_of
from stillwatch.gateway.snapshot.indicator_file import samples_of
from stillwatch.sharing.feed.effect import standings
from stillwatch.sharing.feed.store import FeedStore

Row = Mapping[str, Any]
_COLUMNS = ["account_id", "system_prompt", "prompt", "ip"]


@dataclass(frozen=True)
class Customers:
    """Requests that carry a received scaffold, and one request of each of some accounts that are no campaign's."""

    campaign: Sequence[Row]
    benign: Sequence[Row]


def customers(world: Path, received: Sequence[Indicator], many: int) -> Customers:
    """The traffic to come: the campaign's, and that of ``many`` benign accounts of the simulated world."""
    rows = pq.read_table(world / "requests", columns=_COLUMNS).to_pylist()
    labels = pq.read_table(world / "labels.parquet", columns=["account_id", "campaign"]).to_pylist()
    hostile = {label["account_id"] for label in labels if label["campaign"]}
    scaffolds = [set(samples_of(each.value)) for each in received if each.kind == "scaffold"]
    campaign = [row for row in rows if row["account_id"] in hostile and any(_carries(row, samples) for samples in scaffolds)]
    benign = {row["account_id"]: row for row in rows if row["account_id"] not in hostile}
    return Customers(campaign, list(benign.values())[:many])


def received(feed: Path) -> list[Indicator]:
    """What the feed holds that a gateway can meet and that has effect. Raises NoReadableInput if there is nothing."""
    with FeedStore.existing(feed) as store:
        found = list(received_indicators(standings(store.facts(), store.opinions(), datetime.now(UTC)), None))
    if not found:
        raise NoReadableInput("no received indicator has effect", place=str(feed), cure="see `stillwatch feed list --all`")
    return found


def _carries(row: Row, samples: set[int]) -> bool:
    return len(samples) > 1 and 2 * len(samples & set(facts_of(row, account_id="").samples.tolist())) >= len(samples)


class Till:
    """Where customers ask: the proxy at ``url``, which believes the address that the edge in front of it saw."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def ask(self, account: str, row: Row, address: str) -> str:
        """The status that an account gets for a request from an address; ``200, no reasoning`` for one that hides something."""
        system = [{"role": "system", "content": row["system_prompt"]}] if row["system_prompt"] else []
        body = {"model": "fake", "messages": [*system, {"role": "user", "content": row["prompt"] or "Hello."}]}
        headers = {"authorization": f"Bearer sk-{account}", "x-forwarded-for": address}
        answer = self._client.post("/v1/chat/completions", json=body, headers=headers)
        hidden = answer.status_code == 200 and "reasoning_content" not in answer.text
        return f"{answer.status_code}{', no reasoning' if hidden else ''}"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
