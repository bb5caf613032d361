"""The gateway from end to end, by its commands: a campaign that a scan found goes on with new accounts through a real LiteLLM proxy.

It is throttled and hidden within the requests that the policy says, a thousand benign users are untouched, a pardon and a rollback
work while it runs, and ``gateway replay`` predicted it. All traffic is simulated; the model behind the proxy is a fake.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from stillwatch.gateway.facts import facts_of
from stillwatch.gateway.snapshot.indicator_file import samples_of
from tests.cli.commands import run
from tests.gateway.proxy import fake_model, litellm_proxy
from tests.gateway.synthetic import wait_for

POLICY = """
schema = "stillwatch.policy/1"
mode = "enforce"
[grades.throttle]
requests_per_minute = 4
[grades.hide]
requests_per_minute = 600
strip = ["reasoning", "logprobs"]
[[rule]]
name = "works on a scaffold of a campaign"
evidence = ["scaffold"]
origin = "own"
min_confidence = 90
when = {requests = 3, scaffold = 0.5}
grade = "throttle"
[[rule]]
name = "keeps working on it"
evidence = ["scaffold"]
origin = "own"
min_confidence = 90
when = {requests = 8, scaffold = 0.5}
grade = "hide"
"""
COURSE = ["whole"] * 4 + ["429"] * 3 + ["hidden"] * 3
"""What an account of the campaign gets: whole answers, four in its first minute, then less."""
POOL = [f"pool-{number}" for number in range(3)]
BENIGN = 1000
Asked = tuple[str, dict[str, Any]]


class Stage:
    """The proxy that runs, the folder in which commands are called, and the traffic to come."""

    def __init__(self, url: str, folder: Path, campaign: list[Asked], benign: list[Asked]) -> None:
        self.folder, self.campaign, self.benign = folder, campaign, benign
        self.client = httpx.Client(base_url=url, timeout=60, trust_env=False, limits=httpx.Limits(max_connections=16))

    def command(self, *arguments: str) -> Any:
        done = run(*arguments, "--json", cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def got(self, account: str, row: dict[str, Any]) -> str:
        """What an account gets for a request: everything, less, or nothing."""
        system = [{"role": "system", "content": row["system_prompt"]}] if row["system_prompt"] else []
        body = {"model": "fake", "messages": [*system, {"role": "user", "content": row["prompt"]}]}
        answer = self.client.post("/v1/chat/completions", json=body, headers={"authorization": f"Bearer sk-{account}"})
        if answer.status_code != 200:
            return str(answer.status_code)
        return "whole" if answer.json()["choices"][0]["message"].get("reasoning_content") else "hidden"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A scanned world, its snapshots (one that observes, then one that is enforced), and a proxy with the gateway."""
    folder = tmp_path_factory.mktemp("replayed")
    asked = ("--accounts", "1100", "--days", "3", "--seed", "4", "--campaign", "queue:40")
    assert run("simulate", "--out", "world", *asked, cwd=folder).returncode == 0
    assert run("scan", "world/requests", "--accounts", "world/accounts.parquet", "--quiet", cwd=folder).returncode == 0
    (folder / "observing.toml").write_text(POLICY.replace('"enforce"', '"observe"'), "utf-8")
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    for policy in ("observing.toml", "policy.toml"):
        done = run("gateway", "build", "--scan", "stillwatch-out", "--policy", policy, cwd=folder)
        assert done.returncode == 0, done.stderr
    with fake_model(folder) as model, litellm_proxy(folder, model, folder / "stillwatch-gateway") as proxy:
        yield Stage(proxy.url, folder, *traffic(folder))


