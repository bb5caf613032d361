"""`stillwatch demo` at a small size, from the find to the cleared customer; and the parts that it is made of."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from stillwatch.cli.demonstration import front
from stillwatch.cli.demonstration.desk import CommandFailed, Desk
from stillwatch.cli.demonstration.processes import NotServed, Processes, free_port
from stillwatch.gateway.evidence import Indicator
from tests.gateway.synthetic import publish

CHAT = {"model": "fake", "messages": [{"role": "user", "content": "Hello, synthetic."}]}


def test_the_whole_system(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "stillwatch", "demo", "--out", "demo", "--accounts", "400"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr[-3000:]
    said = done.stderr
    assert "joint, by scaffold" in said
    assert said.count("200; 200; 200, no reasoning; 200, no reasoning; 403; 403") == 3, "each newcomer is hidden from, then blocked"
    assert "40 other customers: 40 × 200" in said
    assert "customer-of-b, before: 200; 200; 403; 403" in said and "customer-of-b, pardoned: 200" in said
    assert "another customer of that network: 200; 200; 200; 200" in said
    assert "upheld" in done.stdout and "taken back" in " ".join(done.stdout.split())
    assert front.litellm_is_here() == ("a LiteLLM proxy" in said)
    for provider in ("provider-a", "provider-b"):
        assert (tmp_path / "demo" / provider / "stillwatch-out" / "report.html").exists()
    assert not left_running(tmp_path)


def left_running(folder: Path) -> list[str]:
    """Commands of processes whose working folder lies in ``folder``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve().is_relative_to(folder):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue
    return found


def test_a_server_ends_with_the_block_and_one_that_fails_is_said(tmp_path: Path) -> None:
    port = free_port()
    with Processes() as processes:
        command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
        processes.start(command, f"http://127.0.0.1:{port}/", tmp_path / "log", tmp_path)
        assert httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    with Processes() as processes, pytest.raises(NotServed, match="does not answer"):
        processes.start([sys.executable, "-c", "raise SystemExit(1)"], f"http://127.0.0.1:{port}/", tmp_path / "log", tmp_path)


def test_a_command_that_fails_ends_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="status 4") as failed:
        Desk(tmp_path / "desk", "synthetic").call("gateway", "explain", "nobody")
    assert "no snapshot was published yet" in str(failed.value)


def test_the_gateway_s_own_server_stands_in_for_litellm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = 'mode = "enforce"\n[[rule]]\nname = "named"\nevidence = ["account"]\ngrade = "block"\n'
    publish(tmp_path, policy, indicators=[Indicator(kind="account", value="hostile", confidence=99)])
    monkeypatch.setenv("STILLWATCH_GATEWAY", str(tmp_path))
    client = TestClient(front.guarded())
    statuses = [
        client.post("/v1/chat/completions", json=CHAT, headers={"authorization": f"Bearer sk-{account}"}).status_code
        for account in ("hostile", "benign")
    ]
    assert statuses == [403, 200]
