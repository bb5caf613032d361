"""The gateway's decision at full size: 1M indicators, 100k prefixes, 10k scaffolds, 1M account states, prompts of 400 characters.

python benchmarks/gateway_speed.py [--scale 1.0]

A decision is measured whole: from the row of a request (its texts fingerprinted) to the ruling, counted. Start and memory are those of
a fresh process. Everything is synthetic.
"""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

BEGAN = time.perf_counter()

import numpy as np  # noqa: E402 - the start is measured from here on

from stillwatch.gateway.counters.account_state import AccountState  # noqa: E402
from stillwatch.gateway.facts import facts_of  # noqa: E402
from stillwatch.gateway.opening import Gateway  # noqa: E402
from stillwatch.gateway.settings import Settings  # noqa: E402
from stillwatch.gateway.snapshot.hash_table import key_of  # noqa: E402

DECISIONS = 100_000
HIT_SHARE = 0.02
"""Share of requests that meet evidence, far more than among real ones."""


def prepare(folder: Path, scale: float) -> None:
    """Publish the snapshot and save the counters."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from stillwatch.gateway.counters.memory import Memory
    from stillwatch.gateway.counters.state_store import open_store
    from stillwatch.gateway.policy_file import default_policy_text
    from stillwatch.gateway.snapshot.shelf import Shelf
    from stillwatch.gateway.snapshot.snapshot_build import AccountRow, Sources, build

    key = Ed25519PrivateKey.generate()
    (folder / "publisher.pub").write_text(base64.b64encode(key.public_key().public_bytes_raw()).decode())
    accounts = int(1_000_000 * scale)
    rows = [AccountRow(f"acct-{i}", f"org-{i // 3}", ("free", "pro")[i % 2]) for i in range(accounts)]
    sources = Sources(indicators(scale), rows, shared_egress=[f"100.{64 + i}.0.0/16" for i in range(64)])
    policy = default_policy_text().replace('mode = "observe"', 'mode = "enforce"')
    shelf = Shelf(folder / "snapshots", [key.public_key()])
    with shelf.publishing() as number:
        shelf.publish(build(sources, policy, number=number, created=int(time.time())), key)
    memory = Memory(1_200_000, 100_000)
    state = AccountState(last=time.time(), window=int(time.time()) // 604_800, requests=40, scaffold=3)
    for i in range(accounts):
        memory.remember(key_of("account", f"acct-{i}"), state, state)
    store = open_store(folder)
    store.restore(memory.tables)
    store.save(memory.tables)
    store.close()


def indicators(scale: float) -> Iterator["object"]:
    """Synthetic indicators of every kind."""
    from stillwatch.gateway.evidence import Indicator

    rng = np.random.default_rng(0)
    for i in range(int(500_000 * scale)):
        yield Indicator(kind="client_fingerprint", value=f"fp-{i}", confidence=60, id=f"indicator--{i:032x}")
    for i in range(int(500_000 * scale)):
        yield Indicator(kind="token", value=f"swt1:synthetic:{i}", origin="received", member="member-b", id=f"indicator--t{i:031x}")
    for number in rng.choice(1 << 24, int(100_000 * scale), replace=False):
        yield Indicator(kind="prefix", value=f"{IPv4Address(int(number) << 8)}/24", origin="received", id=f"prefix--{number}")
    for i in range(int(10_000 * scale)):
        samples = ".".join(f"{int(sample):016x}" for sample in rng.integers(0, 2**64, 12, dtype=np.uint64))
        yield Indicator(kind="scaffold", value=f"swf1:{samples}", confidence=90, id=f"campaign--{i}")
    for i in range(int(10_000 * scale)):
        yield Indicator(kind="campaign", value=f"acct-{i * 97}", confidence=99, id=f"campaign--{i // 50}")


def requests(scale: float) -> Iterator[dict[str, object]]:
    """Rows of requests; HIT_SHARE of them meet something."""
    rng = np.random.default_rng(1)
    accounts, known = int(1_000_000 * scale), max(1, int(500_000 * scale))
    words = ["".join(map(chr, rng.integers(97, 123, rng.integers(2, 10)))) for _ in range(3_000)]
    texts = [" ".join(words[k] for k in rng.integers(0, 3_000, 80)) for _ in range(2_000)]
    for i in range(DECISIONS):
        hit = rng.random() < HIT_SHARE
        yield {
            "account_id": f"acct-{rng.integers(0, accounts)}", "request_id": f"r{i}", "model": "m", "prompt": texts[i % 2_000][:400],
            "ip": str(IPv4Address(int(rng.integers(1 << 24, 1 << 32)))), "n_messages": 1, "temperature": 0.7, "stream": False,
            "client_fingerprint": f"{'fp' if hit else 'other'}-{rng.integers(0, known)}",
        }  # fmt: skip


def measure(folder: Path, scale: float) -> dict[str, float]:
    """Open the gateway and decide."""
    gateway = Gateway(Settings(folder=folder, recorder=""))
    started, started_cpu, opened = time.perf_counter() - BEGAN, time.process_time(), resident()
    took, cpu = np.empty(DECISIONS), np.empty(DECISIONS)
    judge, clock, busy = gateway.gate.judge, time.perf_counter_ns, time.thread_time_ns
    for i, row in enumerate(requests(scale)):
        begin, begin_cpu = clock(), busy()
        judge(facts_of(row))
        took[i], cpu[i] = clock() - begin, busy() - begin_cpu
    alarms = sum(gateway.alarms.counts().values())
    memory = resident()
    gateway.close()
    p50, p99 = np.percentile(took, [50, 99]) / 1000
    cpu50, cpu99 = np.percentile(cpu, [50, 99]) / 1000
    found = {"start_s": started, "start_cpu_s": started_cpu, "opened_mb": opened, "p50_us": p50, "p99_us": p99}
    found |= {"cpu_p50_us": cpu50, "cpu_p99_us": cpu99, "mb": memory, "alarms": alarms}
    return {name: round(float(value), 2) for name, value in found.items()}


def resident() -> float:
    """The most memory that this process ever had, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    """Prepare, then measure in fresh processes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--measure", type=Path)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure, asked.scale)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        prepare(folder, asked.scale)
        print(
            f"prepared in {time.perf_counter() - began:.0f} s; snapshot {next(folder.glob('snapshots/*.snapshot')).stat().st_size >> 20} MB"
        )
        print(f"machine's load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores")
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")  # as an installation has it
        command = [sys.executable, __file__, "--measure", name, "--scale", str(asked.scale)]
        for run in ("first start on this machine", "second", "third"):
            done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            print(f"{run}: {done.stdout.strip()}")


if __name__ == "__main__":
    main()
