import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stillwatch.hub.hub import Hub, HubSettings
from stillwatch.hub.receipt.examiner import Unexamined
from tests.hub.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A hub on SQLite."""
    yield from _open(HubSettings(tmp_path))


def _programs() -> Path | None:
    """The folder of PostgreSQL's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    on_path = shutil.which("postgres")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def _as_postgres(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """A real PostgreSQL on loopback: each call gives the URL of an empty database."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (no postgres under /usr/lib/postgresql or on the path)")
    if os.geteuid() == 0 and (
        shutil.which("runuser") is None or subprocess.run(["id", "postgres"], capture_output=True).returncode
    ):
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    folder = Path(subprocess.run(_as_postgres("mktemp", "-d"), capture_output=True, text=True, check=True).stdout.strip())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")
    run = {"check": True, "capture_output": True, "cwd": "/"}
    subprocess.run(_as_postgres(str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "hub", "--no-sync"), **run)  # type: ignore[call-overload]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run(
        _as_postgres(str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start"), **run
    )  # type: ignore[call-overload]
    made = iter(range(1_000_000))

    def database() -> str:
        name = f"hub{next(made)}"
        subprocess.run([str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "hub", name], **run)  # type: ignore[call-overload]
        return f"postgresql://hub@127.0.0.1:{port}/{name}"

    yield database
    subprocess.run(_as_postgres(str(programs / "pg_ctl"), "-D", data, "-m", "immediate", "stop"), capture_output=True, cwd="/")
    subprocess.run(_as_postgres("rm", "-rf", str(folder)), cwd="/")


@pytest.fixture(params=["sqlite", "postgresql"])
def stored_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A hub on each kind of store."""
    url = request.getfixturevalue("postgresql")() if request.param == "postgresql" else None
    yield from _open(HubSettings(tmp_path, url))


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def shared_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub on each kind of store, for all tests of a module that need no more of it than a collection of their own."""
    url = request.getfixturevalue("postgresql")() if request.param == "postgresql" else None
    yield from _open(HubSettings(tmp_path_factory.mktemp("hub"), url))


def _open(settings: HubSettings) -> Iterator[World]:
    hub = Hub.open(settings, Unexamined(), begin="Synthetic hub")
    world = World(hub)
    with world.http:
        yield world
    hub.close()
