"""Counters: online equals offline, windows and clocks that jump."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.gateway.counters.account_state import NEVER_SEEN, AccountState, after, current
from stillwatch.gateway.counters.account_table import AccountTable
from stillwatch.gateway.counters.memory import Memory
from stillwatch.gateway.facts import Facts, facts_of
from stillwatch.gateway.snapshot.hash_table import key_of
from stillwatch.traffic.engines.local import LocalEngine
from stillwatch.traffic.fingerprint import sketches
from stillwatch.traffic.measures import account_measures, replayed_blocks
from stillwatch.traffic.schema import REQUESTS
from tests.gateway.synthetic import SCAFFOLD

WINDOW = 604_800
BEGIN = 3_000 * WINDOW
FACTS = Facts(account_id="a")

rows = st.fixed_dictionaries(
    {
        "account_id": st.sampled_from(["a", "b", "c"]),
        "second": st.integers(0, WINDOW - 1),
        "n": st.none() | st.integers(0, 3),
        "top_logprobs": st.none() | st.integers(0, 5),
        "reasoning_requested": st.none() | st.booleans(),
        "prompt": st.none() | st.sampled_from([SCAFFOLD + "one", SCAFFOLD + "two", "Hello there", "", "你好，世界"]),
        "system_prompt": st.none() | st.sampled_from([SCAFFOLD, "Be brief."]),
        "reasoning_blocks": st.lists(st.sampled_from(["b1", "b2", "b3"]), max_size=2, unique=True),
    }
)


@pytest.fixture(scope="module")
def batch_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("batch")


def offline(table: pa.Table, folder: Path) -> dict[str, dict[str, Any]]:
    """The batch measures by account, as the scan takes them."""
    pq.write_table(table, folder / "requests.parquet")
    with LocalEngine(folder, memory_mb=256, threads=1) as engine:
        derived = engine.derived([folder / "requests.parquet"])
        found = {row["account_id"]: {**row, "replayed": 0} for row in engine.fetch(account_measures(derived)).to_pylist()}
        by_key = {row["account"]: row for row in found.values()}
        if any(table["reasoning_blocks"].to_pylist()):
            for row in engine.fetch(replayed_blocks(derived)).to_pylist():
                by_key[row["account"]]["replayed"] += row["requests"]
    return found


def carried(table: pa.Table, listed: set[int]) -> list[bool]:
    """Per row whether its texts carry half of the listed samples, by the batch's own fingerprints."""
    prompts, systems = (sketches(table[name].combine_chunks()).samples.to_pylist() for name in ("prompt", "system_prompt"))
    return [len(listed & {*prompt, *system}) >= len(listed) / 2 for prompt, system in zip(prompts, systems, strict=True)]


@given(st.lists(rows, min_size=1, max_size=60))
@settings(max_examples=10)
def test_online_counters_are_those_of_the_batch(batch_folder: Path, given_rows: list[dict[str, Any]]) -> None:
    ordered = sorted(given_rows, key=lambda row: row["second"])
    named = [{**row, "request_id": f"r{i}", "model": "m", "ts": (BEGIN + row["second"]) * 10**6} for i, row in enumerate(ordered)]
    table = pa.Table.from_pylist([{k: v for k, v in row.items() if k != "second"} for row in named], schema=REQUESTS)
    listed = {int(sample) for sample in facts_of({"prompt": SCAFFOLD}, account_id="a").samples}
    memory = Memory(64, 64)
    batch = carried(table, listed)
    for row, expected in zip(named, batch, strict=True):
        facts, now = facts_of(row), float(BEGIN + row["second"])
        carries = len(listed & set(facts.samples.tolist())) >= len(listed) / 2
        assert carries == expected
        key = key_of("account", facts.account_id)
        replays = memory.send(facts.reasoning_blocks, key, now)
        before = memory.state(key)
        memory.remember(key, before, after(before, facts, carries, replays, now))
    expected_of = offline(table, batch_folder)
    for account, row in expected_of.items():
        state = memory.state(key_of("account", account))
        assert (state.requests, state.hours_active, state.replayed) == (row["requests"], row["hours"], row["replayed"])
        for name in ("many_choices", "logprobs", "reasoning"):
            assert state.share(name) == pytest.approx(row[name] or 0.0), name
        assert state.scaffold == sum(hit for hit, one in zip(batch, named, strict=True) if one["account_id"] == account)


@given(st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=200)
def test_online_fingerprints_are_those_of_the_batch(prompt: str, system: str) -> None:
    found = set(facts_of({"prompt": prompt, "system_prompt": system}, account_id="a").samples.tolist())
    texts = pa.array([text.encode("utf-8", "replace").decode() for text in (prompt, system)])
    assert found == {sample for row in sketches(texts).samples.to_pylist() for sample in row}


def test_a_window_ends_and_a_minute_ends() -> None:
    state = after(NEVER_SEEN, FACTS, True, 1, BEGIN + 59.0)
    state = after(state, FACTS, True, 0, BEGIN + 59.5)
    assert (state.in_minute, state.requests, state.replayed) == (2, 2, 1)
    assert after(state, FACTS, False, 0, BEGIN + 60.0).in_minute == 1
    later = after(state, FACTS, False, 0, BEGIN + float(WINDOW))
    assert (later.requests, later.scaffold, later.hours_active) == (1, 0, 1)


def test_a_clock_that_jumps_ahead_and_back_counts_anew_but_keeps_a_grade() -> None:
    state = AccountState(
        last=BEGIN + 10.0, hold_until=9, window=BEGIN // WINDOW, requests=7, minute=BEGIN // 60, in_minute=7, hold=3
    )
    assert current(state, BEGIN - 100.0).requests == (0 if state.window != (BEGIN - 100) // WINDOW else 7)
    ahead = after(state, FACTS, False, 0, BEGIN + 400 * 86_400.0)
    back = after(ahead, FACTS, False, 0, BEGIN + 20.0)
    assert (back.requests, back.in_minute, back.last, back.hold) == (1, 1, BEGIN + 20.0, 3)


def test_a_little_earlier_counts_on() -> None:
    state = after(NEVER_SEEN, FACTS, False, 0, BEGIN + 100.0)
    again = after(state, FACTS, False, 0, BEGIN + 99.0)
    assert (again.requests, again.last) == (2, BEGIN + 100.0)


@given(st.builds(
    AccountState,
    last=st.floats(0, 4e9), hold_until=st.integers(0, 2**32 - 1), window=st.integers(0, 6000), requests=st.integers(0, 2**32 - 1),
    replayed=st.integers(0, 2**32 - 1), minute=st.integers(0, 2**27), in_minute=st.integers(0, 65_535), served=st.integers(0, 65_535),
    hold_snapshot=st.integers(0, 2**32 - 1), hold_rule=st.integers(0, 65_535), hold=st.integers(0, 6), hours=st.integers(0, 2**168 - 1),
))  # fmt: skip
def test_a_state_is_remembered_as_it_was(state: AccountState) -> None:
    table = AccountTable(64)
    table.put(5, state)
    assert table.get(5) == state
    assert len(table) == 1
