"""Servers that run beside a demonstration and end with it.

>>> with Processes() as processes:
...     pass
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from stillwatch.errors import StillwatchError

_PATIENCE_SECONDS = 120.0
_FAREWELL_SECONDS = 15.0


class NotServed(StillwatchError):
    """A server ended, or did not answer in time."""


class Processes:
    """The servers; on leaving the block, also when told to end, each is ended, the last first, with whatever it started."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []
        self._before: Any = None

    def __enter__(self) -> "Processes":
        self._before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in reversed(self._running):
            _end(process)
        signal.signal(signal.SIGTERM, self._before)

    def start(self, command: Sequence[str], url: str, log: Path, cwd: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start a server and wait until something answers at ``url``. Raises NotServed."""
        with log.open("wb") as file:
            process = subprocess.Popen(
                command, cwd=cwd, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                start_new_session=True,
            )  # fmt: skip
        self._running.append(process)
        end = time.monotonic() + _PATIENCE_SECONDS
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > end:
                raise NotServed(f"{command[0]} does not answer at {url}", place=str(log), cure="read the end of this file")
            time.sleep(0.1)


def free_port() -> int:
    """A port of this machine at which nobody listens now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        httpx.get(url, timeout=2, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and its group; it may have ended already."""
    for order in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, order)
            process.wait(_FAREWELL_SECONDS)
        except ProcessLookupError:
            process.wait()
        except subprocess.TimeoutExpired:
            continue
