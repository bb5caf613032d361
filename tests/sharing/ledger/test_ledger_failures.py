"""What goes wrong around a ledger: kills, several writers, full disks, locks, files that are something else (all synthetic)."""

import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stillwatch.errors import NoReadableInput, OutputNotWritten
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger

NOW = datetime(2026, 10, 1, tzinfo=UTC)
APPEND_FOR_EVER = """
import itertools, sys
from datetime import UTC, datetime
from pathlib import Path
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.ledger.ledger import Ledger
name, batch, most = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Ledger.open(Path(sys.argv[1])) as ledger:
    for n in itertools.count():
        if n * batch >= most:
            break
        drafts = [Draft("release", f"{name}-{n * batch + i}", {"text": "x" * 500}, name) for i in range(batch)]
        print(ledger.append_many(drafts, datetime(2026, 10, 1, tzinfo=UTC))[-1].index, flush=True)
"""


def writer(
    path: Path, name: str, batch: int = 1, most: int = sys.maxsize, before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    """A process that appends and says the last index of each batch once it is taken."""
    command = [sys.executable, "-c", APPEND_FOR_EVER, str(path), name, str(batch), str(most)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=before)


@pytest.mark.parametrize(("batch", "lines"), [(1, 1), (1, 40), (7, 25)])
def test_a_killed_process_leaves_all_it_confirmed_and_a_sound_ledger(tmp_path: Path, batch: int, lines: int) -> None:
    path = tmp_path / "ledger.sqlite"
    process = writer(path, "killed", batch)
    assert process.stdout is not None
    for _ in range(lines):
        confirmed = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    confirmed = max([confirmed, *map(int, process.stdout.read().split())])
    process.communicate()
    with Ledger.open(path) as ledger:
        assert ledger.size > confirmed
        assert ledger.size % batch == 0
        assert ledger.verify() == []
        ledger.append("release", "afterwards", {}, "analyst-1", NOW)
        assert ledger.verify() == []


def test_a_process_killed_while_it_begins_a_ledger_leaves_no_obstacle(tmp_path: Path) -> None:
    for stage in ("empty", "journal"):
        path = tmp_path / f"{stage}.sqlite"
        path.touch()
        if stage == "journal":
            sqlite3.connect(path).execute("PRAGMA journal_mode = WAL")
        with Ledger.open(path) as ledger:
            assert ledger.append("release", "bundle--1", {}, "analyst-1", NOW).index == 0
            assert ledger.verify() == []


def test_several_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    processes = [writer(path, name, batch, 60) for name, batch in (("one", 1), ("two", 3), ("three", 20))]
    ended = [(*process.communicate(), process.returncode) for process in processes]
    assert [(error, status) for _, error, status in ended] == [("", 0)] * 3
    with Ledger.read(path) as ledger:
        subjects = [entry.subject for entry in ledger.entries()]
        assert sorted(subjects) == sorted(f"{name}-{n}" for name in ("one", "two", "three") for n in range(60))
        assert ledger.verify() == []


def test_several_begin_one_ledger_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(6)

    def begin(path: Path, name: str) -> None:
        together.wait()
        with Ledger.open(path) as ledger:
            ledger.append("release", name, {}, "analyst-1", NOW)

    for attempt in range(5):
        path = tmp_path / f"{attempt}.sqlite"
        with ThreadPoolExecutor(6) as pool:
            for done in [pool.submit(begin, path, f"bundle--{n}") for n in range(6)]:
                done.result()
        with Ledger.read(path) as ledger:
            assert (ledger.size, ledger.verify()) == (6, [])


def test_an_open_ledger_is_read_and_verified_by_another(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.append_many([Draft("release", f"bundle--{n}", {}, "analyst-1") for n in range(300)], NOW)
        with Ledger.read(tmp_path / "ledger.sqlite") as reader:
            assert (reader.size, reader.verify()) == (300, [])
            ledger.append("release", "bundle--300", {}, "analyst-1", NOW)
            assert reader.size == 301


def test_a_backup_of_an_open_ledger_is_a_sound_ledger(tmp_path: Path) -> None:
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        ledger.append_many([Draft("release", f"bundle--{n}", {}, "analyst-1") for n in range(300)], NOW)
        source, target = sqlite3.connect(tmp_path / "ledger.sqlite"), sqlite3.connect(tmp_path / "copy.sqlite")
        source.backup(target)
        source.close()
        target.close()
        root = ledger.root()
    with Ledger.open(tmp_path / "copy.sqlite") as copy:
        assert (copy.root(), copy.verify()) == (root, [])
        assert copy.append("release", "bundle--300", {}, "analyst-1", NOW).index == 300
        assert copy.verify() == []


def test_a_full_disk_takes_nothing_and_spoils_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    process = writer(path, "full", 5, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
    said, error = process.communicate()
    assert "OutputNotWritten" in error
    assert f"{path}: nothing was recorded" in error
    with Ledger.open(path) as ledger:
        assert ledger.size == int(said.split()[-1]) + 1
        assert ledger.verify() == []
        assert ledger.append("release", "afterwards", {}, "analyst-1", NOW).index == ledger.size - 1


def test_a_locked_ledger_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger.open(path, patience_seconds=0.01) as ledger:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputNotWritten, match="another process holds the ledger") as caught:
            ledger.append("release", "bundle--1", {}, "analyst-1", NOW)
        assert caught.value.place == str(path)
        other.execute("ROLLBACK")
        assert ledger.append("release", "bundle--1", {}, "analyst-1", NOW).index == 0


NOT_A_LEDGER: dict[str, Callable[[Path], object]] = {
    "text": lambda path: path.write_text("a synthetic text, longer than a header of SQLite\n" * 50),
    "an export": lambda path: path.write_text("{}\n"),
    "zeros": lambda path: path.write_bytes(bytes(8192)),
    "another database": lambda path: sqlite3.connect(path).execute("CREATE TABLE kept (x)"),
    "a later ledger": lambda path: sqlite3.connect(path).executescript(
        f"PRAGMA application_id = {0x53574C44}; PRAGMA user_version = 2; CREATE TABLE x (y)"
    ),
    "the beginning of a ledger": lambda path: (Ledger.open(path).close(), os.truncate(path, 5000)),
}


@pytest.mark.parametrize("name", NOT_A_LEDGER)
@pytest.mark.parametrize("opened", [Ledger.open, Ledger.read])
def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path, name: str, opened: Callable[[Path], Ledger]) -> None:
    path = tmp_path / "ledger.sqlite"
    NOT_A_LEDGER[name](path)
    before = path.read_bytes()
    with pytest.raises(NoReadableInput) as caught, opened(path) as ledger:
        ledger.append("release", "bundle--1", {}, "analyst-1", NOW)
    assert (caught.value.place, bool(caught.value.cure)) == (str(path), True)
    assert path.read_bytes() == before


def test_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "empty.sqlite").touch()
    for path in (tmp_path / "absent.sqlite", tmp_path, tmp_path / "empty.sqlite"):
        with pytest.raises(NoReadableInput):
            Ledger.read(path)
    assert not (tmp_path / "absent.sqlite").exists()


