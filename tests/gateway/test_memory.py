"""What a gateway remembers: bounded, over restarts, over processes. All values are synthetic."""

import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stillwatch.errors import OutputNotWritten
from stillwatch.gateway.counters.account_state import NEVER_SEEN, AccountState, after
from stillwatch.gateway.counters.memory import Memory
from stillwatch.gateway.counters.shared_state import SharedState, SharedStateUnreachable
from stillwatch.gateway.counters.state_store import open_store, saved_state
from stillwatch.gateway.facts import Facts
from stillwatch.gateway.records.pardon import Pardon
from stillwatch.gateway.snapshot.hash_table import key_of
from tests.gateway.proxy import free_port

NOW = 1_800_000_000.0


def count(memory: Memory, account: str, times: int = 1, blocks: tuple[str, ...] = (), now: float = NOW) -> None:
    key = key_of("account", account)
    for _ in range(times):
        with memory.lock:
            before = memory.state(key)
            replays = memory.send(blocks, key, now)
            memory.remember(key, before, after(before, Facts(account_id=account, n=2), False, replays, now))


def requests(memory: Memory, account: str) -> int:
    return memory.state(key_of("account", account)).requests


def test_a_million_accounts_in_a_minute_take_no_more_memory_than_a_few() -> None:
    memory = Memory(20_000, 1_000)
    count(memory, "first")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    state = AccountState(last=NOW, requests=1)
    for key in range(1, 200_001):
        memory.remember(key * 0x9E3779B97F4A7C15 % 2**64, NEVER_SEEN, state)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4_000
    assert len(memory._accounts) <= 20_032


def test_a_replay_is_credited_to_both_accounts() -> None:
    memory = Memory(64, 64)
    count(memory, "a", 2, ("block-1",))
    count(memory, "b", 1, ("block-1",))
    count(memory, "a", 1, ("block-1",))
    found = [memory.state(key_of("account", name)).replayed for name in ("a", "b")]
    assert found == [3, 1]


def test_counters_survive_a_restart(tmp_path: Path) -> None:
    memory, store = Memory(1_000, 64), open_store(tmp_path)
    store.restore(memory.tables)
    count(memory, "a", 3)
    count(memory, "b", 1, ("block-1",))
    store.save(memory.tables)
    count(memory, "a", 1)
    assert store.save(memory.tables) == 1
    store.close()
    again, store = Memory(1_000, 64), open_store(tmp_path)
    store.restore(again.tables)
    assert (requests(again, "a"), requests(again, "b"), store.damage) == (4, 1, "")
    count(again, "c", 1, ("block-1",))
    assert again.state(key_of("account", "b")).replayed == 1
    store.close()
    assert saved_state(store.path, 1_000, "a").requests == 4
    assert saved_state(store.path, 2_000, "a") == NEVER_SEEN


def test_each_process_has_a_store_of_its_own(tmp_path: Path) -> None:
    first, second = open_store(tmp_path), open_store(tmp_path)
    assert [first.path.name, second.path.name] == ["counters-0.sqlite", "counters-1.sqlite"]
    first.close()
    assert open_store(tmp_path).path.name == "counters-0.sqlite"


@pytest.mark.parametrize("damage", [b"no database", b"SQLite format 3\x00" + bytes(5000)])
def test_a_damaged_store_is_put_aside_and_said_so(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "counters-0.sqlite").write_bytes(damage)
    store = open_store(tmp_path)
    assert "damaged" in store.damage
    assert (tmp_path / "counters-0.damaged").read_bytes() == damage
    memory = Memory(64, 64)
    store.restore(memory.tables)
    count(memory, "a")
    assert store.save(memory.tables) == 1


