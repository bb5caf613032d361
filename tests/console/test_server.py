"""Before the console listens: what is in the way is said."""

import socket

import pytest

from stillwatch.console.server import check_port
from stillwatch.errors import UsageError


def test_a_port_at_which_something_listens_is_refused():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match="cannot listen"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_a_host_that_is_none_is_refused():
    with pytest.raises(UsageError):
        check_port("nowhere.invalid", 8042)
