"""Past traffic in the order of time, as facts, for a replay."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime

import duckdb

from stillwatch.cli.logs import taken_in
from stillwatch.gateway.facts import Facts, facts_of

_COLUMNS = (*(name for name in Facts.__struct_fields__ if name not in ("samples", "tokens", "plan")), "prompt", "system_prompt")
_ROWS = 10_000


@contextmanager
def past_requests(
    requests: Sequence[str], log_format: str, account_from: str | None, now: datetime
) -> Iterator[Iterator[tuple[float, Facts]]]:
    """The requests in logs, the earliest first: seconds since 1970 and facts.

    Raises UsageError for an unknown format, NoReadableInput if no request can be read.
    """
    with taken_in(requests, log_format, account_from, now) as intake, closing(duckdb.connect()) as database:
        database.execute("SET TimeZone = 'UTC'")
        yield _in_order(database, [str(path) for path in intake.parquet])


def _in_order(database: duckdb.DuckDBPyConnection, paths: list[str]) -> Iterator[tuple[float, Facts]]:
    source = database.read_parquet(paths, union_by_name=True)
    present = [name for name in _COLUMNS if name in source.columns]
    ordered = source.project(", ".join([*present, "epoch_us(ts) AS microseconds"])).order("microseconds, request_id")
    reader = ordered.arrow(_ROWS)
    for batch in reader:
        for row in batch.to_pylist():
            yield row["microseconds"] / 1e6, facts_of(row)
