"""The server: granian with one worker process, whose threads do the work.

Rules: what cannot be served is said before it listens: an address that would send passwords in the clear, a users' file that is
none, a port at which something listens already (`check_port`: the server by itself would share it, and answer every other request).
"""

import socket
from collections.abc import Callable

from granian import Granian
from granian.constants import Interfaces

from stillwatch.console.desk import Desk
from stillwatch.console.web.application import Application
from stillwatch.errors import UsageError


def serve(desk: Desk) -> None:
    """Serve until told to stop (SIGTERM, SIGINT). Raises UsageError or NoReadableInput for what cannot be served."""
    desk.settings.check()
    with desk.database.reading():
        pass

    def load() -> Callable[..., object]:
        return Application(desk).asgi

    server = Granian(
        "stillwatch-console",
        address=desk.settings.host,
        port=desk.settings.port,
        interface=Interfaces.ASGI,
        websockets=False,
        log_access=False,
    )
    server.serve(target_loader=load, wrap_loader=False)


def check_port(host: str, port: int) -> None:
    """Raise UsageError if the console cannot listen there."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(place)
    except OSError as error:
        cure = "stop what listens there, or choose another --port"
        raise UsageError(f"cannot listen ({error.strerror or error})", place=f"{host}:{port}", cure=cure) from error
