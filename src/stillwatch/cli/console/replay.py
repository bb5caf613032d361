"""A replay for the console: `gateway replay` in a process of its own, with less right to the processor, ended in time.

Rules: the console's server never waits for it and never shares its memory. A console that ends takes the process with it.
"""

import atexit
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from stillwatch.console.missing import not_set_up
from stillwatch.errors import StillwatchError
from stillwatch.traffic.accounts import load_accounts

LONGEST_SECONDS = 1800.0
_NICER = 10


class ReplayFailed(StillwatchError):
    """A replay ended badly or took too long."""


def replayed(gateway: Path, requests: Sequence[str], accounts: Path | None, policy: str) -> Mapping[str, Any]:
    """What a policy would have done with past requests; each hit with its account's plan. Raises NotSetUp, ReplayFailed."""
    if not requests:
        raise not_set_up("request logs", "--requests LOGS")
    plans = _plans(accounts) if accounts else {}
    with TemporaryDirectory(prefix="stillwatch-replay-") as folder:
        tried = Path(folder) / "policy.toml"
        tried.write_text(policy, "utf-8")
        options = ["--gateway", str(gateway), "--policy", str(tried), "--json"]
        found: dict[str, Any] = msgspec.json.decode(_output(["gateway", "replay", *requests, *options]))
    found["hits"] = [hit | {"plan": plans.get(hit["account_id"], "")} for hit in found["hits"]]
    return found


def _output(arguments: Sequence[str]) -> bytes:
    command = [sys.executable, "-m", "stillwatch", *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        atexit.register(process.kill)
        os.setpriority(os.PRIO_PROCESS, process.pid, _NICER)
        try:
            said, complained = process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired as error:
            process.kill()
            cure = "try it on less traffic, with `stillwatch gateway replay`"
            raise ReplayFailed(f"it took longer than {LONGEST_SECONDS:.0f} seconds", place="replay", cure=cure) from error
        finally:
            atexit.unregister(process.kill)
    if process.returncode:
        lines = complained.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        cure = "call `stillwatch gateway replay` yourself"
        raise ReplayFailed(lines[-1] if len(lines) < 2 else lines[-2], place="replay", cure=cure)
    return said


def _plans(accounts: Path) -> dict[str, str]:
    table = load_accounts(accounts)
    pairs = zip(table["account_id"].to_pylist(), table["plan"].to_pylist(), strict=True)
    return {account: plan for account, plan in pairs if plan}
