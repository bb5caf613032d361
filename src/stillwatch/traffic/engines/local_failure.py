"""What DuckDB cannot do, as an error that says why and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from stillwatch.errors import EngineFailed


@contextmanager
def failures() -> Iterator[None]:
    """Errors of DuckDB in the block that come from the machine (memory, disk) come out as EngineFailed."""
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        cure = "free some disk beside --out, where data is spilled, or raise --memory; no result was written"
        raise EngineFailed(f"the engine could not go on: {str(error).splitlines()[0]}", cure=cure) from error