def test_other_sizes_begin_anew_and_say_so(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.restore(Memory(64, 64).tables)
    store.close()
    store = open_store(tmp_path)
    store.restore(Memory(640, 64).tables)
    assert "under other settings" in store.damage


def test_what_cannot_be_saved_waits(tmp_path: Path) -> None:
    memory, store = Memory(64, 64), open_store(tmp_path)
    store.restore(memory.tables)
    count(memory, "a")
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    store._database.execute("PRAGMA busy_timeout = 10")
    with pytest.raises(OutputNotWritten):
        store.save(memory.tables)
    other.execute("ROLLBACK")
    assert store.save(memory.tables) == 1


def test_a_folder_that_cannot_be_written_is_an_error_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritten, match="counters cannot be kept"):
        open_store(tmp_path / "missing")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis or Valkey on loopback."""
    binary = shutil.which("valkey-server") or shutil.which("redis-server")
    if binary is None:
        pytest.skip("neither valkey-server nor redis-server is installed (apt-get install redis-server)")
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    for _ in range(100):
        try:
            SharedState(url).new_pardons()
            break
        except SharedStateUnreachable:
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait()


def test_processes_count_together(server: str) -> None:
    first, second = Memory(64, 64, shared=True), Memory(64, 64, shared=True)
    one, two = SharedState(server, "together"), SharedState(server, "together")
    count(first, "a", 3)
    count(second, "a", 4, now=NOW + 3600)
    one.sync(first)
    two.sync(second)
    count(first, "a", 1, now=NOW + 3600)
    one.sync(first)
    count(second, "a", 1, now=NOW + 7200)
    two.sync(second)
    key = key_of("account", "a")
    assert (first.state(key).requests, second.state(key).requests) == (8, 9)
    assert second.state(key).hours_active == 3
    assert second.state(key).many_choices == second.state(key).n_stated == 9


def test_what_is_counted_while_others_are_told_is_not_lost(server: str) -> None:
    memory, other = Memory(64, 64, shared=True), Memory(64, 64, shared=True)
    shared = SharedState(server, "meanwhile")
    count(other, "a", 5)
    shared.sync(other)
    count(memory, "a", 2)
    changes, sent = memory.unheard()
    count(memory, "a", 1)
    memory.give_back(changes, sent)
    shared.sync(memory)
    assert requests(memory, "a") == 8
    (change,) = (count(memory, "a", 1), memory.unheard()[0])[1]
    count(memory, "a", 1)
    memory.adopt(change, AccountState(last=NOW, window=change.now.window, requests=100, minute=change.now.minute, in_minute=100))
    assert requests(memory, "a") == 101
    assert memory.state(key_of("account", "a")).in_minute == 101


def test_a_replay_is_noticed_over_processes_and_credited_to_both(server: str) -> None:
    first, second = Memory(64, 64, shared=True), Memory(64, 64, shared=True)
    shared = SharedState(server, "replays")
    count(first, "a", 2, ("block-1",))
    shared.sync(first)
    count(second, "b", 1, ("block-1",))
    shared.sync(second)
    count(first, "a", 1)
    shared.sync(first)
    assert second.state(key_of("account", "b")).replayed == 1
    assert first.state(key_of("account", "a")).replayed == 2


def test_a_pardon_reaches_every_process(server: str) -> None:
    one, two = SharedState(server, "pardons"), SharedState(server, "pardons")
    assert one.new_pardons() is None
    pardon = Pardon("pardon--1", "acct-1", "analyst-1", "synthetic", 1, 2)
    two.add_pardon(pardon)
    assert one.new_pardons() == {"acct-1": pardon}
    assert one.new_pardons() is None


def test_an_unreachable_server_is_said_so_and_nothing_is_lost() -> None:
    memory, shared = Memory(64, 64, shared=True), SharedState(f"redis://127.0.0.1:{free_port()}/0")
    count(memory, "a", 2, ("block-1",))
    with pytest.raises(SharedStateUnreachable):
        shared.sync(memory)
    changes, sent = memory.unheard()
    assert [change.now.requests - change.before.requests for change in changes] == [2]
    assert len(sent) == 2
    with pytest.raises(SharedStateUnreachable):
        shared.new_pardons()