def test_nowhere_to_write(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent" / "ledger.sqlite"):
        with pytest.raises(OutputNotWritten, match="cannot be opened"):
            Ledger.open(path)


def test_a_ledger_that_is_read_takes_nothing(tmp_path: Path) -> None:
    Ledger.open(tmp_path / "ledger.sqlite").close()
    with Ledger.read(tmp_path / "ledger.sqlite") as ledger, pytest.raises(OutputNotWritten, match="may not be written"):
        ledger.append("release", "bundle--1", {}, "analyst-1", NOW)


@pytest.fixture
def sealed() -> Iterator[Path]:
    """A folder that nobody but root may write, with a ledger of one entry in it; nobody may pass through pytest's own folders."""
    folder = Path(tempfile.mkdtemp())
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        ledger.append("release", "bundle--1", {}, "analyst-1", NOW)
    (folder / "ledger.sqlite").chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    folder.chmod(0o555)
    yield folder / "ledger.sqlite"
    folder.chmod(0o755)
    shutil.rmtree(folder)


READ_THEN_APPEND = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from stillwatch.errors import OutputNotWritten
from stillwatch.sharing.ledger.ledger import Ledger
"".encode("utf-16be")  # loaded while the interpreter's own folder may still be read
if os.getuid() == 0:
    os.setuid(65534)
path = Path(sys.argv[1])
with Ledger.read(path) as ledger:
    print(ledger.size, ledger.verify())
try:
    Ledger.open(path).append("release", "bundle--2", {}, "analyst-1", datetime(2026, 10, 1, tzinfo=UTC))
except OutputNotWritten as error:
    print(error.what)
"""


def test_a_ledger_on_a_medium_that_cannot_be_written_is_still_read(sealed: Path) -> None:
    done = subprocess.run([sys.executable, "-c", READ_THEN_APPEND, str(sealed)], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["1 []", "nothing was recorded: the file or its folder may not be written"], done.stderr
