"""Files of identifiers: what is read and rejected, in one process and several, after an error and after a kill."""

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from stillwatch.errors import NoReadableInput, OutputNotWritten, RefusedByPolicy
from stillwatch.sharing.tokens import identifier_file
from stillwatch.sharing.tokens.epoch import epoch_key
from stillwatch.sharing.tokens.evaluator import LocalEvaluator
from stillwatch.sharing.tokens.token import Token
from stillwatch.sharing.tokens.token_file import REJECTED, TOKENS, Counts, tokenise_file
from stillwatch.sharing.tokens.tokeniser import Holder, KeyTokeniser, MemberTokeniser, Tokeniser, tokens

EPOCH = "2026-q4"
KEY = epoch_key(bytes(32), EPOCH)
TOKENISER = KeyTokeniser(EPOCH, KEY)
MANY = identifier_file.CHUNK_LINES * 2 + 5
GOOD = b"email,jane@example.com"
REJECTS = {
    "kind": (b"passport,1", "kind: there is no kind"),
    "value": (b"email,nobody", "email: an address has one @"),
    "one field": (b"email", "line: the line has 1 fields"),
    "three fields": (b"account-name,Acme, Inc", "line: the line has 3 fields"),
    "open quote": (b'email,"jane@example.com', "line: the line is no CSV"),
    "not UTF-8": (b"email,\xff@example.com", "line: the line is not UTF-8"),
    "NUL": (b"email,a\0b@example.com", "email: there is a control character"),
    "long": (b"email," + b"x" * 100_000, "line: the line is longer"),
    "half JSON": (b'{"kind": "email", "value', "line: the line is no JSON object"),
    "JSON of another form": (b'{"kind": "email"}', "line: the line is no JSON object"),
    "number in JSON": (b'{"kind": "email", "value": 1}', "line: the line is no JSON object"),
    "deep JSON": (b'{"kind":' + b"[" * 5000, "line: the line is no JSON object"),
    "half a character": (b'{"kind": "account-name", "value": "\\ud800"}', "line: the line is no JSON object"),
}


@dataclass
class Counted:
    """A tokeniser that counts what it makes, and fails after a number of chunks."""

    inner: Tokeniser
    made: int = 0
    chunks_left: int = 1_000_000

    @property
    def epoch(self) -> str:
        return self.inner.epoch

    @property
    def public(self) -> bytes:
        return self.inner.public

    def values(self, inputs: Sequence[bytes]) -> list[bytes]:
        if not self.chunks_left:
            raise RefusedByPolicy("synthetic")
        self.chunks_left -= 1
        self.made += len(inputs)
        return [bytes([len(each) % 256]) * 32 for each in inputs]


def read_tokens(folder: Path) -> dict[int, Token]:
    with (folder / TOKENS).open(newline="") as file:
        return {int(row["line"]): Token.parse(row["token"]) for row in csv.DictReader(file)}


def read_rejects(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / REJECTED).read_text().splitlines()]


def many(path: Path, lines: int = MANY) -> Path:
    path.write_text("".join(f"account-name,synthetic {number}\n" for number in range(lines)))
    return path


def token_of(kind: str, value: str) -> Token:
    return tokens(TOKENISER, [(kind, value)])[0]


