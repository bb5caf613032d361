"""The kernel as it runs inside Spark's workers: iterator of Arrow batches to iterator of Arrow batches, for ``mapInArrow``.

A worker needs Stillwatch of the version that the driver has: another one could fingerprint differently.
"""

from collections.abc import Callable, Iterator

import pyarrow as pa

from stillwatch import __version__
from stillwatch.traffic.derive import READ, derive
from stillwatch.traffic.engines.spark.bits import held
from stillwatch.traffic.schema import REQUESTS

OTHER_VERSION = "this worker has another version of stillwatch"


def derived_schema() -> pa.Schema:
    """The columns of derived rows, as ``derive`` makes them."""
    return derive(pa.RecordBatch.from_pylist([dict.fromkeys(READ)], REQUESTS)).schema


def derived_in_worker(version: str) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """The function for the workers; it raises RuntimeError in a worker whose Stillwatch is not of ``version``."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        check_version(version)
        for batch in batches:
            if batch.num_rows:
                rows = derive(batch)
                yield pa.RecordBatch.from_arrays([held(column) for column in rows.columns], names=rows.schema.names)

    return run


def check_version(version: str) -> None:
    """Raise RuntimeError unless this process has Stillwatch of ``version``."""
    if version != __version__:
        raise RuntimeError(f"{OTHER_VERSION}: {__version__}, the driver {version}")
