"""The console's own file: one that the first version wrote is brought up to date, and what is none of the console's is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from stillwatch.console.access.database import Database
from stillwatch.console.appeals.appeal import Appeals
from stillwatch.console.release.proposal import Proposals
from stillwatch.errors import NoReadableInput

FIRST = (Path(__file__).parent / "first_version.sql").read_text()
DIGEST = "f" * 64


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "console.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST)
        row = (DIGEST, "campaign--1", "strict", "ann", 1, "waiting", None, None, "[]", b"{}", b"")
        connection.execute(f"INSERT INTO proposals VALUES ({', '.join('?' * len(row))})", row)
        connection.commit()
    return path


def test_a_file_of_the_first_version_is_brought_up_to_date_and_keeps_what_it_held(old):
    for _ in range(2):
        found = Proposals(Database(old)).find(DIGEST)
        assert (found.kind, found.subject, found.file) == ("campaign", "campaign--1", "campaign--1.json")
        assert (found.proposer, found.state, found.data, found.sent) == ("ann", "waiting", b"{}", None)
    number = Appeals(Database(old)).open("acct-a", "synthetic", "ann", 1)
    assert Appeals(Database(old)).find(number).account == "acct-a"


@pytest.mark.parametrize("version", [99, 1000])
def test_a_file_of_a_later_version_is_left_alone(old, version):
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(NoReadableInput) as said:
        Proposals(Database(old)).latest()
    assert "later" in said.value.cure


def test_a_database_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE users (name TEXT)")
    before = path.read_bytes()
    with pytest.raises(NoReadableInput):
        Proposals(Database(path)).latest()
    assert path.read_bytes() == before
