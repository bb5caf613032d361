"""The server: granian with one worker process, whose threads do the work.

Rules: what cannot be served is said before it listens: an address that would send passwords in the clear, a users' file that is
none.
"""

from collections.abc import Callable

from granian import Granian
from granian.constants import Interfaces

from stillwatch.console.desk import Desk
from stillwatch.console.web.application import Application


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
