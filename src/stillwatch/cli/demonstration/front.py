"""What stands in front of the model at provider B: a LiteLLM proxy with the gateway as its guardrail, or, where LiteLLM is not
installed, the same model behind the gateway's ASGI middleware.

Every customer's key is ``sk-`` and the account's name. ``python -m stillwatch.cli.demonstration.front TARGET PORT`` serves an
application of this package.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stillwatch.cli.demonstration.processes import Processes, free_port

_HERE = "stillwatch.cli.demonstration"
_CONFIG = """\
model_list:
  - model_name: fake
    litellm_params: {{model: openai/fake, api_base: "http://127.0.0.1:{model}/v1", api_key: synthetic}}
general_settings: {{master_key: sk-{master}, custom_auth: keys.authenticated}}
litellm_settings: {{telemetry: false}}
guardrails:
  - guardrail_name: stillwatch
    litellm_params:
      {{guardrail: stillwatch.gateway.adapters.litellm_guardrail.StillwatchGuardrail,
       mode: [pre_call, post_call], default_on: true, folder: "{gateway}"}}
"""
_KEYS = """\
from litellm.proxy._types import UserAPIKeyAuth

async def authenticated(request, api_key):
    return UserAPIKeyAuth(api_key=api_key.removeprefix("sk-"))
"""


def litellm_is_here() -> bool:
    """Whether the LiteLLM proxy is installed beside this package."""
    return find_spec("litellm") is not None and Path(sys.executable).with_name("litellm").exists()


def serve(processes: Processes, folder: Path, gateway: Path) -> str:
    """Start the model and what stands before it, with the gateway in ``gateway``; its URL. Raises NotServed."""
    folder.mkdir(parents=True, exist_ok=True)
    if not litellm_is_here():
        return _serve_application(processes, f"{_HERE}.front:guarded", folder, {"STILLWATCH_GATEWAY": str(gateway)})
    model = _serve_application(processes, f"{_HERE}.fake_model:app", folder)
    port = free_port()
    config = _CONFIG.format(model=model.rpartition(":")[2], gateway=gateway, master=secrets.token_hex(16))
    (folder / "litellm.yaml").write_text(config, "utf-8")
    (folder / "keys.py").write_text(_KEYS, "utf-8")
    command = [
        str(Path(sys.executable).with_name("litellm")),
        "--config",
        "litellm.yaml",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    url = f"http://127.0.0.1:{port}"
    environment = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}
    processes.start(command, f"{url}/health/liveliness", folder / "litellm.log", folder, environment)
    return url


def _serve_application(processes: Processes, target: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    port = free_port()
    command = [sys.executable, "-m", f"{_HERE}.front", target, str(port)]
    log = folder / f"{target.rpartition(':')[2]}.log"
    processes.start(command, f"http://127.0.0.1:{port}/", log, folder, environment)
    return f"http://127.0.0.1:{port}"


def guarded() -> Any:
    """The model behind the gateway whose folder STILLWATCH_GATEWAY names, as an ASGI application."""
    from stillwatch.cli.demonstration.fake_model import app
    from stillwatch.gateway.adapters.asgi import StillwatchMiddleware
    from stillwatch.gateway.adapters.asgi_request import Scope, headers_of
    from stillwatch.gateway.adapters.identity import Identity
    from stillwatch.gateway.opening import Gateway
    from stillwatch.gateway.settings import load_settings

    def named_by_key(scope: Scope) -> Identity:
        return Identity(headers_of(scope).get("authorization", "").removeprefix("Bearer sk-"))

    gate = Gateway(load_settings(Path(os.environ["STILLWATCH_GATEWAY"]))).gate
    return StillwatchMiddleware(app, gate, named_by_key)


def _main(target: str, port: str) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    factory = target.endswith(":guarded")
    Granian(target, address="127.0.0.1", port=int(port), interface=Interfaces.ASGI, factory=factory, log_access=False).serve()


if __name__ == "__main__":
    _main(*sys.argv[1:])
