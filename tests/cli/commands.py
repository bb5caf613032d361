"""The command line run within the test's process, and one simulated world that is scanned once for all tests."""

import atexit
import io
import shutil
import subprocess
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from stillwatch.cli.app import main


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What `stillwatch ARGUMENTS` does in a folder; standard input is no terminal."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    status: int | str | None = 0
    try:
        sys.argv = ["stillwatch", *arguments]
        with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        status = end.code
    finally:
        sys.argv = before
    return subprocess.CompletedProcess(arguments, int(status or 0), out.getvalue(), err.getvalue())


@cache
def scanned_world() -> Path:
    """A folder with a simulated ``world`` and its ``stillwatch-out``, removed when the tests end."""
    folder = Path(tempfile.mkdtemp(prefix="stillwatch-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    start = f"{datetime.now(UTC) - timedelta(days=8):%Y-%m-%d}"  # what is shared of it must not be out of date
    done = run(
        "simulate", "--out", "world", "--accounts", "600", "--seed", "2", "--start", start, "--campaign", "queue:60", cwd=folder
    )
    assert done.returncode == 0, done.stderr
    done = run("scan", "world/requests", "--accounts", "world/accounts.parquet", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder
