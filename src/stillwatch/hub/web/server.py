"""The server: granian with one or more worker processes, each with its own open hub.

Rules: a worker that cannot open the hub ends with the reason, and the server with it. Metrics of several workers are put together
in a folder of its own that lives as long as the server.
"""

import functools
import os
import resource
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from stillwatch.hub.hub import HubSettings
from stillwatch.hub.web.correlating import correlating

_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_HEADERS_MILLISECONDS = 10_000
_BACKLOG = 4096
_OWN_FILES = 128
CONNECTIONS = 16_384
"""The most connections of one worker process, as far as the system lets it open files."""


@dataclass(frozen=True)
class ServerSettings:
    """Where to listen and how; ``public_url`` is what members see in front of a proxy; TLS with certificate and key, both or none.

    ``client_ca``: certificates that members must show, signed by these authorities (mutual TLS). ``profile``: the guard's, for what
    comes into guarded collections; ``signed_only``: whether these take only what its author signed. ``tokens_only``: a token holder
    that is no hub. ``correlate_seconds``: how often to look for linked campaigns and tell the members concerned; None for never.
    """

    hub: HubSettings
    host: str = "127.0.0.1"
    port: int = 8043
    workers: int = 1
    public_url: str | None = None
    certificate: Path | None = None
    private_key: Path | None = None
    client_ca: Path | None = None
    log_level: str = "info"
    profile: str = "member-standard"
    signed_only: bool = False
    tokens_only: bool = False
    correlate_seconds: float | None = None


def serve(settings: ServerSettings) -> None:
    """Serve until told to stop (SIGTERM, SIGINT)."""
    with tempfile.TemporaryDirectory(prefix="stillwatch-metrics-") as folder:
        if settings.workers > 1:
            os.environ[_METRICS_FOLDER] = folder
        server = Granian(
            "stillwatch-hub",
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            workers=settings.workers,
            websockets=False,
            backlog=_BACKLOG,
            backpressure=_connections(),
            http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_MILLISECONDS),
            log_enabled=False,
            ssl_cert=settings.certificate,
            ssl_key=settings.private_key,
            ssl_ca=settings.client_ca,
            ssl_client_verify=settings.client_ca is not None,
            respawn_failed_workers=settings.workers > 1,
        )
        with correlating(settings.hub, settings.correlate_seconds, settings.log_level):
            server.serve(target_loader=functools.partial(_load, settings), wrap_loader=False)


def _connections() -> int:
    """As many connections as there may be open files, less what the hub itself needs."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return max(_OWN_FILES, min(CONNECTIONS, most - _OWN_FILES))


def _load(settings: ServerSettings) -> Callable[..., object]:
    """The application of one worker process; imported here, so that the metrics see the folder of all workers."""
    from stillwatch.hub.hub import Hub
    from stillwatch.hub.receipt.examiner import Border
    from stillwatch.hub.receipt.key_file import KeyFile
    from stillwatch.hub.web import logs
    from stillwatch.hub.web.application import Application
    from stillwatch.sharing.guard.guard import Guard

    logs.set_up(settings.log_level)
    border = Border(Guard(settings.profile), KeyFile(settings.hub.key_ring), settings.signed_only)
    return Application(Hub.open(settings.hub, border), settings.public_url, tokens_only=settings.tokens_only).asgi
