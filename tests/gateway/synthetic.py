"""Synthetic snapshots, folders and requests for the gateway's tests."""

import base64
import time
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.gateway.counters.account_state import AccountState
from stillwatch.gateway.settings import Settings
from stillwatch.gateway.snapshot.shelf import Shelf
from stillwatch.gateway.snapshot.snapshot import Snapshot
from stillwatch.gateway.snapshot.snapshot_build import Sources, build

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
"""A synthetic publisher's key."""
HEADER = 'schema = "stillwatch.policy/1"\n'
SCAFFOLD = (
    "You are given a passage. Rewrite it so that it becomes harder to answer, keep every fact, explain each step of your thinking "
    "in full sentences, and end with one line that repeats the final answer on its own. Passage: "
)
"""A synthetic scaffold."""


def snapshot_of(policy: str, *, number: int = 1, created: float | None = None, **sources: Any) -> Snapshot:
    """A snapshot of a policy (without the schema's line) and sources."""
    return build(Sources(**sources), HEADER + policy, number=number, created=int(time.time() if created is None else created))


def publish(folder: Path, policy: str, *, created: float | None = None, key: Ed25519PrivateKey = KEY, **sources: Any) -> int:
    """Publish a snapshot in a gateway's folder; its number."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "publisher.pub").write_text(base64.b64encode(KEY.public_key().public_bytes_raw()).decode(), "utf-8")
    shelf = Shelf(folder / "snapshots", [KEY.public_key()])
    with shelf.publishing() as number:
        shelf.publish(snapshot_of(policy, number=number, created=created, **sources), key)
    return number


def settings_for(folder: Path, **over: Any) -> Settings:
    """Settings of a small gateway that looks for news often and records into a list (see Book), not a ledger."""
    return Settings(**{"folder": folder, "sync_seconds": 0.05, "accounts": 4096, "blocks": 4096, "recorder": "", **over})


class Book:
    """A ledger in disguise."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, dict[str, Any]]] = []

    def append(self, kind: str, subject: str, details: Any, actor: str, now: Any) -> None:
        self.entries.append((kind, subject, dict(details)))


def wait_for(condition: Any, seconds: float = 5.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)


def seen(**counters: Any) -> AccountState:
    """A state with these counters."""
    return AccountState(**{"last": 1.0, **counters})
