"""Requests a second through a real LiteLLM proxy with the gateway on and off, in one paired run.

python benchmarks/gateway_litellm.py [--rounds 40] [--requests 60]

Both proxies run side by side in front of one fake model and get their requests in turns, a few seconds each, so that whatever else the
machine does meets both alike. A proxy is one process and bound by its processor, so requests a CPU-second are reported beside
requests a second; only the former are steady on a machine that does other work. Everything is synthetic.
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stillwatch.gateway.evidence import Indicator
from stillwatch.gateway.policy_file import default_policy_text
from tests.gateway.proxy import Proxy, fake_model, litellm_proxy
from tests.gateway.synthetic import HEADER, publish

PROMPT = (
    "Please explain, in a few sentences, how the tide comes about, and why it is not equally strong everywhere (synthetic). " * 4
)
CLIENTS = 4


class Tally:
    """Requests, seconds and CPU seconds of one proxy."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.requests, self.seconds, self.cpu = 0, 0.0, 0.0

    def add(self, requests: int, turn: int) -> None:
        """One round."""
        cpu, began = cpu_seconds(self.proxy.pid), time.perf_counter()
        ask(self.proxy.url, requests, turn)
        self.seconds += time.perf_counter() - began
        self.cpu += cpu_seconds(self.proxy.pid) - cpu
        self.requests += requests

    def __str__(self) -> str:
        return f"{self.requests / self.seconds:6.1f} requests/s, {self.requests / self.cpu:6.1f} requests/CPU-s"


def cpu_seconds(pid: int) -> float:
    """What a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(url: str, requests: int, turn: int) -> None:
    """Ask so many times, CLIENTS at once."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client, ThreadPoolExecutor(CLIENTS) as pool:

        def one(number: int) -> int:
            body = {"model": "fake", "messages": [{"role": "user", "content": f"{PROMPT[:380]} {turn} {number}"}]}
            headers = {"authorization": f"Bearer sk-user-{number % 50}"}
            return client.post("/v1/chat/completions", json=body, headers=headers).status_code

        statuses = set(pool.map(one, range(requests)))
    assert statuses == {200}, statuses


def main() -> None:
    """Start both proxies, ask them in turns, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--requests", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("on", "off"):
            (folder / part).mkdir()
        policy = default_policy_text().replace('mode = "observe"', 'mode = "enforce"').replace(HEADER.strip(), "")
        members = [Indicator(kind="campaign", value=f"bad-{number}", confidence=99) for number in range(10_000)]
        publish(folder / "gateway", policy, indicators=members)
        with (
            fake_model(folder) as model,
            litellm_proxy(folder / "off", model, None) as without,
            litellm_proxy(folder / "on", model, folder / "gateway") as with_it,
        ):
            for proxy in (without, with_it):
                ask(proxy.url, 100, -1)
            off, on = Tally(without), Tally(with_it)
            for turn in range(asked.rounds):
                for tally in (on, off) if turn % 2 else (off, on):
                    tally.add(asked.requests, turn)
    print(f"off: {off}\non:  {on}   (load of the machine {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores)")
    print(f"on / off: {off.seconds / on.seconds:.3f} in requests/s, {off.cpu / on.cpu:.3f} in requests/CPU-s")


if __name__ == "__main__":
    main()
