"""A real LiteLLM proxy in front of the fake model, started for a test."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

CONFIG = """\
model_list:
  - model_name: fake
    litellm_params: {{model: openai/fake, api_base: "http://127.0.0.1:{model}/v1", api_key: synthetic}}
general_settings:
  master_key: sk-synthetic-0123456789abcdef0123456789abcdef
  custom_auth: keys.authenticated
litellm_settings:
  telemetry: false
"""
GUARDRAIL = """\
guardrails:
  - guardrail_name: stillwatch
    litellm_params:
      {{guardrail: stillwatch.gateway.adapters.litellm_guardrail.StillwatchGuardrail,
       mode: [pre_call, post_call], default_on: true, folder: {folder}}}
"""
KEYS = """\
from litellm.proxy._types import UserAPIKeyAuth

async def authenticated(request, api_key):
    name = api_key.removeprefix("sk-")
    plan = "enterprise" if name.startswith("enterprise") else "free"
    return UserAPIKeyAuth(api_key=name, metadata={"plan": plan})
"""
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Proxy(NamedTuple):
    """A proxy that runs: its base URL, and its process."""

    url: str
    pid: int


@contextmanager
def running(command: list[str], url: str, log: Path, cwd: Path, seconds: float = 120.0) -> Iterator[int]:
    """A server as a process (its id), from when it answers at ``url`` until the block ends."""
    environment = {
        **os.environ,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=file, stderr=subprocess.STDOUT)
    try:
        _wait(process, url, log, seconds)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            httpx.get(url, timeout=2, trust_env=False)
            return
        except httpx.TransportError:
            assert process.poll() is None and time.monotonic() < end, log.read_text("utf-8")[-3000:]
            time.sleep(0.1)


@contextmanager
def fake_model(folder: Path) -> Iterator[int]:
    """The fake model's port while the block runs."""
    port = free_port()
    command = [sys.executable, "-m", "tests.gateway.fake_model", str(port)]
    with running(command, f"http://127.0.0.1:{port}/asked", folder / "model.log", ROOT):
        yield port


@contextmanager
def litellm_proxy(folder: Path, model: int, gateway: Path | None) -> Iterator[Proxy]:
    """A proxy, with the gateway in ``gateway`` switched on, or without one."""
    guardrail = GUARDRAIL.format(folder=gateway) if gateway else ""
    (folder / "config.yaml").write_text(CONFIG.format(model=model) + guardrail, "utf-8")
    (folder / "keys.py").write_text(KEYS, "utf-8")
    port = free_port()
    binary = str(Path(sys.executable).with_name("litellm"))
    command = [binary, "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    with running(command, f"http://127.0.0.1:{port}/health/liveliness", folder / "proxy.log", folder) as pid:
        yield Proxy(f"http://127.0.0.1:{port}", pid)