def traffic(folder: Path) -> tuple[list[Asked], list[Asked]]:
    """The campaign's requests as if a new pool sent them, and the last request of each of a thousand others."""
    (campaign,) = json.loads((folder / "stillwatch-out" / "campaigns.json").read_text("utf-8"))["campaigns"]
    rows = pq.read_table(folder / "world" / "requests", columns=["account_id", "system_prompt", "prompt"]).to_pylist()
    listed = set(samples_of(campaign["scaffolds"][0]["fingerprint"]))
    members = [row for row in rows if row["account_id"] in set(campaign["accounts"]) and carries(row, listed)]
    labels = pq.read_table(folder / "world" / "labels.parquet").to_pylist()
    innocent = {label["account_id"] for label in labels if label["campaign"] is None}
    benign = {row["account_id"]: row for row in rows if row["account_id"] in innocent and row["prompt"]}
    pool = [(account, members[len(POOL) * turn + place]) for turn in range(len(COURSE)) for place, account in enumerate(POOL)]
    return pool, list(benign.items())[:BENIGN]


def carries(row: dict[str, Any], listed: set[int]) -> bool:
    """Whether a request carries at least half of a scaffold's samples."""
    return 2 * len(listed & set(facts_of(row, account_id="").samples.tolist())) >= len(listed)


def test_it_is_throttled_and_hidden_as_predicted_and_benign_users_are_untouched(stage: Stage) -> None:
    assert len(stage.benign) == BENIGN
    forecast = predicted(stage)
    leave_time_in_this_minute(20)
    got: dict[str, list[str]] = {account: [] for account in POOL}
    for account, row in stage.campaign:
        got[account].append(stage.got(account, row))
    assert got == dict.fromkeys(POOL, COURSE)
    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(lambda asked: stage.got(*asked), stage.benign)) == {"whole": BENIGN}
    foreseen = {(hit["account_id"], hit["grade"]): (hit["after"], hit["requests"], hit["refused"]) for hit in forecast["hits"]}
    assert foreseen == {
        **{(account, "throttle"): (3, 5, COURSE.count("429")) for account in POOL},
        **{(account, "hide"): (8, COURSE.count("hidden"), 0) for account in POOL},
    }
    assert forecast["untouched"] == BENIGN


def predicted(stage: Stage) -> Any:
    """What ``gateway replay`` says of the traffic to come, as if it had come within one minute."""
    at = datetime.now(UTC).replace(second=1, microsecond=0).isoformat()
    rows = [
        {"request_id": str(place), "ts": at, "account_id": account, "model": "fake", **{name: row[name] for name in ("system_prompt", "prompt")}}
        for place, (account, row) in enumerate([*stage.campaign, *stage.benign])
    ]  # fmt: skip
    (stage.folder / "to-come.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return stage.command("gateway", "replay", "to-come.jsonl")


def leave_time_in_this_minute(seconds: float) -> None:
    """Wait for the next minute if less than so much is left of this one: rates are counted by the minute."""
    left = 60 - time.time() % 60
    time.sleep(left + 0.5 if left < seconds else 0)


def last_rule(stage: Stage, account: str) -> str:
    """The rule of the latest decision that is recorded; the record follows a moment later."""
    recent = stage.command("gateway", "explain", account)["recent"]
    return str(recent[-1]["gateway_rule"]) if recent else ""


def test_a_pardon_and_a_rollback_work_while_it_runs(stage: Stage) -> None:
    texts = [row for _, row in stage.campaign]
    for account in ("mistaken", "other"):
        for row in texts[:8]:
            last = stage.got(account, row)
        assert last == "hidden"
    wait_for(lambda: last_rule(stage, "mistaken") == "keeps working on it", 10)
    stage.command("gateway", "pardon", "mistaken", "--because", "synthetic: a customer's own evaluation")
    wait_for(lambda: stage.got("mistaken", texts[0]) == "whole", 5)
    assert stage.got("other", texts[0]) == "hidden"
    assert stage.command("gateway", "rollback") == {"from": 2, "to": 1}
    wait_for(lambda: stage.got("other", texts[0]) == "whole", 5)
    stage.command("gateway", "rollback", "--to", "2")
    wait_for(lambda: stage.got("other", texts[0]) in ("hidden", "429"), 5)
    assert stage.got("mistaken", texts[0]) == "whole"
