"""Digests of parts add up to what one count over all rows gives, however the rows arrive."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn

from stillwatch.traffic import partials
from stillwatch.traffic.engines.engine import Rows
from stillwatch.traffic.engines.local import LocalEngine
from stillwatch.traffic.figures import Figures, FromRows
from stillwatch.traffic.schema import REQUESTS
from stillwatch.traffic.sought import Sought

_TEMPLATE = (
    "You are a synthetic assistant. Write down all that you know of the following, at length and without any omission: item {}"
)


def world(requests: int = 600, accounts: int = 12) -> pa.Table:
    """Requests of which some share templates, some texts and some nothing; every column may be absent in places."""
    rng = np.random.default_rng(11)
    rows = []
    for number in range(requests):
        account, kind = int(rng.integers(accounts)), int(rng.integers(4))
        words = " ".join(f"w{word}" for word in rng.integers(0, 3_000, 25))
        prompt = (_TEMPLATE.format(int(rng.integers(60))), words, _TEMPLATE.format(account) + words, None)[kind]
        rows.append(
            {
                "request_id": f"r{number}",
                "ts": 1_790_000_000_000_000 + number * 60_000_000,
                "account_id": f"synthetic-{account}",
                "org_id": None if account % 3 else f"org-{account}",
                "model": "m",
                "prompt": prompt,
                "system_prompt": None
                if number % 5
                else f"A synthetic system prompt, variant {number % 3}, of some length to leave samples behind.",
                "ip": f"192.0.2.{rng.integers(9)}",
                "temperature": None if number % 7 == 0 else float(rng.integers(2)),
                "output_tokens": None if account == 3 else int(rng.integers(500)),
                "n_messages": int(rng.integers(1, 6)),
                "status": 403 if account == 2 and number > 400 else 200,
            }
        )
    return pa.Table.from_pylist(rows, REQUESTS)


def arrivals(folder: Path, table: pa.Table, ends: list[int]) -> Path:
    """A state into which the table came in several pieces."""
    for place, (start, end) in enumerate(zip([0, *ends], [*ends, len(table)], strict=True)):
        scratch = folder / f"scratch-{place}"
        scratch.mkdir()
        pq.write_table(table.slice(start, end - start), scratch / "requests.parquet")
        with LocalEngine(scratch, memory_mb=256, threads=1) as engine:
            history = engine.history(folder / "state")
            history.together(engine.derived([scratch / "requests.parquet"]))
            history.commit(b"[]")
    return folder / "state"


def same(first: pa.Table, second: pa.Table) -> None:
    """Both have the same rows, in any order; means may differ in the last place."""
    names = sorted(first.column_names)
    assert names == sorted(second.column_names)
    keys = [(name, "ascending") for name in names if name in ("account", "value", "sample", "text", "requests", "texts")]
    first, second = first.sort_by(keys), second.sort_by(keys)
    for name in names:
        mine, other = (table[name].to_pylist() for table in (first, second))
        assert mine == (pytest.approx(other) if pa.types.is_floating(first.schema.field(name).type) else other), name


def compare(engine: LocalEngine, counted: Figures, kept: Figures) -> pa.Table:
    """All figures of both; the uses of shared samples."""
    same(engine.fetch(counted.accounts()), engine.fetch(kept.accounts()))
    for attribute in partials.COUNTED:
        if attribute != "hour":
            same(engine.fetch(counted.values(attribute)), engine.fetch(kept.values(attribute)))
    uses, totals = map(engine.fetch, counted.samples())
    same(uses, engine.fetch(kept.samples()[0]))
    same(totals, engine.fetch(kept.samples()[1]))
    same(engine.fetch(counted.system_hits()), engine.fetch(kept.system_hits()))
    return uses


@pytest.mark.parametrize("ends", [[], [500], [400, 450, 470, 520], [300, 310, 320, 330, 340, 580], [10, 400, 401]])
def test_what_is_kept_is_what_would_be_counted(tmp_path: Path, ends: list[int]) -> None:
    table = world()
    state = arrivals(tmp_path, table, ends)
    pq.write_table(table, tmp_path / "all.parquet")
    with LocalEngine(tmp_path, memory_mb=256, threads=1) as engine:
        rows = engine.derived([tmp_path / "all.parquet"])
        history = engine.history(state)
        together: Rows = history.together(rows)
        shared = compare(engine, FromRows(engine, rows), history.figures(engine, together))["sample"].unique()
        mine, known = (engine.fetch(engine.hits(table)) for table in (rows, together))
        same(mine.filter(pc.is_in(mine["sample"], shared)), known)


@given(hn.arrays(np.uint64, st.integers(0, 60), elements=st.integers(0, 200)), st.sets(st.integers(0, 200)))
def test_samples_are_found_as_the_naive_way_does(among: np.ndarray, wanted: set[int]) -> None:
    samples = np.array(sorted(wanted), np.uint64)
    places, numbers = Sought(samples).found(among)
    assert places.tolist() == [place for place, sample in enumerate(among.tolist()) if sample in wanted]
    assert samples[numbers].tolist() == among[places].tolist()