def test_both_notations_headings_blank_lines_and_quotes(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_bytes(
        b'\xef\xbb\xbfKind, Value\r\nemail, jane@example.com\r\n\r\n{"value": "Acme", "kind": "account-name", "note": 1}\r\n'
        b'account-name,"Acme, Inc"\r\nip-address,192.0.2.1'
    )
    assert tokenise_file(source, tmp_path / "out", TOKENISER) == Counts(4, 4, 0)
    assert read_tokens(tmp_path / "out") == {
        2: token_of("email", "jane@example.com"),
        4: token_of("account-name", "Acme"),
        5: token_of("account-name", "Acme, Inc"),
        6: token_of("ip-address", "192.0.2.1"),
    }
    assert not (tmp_path / "out" / "chunks").exists()


@pytest.mark.parametrize(("line", "reason"), REJECTS.values(), ids=REJECTS)
def test_a_bad_line_is_rejected_with_its_place_and_stops_nothing(tmp_path: Path, line: bytes, reason: str) -> None:
    source = tmp_path / "list"
    source.write_bytes(GOOD + b"\n" + line + b"\n" + GOOD + b"\n")
    assert tokenise_file(source, tmp_path, TOKENISER) == Counts(3, 2, 1)
    (reject,) = read_rejects(tmp_path)
    assert (reject["file"], reject["line"]) == (str(source), 2)
    assert str(reject["reason"]).startswith(reason)
    assert reject["row"] == line.decode("utf-8", "replace")[:2000]
    assert set(read_tokens(tmp_path)) == {1, 3}


def test_what_is_written_is_for_the_owner_and_holds_no_value(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_bytes(GOOD + b"\nemail,nobody\n")
    tokenise_file(source, tmp_path / "out", TOKENISER)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}
    assert b"jane" not in (tmp_path / "out" / TOKENS).read_bytes()


def test_a_packed_file_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    source = tmp_path / "list.csv.gz"
    source.write_bytes(gzip.compress(b"".join(b"account-name,%d\n" % number for number in range(5000)))[:-200])
    counts = tokenise_file(source, tmp_path / "out", Counted(TOKENISER))
    assert 0 < counts.tokens < 5000 and counts.rejected == 1
    assert read_rejects(tmp_path / "out")[0]["line"] is None


def test_an_empty_file_has_no_tokens(tmp_path: Path) -> None:
    (tmp_path / "list.csv").touch()
    assert tokenise_file(tmp_path / "list.csv", tmp_path, TOKENISER) == Counts()
    assert read_tokens(tmp_path) == {}


def test_a_missing_source_and_a_folder_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(NoReadableInput):
        tokenise_file(tmp_path / "none.csv", tmp_path / "out", TOKENISER)
    (tmp_path / "file").touch()
    with pytest.raises(OutputNotWritten):
        tokenise_file(tmp_path / "file", tmp_path / "file" / "out", TOKENISER)


def test_progress_is_told_after_each_chunk(tmp_path: Path) -> None:
    told: list[int] = []
    counts = tokenise_file(
        many(tmp_path / "list.csv"), tmp_path, Counted(TOKENISER), progress=lambda counts: told.append(counts.lines)
    )
    assert told == [identifier_file.CHUNK_LINES, identifier_file.CHUNK_LINES * 2, MANY]
    assert counts == Counts(MANY, MANY, 0)


def test_after_an_error_the_same_call_goes_on(tmp_path: Path) -> None:
    source, out = many(tmp_path / "list.csv"), tmp_path / "out"
    first, second = Counted(TOKENISER, chunks_left=2), Counted(TOKENISER)
    with pytest.raises(RefusedByPolicy):
        tokenise_file(source, out, first)
    assert not (out / TOKENS).exists()
    assert tokenise_file(source, out, second) == Counts(MANY, MANY, 0)
    assert (first.made, second.made) == (MANY - 5, 5)
    assert list(read_tokens(out)) == list(range(1, MANY + 1))


@pytest.mark.parametrize("change", ["line", "epoch", "key", "damaged chunk"])
def test_nothing_is_taken_over_that_was_made_of_something_else(tmp_path: Path, change: str) -> None:
    source, out = many(tmp_path / "list.csv"), tmp_path / "out"
    with pytest.raises(RefusedByPolicy):
        tokenise_file(source, out, Counted(TOKENISER, chunks_left=2))
    inner = TOKENISER
    if change == "line":
        source.write_bytes(source.read_bytes().replace(b"synthetic 0\n", b"synthetic x\n"))
    elif change == "epoch":
        inner = replace(TOKENISER, epoch="2026-q3")
    elif change == "key":
        inner = replace(TOKENISER, key=epoch_key(bytes([1] * 32), EPOCH))
    else:
        next((out / "chunks").iterdir()).write_bytes(b"half")
    second = Counted(inner)
    tokenise_file(source, out, second)
    assert second.made == (MANY if change in ("epoch", "key") else 5 + identifier_file.CHUNK_LINES)


def test_several_processes_and_a_blinded_member_make_the_same_files(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_bytes(b"".join(b"account-name,synthetic %d\n" % number for number in range(60)) + b"email,nobody\n")
    member = MemberTokeniser(EPOCH, "member-a", (Holder(LocalEvaluator({EPOCH: KEY}), KEY.public),))
    tokenise_file(source, tmp_path / "one", TOKENISER)
    assert tokenise_file(source, tmp_path / "two", member, processes=2) == Counts(61, 60, 1)
    for name in (TOKENS, REJECTED):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


PROGRAM = """
import sys
from pathlib import Path
from stillwatch.sharing.tokens.epoch import epoch_key
from stillwatch.sharing.tokens.token_file import tokenise_file
from stillwatch.sharing.tokens.tokeniser import KeyTokeniser
if __name__ == "__main__":
    tokenise_file(Path(sys.argv[1]), Path(sys.argv[2]), KeyTokeniser("2026-q4", epoch_key(bytes(32), "2026-q4")), processes=2)
"""


def test_after_a_kill_the_same_call_goes_on_and_leaves_nothing_half(tmp_path: Path) -> None:
    lines = 6 * identifier_file.CHUNK_LINES
    source, out = many(tmp_path / "list.csv", lines), tmp_path / "out"
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, str(tmp_path / "program.py"), str(source), str(out)]
    running = subprocess.Popen(command, start_new_session=True)
    deadline = time.monotonic() + 60
    while not _whole_chunks(out) and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    done = _whole_chunks(out)
    assert done and not (out / TOKENS).exists()
    second = Counted(TOKENISER)
    assert tokenise_file(source, out, second) == Counts(lines, lines, 0)
    assert second.made < lines
    assert list(read_tokens(out)) == list(range(1, lines + 1))


def _whole_chunks(out: Path) -> list[Path]:
    chunks = out / "chunks"
    return [path for path in chunks.iterdir() if not path.name.startswith(".")] if chunks.is_dir() else []
