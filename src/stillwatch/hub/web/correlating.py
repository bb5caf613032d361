"""The process beside the workers that correlates at an interval, so that no request waits for it, and there is one at a time.

Rules: it ends with the server, however that ends. A look that fails is logged, and the next one is made all the same.
"""

import contextlib
import multiprocessing
import signal
import time
from collections.abc import Iterator
from multiprocessing.connection import wait

from stillwatch.errors import StillwatchError
from stillwatch.hub.analysis.watchman import Watchman
from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Unexamined
from stillwatch.hub.web import logs

_END_SECONDS = 5.0


@contextlib.contextmanager
def correlating(settings: HubSettings, seconds: float | None, log_level: str) -> Iterator[None]:
    """Correlate every so many seconds for as long as this is entered; not at all, if None."""
    if seconds is None:
        yield
        return
    arguments = (settings, seconds, log_level)
    process = multiprocessing.get_context("spawn").Process(target=_look_on, args=arguments, name="correlating", daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(_END_SECONDS)


def _look_on(settings: HubSettings, seconds: float, log_level: str) -> None:
    """Look until the server ends; whoever stops it from a terminal stops this through it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.set_up(log_level)
    server = multiprocessing.parent_process()
    assert server is not None
    with contextlib.closing(Hub.open(settings, Unexamined())) as hub:
        watchman = Watchman(hub)
        while True:
            _look(watchman)
            if wait([server.sentinel], seconds):
                return


def _look(watchman: Watchman) -> None:
    try:
        if told := watchman.look(time.time_ns() // 1000):
            logs.log.info("correlated", extra={"facts": {"alerts": told}})
    except StillwatchError as error:
        logs.log.error("correlation put off", extra={"facts": {"fault": type(error).__name__, "reason": error.what}})
