"""A console that is served in this process, on a port of loopback, for a browser."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server

from stillwatch.console.desk import Desk
from stillwatch.console.web.application import Application
from tests.hub.served import free_port


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The console's address while it is served."""
    port = free_port()
    server = Server(
        Application(desk).asgi, address="127.0.0.1", port=port, interface=Interfaces.ASGI, websockets=False, log_access=False
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),), daemon=True)
    thread.start()
    address = f"http://localhost:{port}"
    _wait(address)
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(server.stop)
        thread.join(20)


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            httpx.get(f"{address}/sign-in")
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError("the console did not begin to answer")
