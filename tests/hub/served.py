"""A hub that is served by real processes, for tests that kill them, starve them or count them."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from tests.hub.world import TAXII


class Served:
    """``stillwatch hub serve``, or another ``command``, on a free port of loopback, in a process group of its own."""

    def __init__(
        self,
        state: Path,
        *options: str,
        port: int = 0,
        command: Sequence[str] = ("hub", "serve"),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.port = port or free_port()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._tls = tls
        asked = [sys.executable, "-m", "stillwatch", *command, "--state", str(state), "--port", str(self.port), *options]
        self._log = (state / "serve.log").open("ab")
        self.process = subprocess.Popen(asked, stdout=self._log, stderr=self._log, start_new_session=True)
        self._wait()

    def client(self, member: str, key: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, auth=(member, key), headers={"Accept": TAXII, "Content-Type": TAXII}, timeout=30)

    def processes(self) -> list[int]:
        """The server's process and its workers'."""
        running = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [process for process in running if _group_of(process) == self.process.pid]

    def kill(self) -> None:
        """As when the power fails for the process: no chance to tidy up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._log.close()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
        self._log.close()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                if httpx.get(f"{self.url}/ready", timeout=5, verify=self._tls or True).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert self.process.poll() is None, "the server ended"
            time.sleep(0.05)
        raise AssertionError("the server did not begin to answer")


def free_port() -> int:
    """A port of loopback on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _group_of(process: int) -> int | None:
    try:
        return os.getpgid(process)
    except ProcessLookupError:
        return None
