"""What Spark says when it cannot go on, as an error that says why, where and what to do.

Spark has tried each task several times and replaced lost workers by itself before it gives up. Its messages hold the
trace of the worker; the first one that is known here counts.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from stillwatch.errors import EngineFailed

_PLACE = re.compile(r"(?:file|s3a?|gs|abfss?|wasbs?|hdfs|dbfs):/[^\s,:'\"]+")
_CAUSES = (
    (
        r"No module named '[^']*'",
        "the Python of the workers has no stillwatch, or not all that it needs",
        "install it on every worker for the Python that PYSPARK_PYTHON names",
    ),
    (
        r"another version of stillwatch: [^\n]*",
        "a worker has another version of stillwatch than this process",
        "install one version everywhere",
    ),
    (
        r"No space left on device|DISK_FULL",
        "a disk of the cluster is full",
        "free space under spark.local.dir (shuffles and kept rows are spilled there), or name a larger disk",
    ),
    (
        r"FAILED_READ_FILE|FileNotFoundException|PATH_NOT_FOUND|CANNOT_READ_FILE|not a Parquet file|corrupt",
        "a part of the input cannot be read",
        "mend or leave out this file, check that every worker reaches it, and that nothing rewrites it meanwhile",
    ),
    (
        r"ExecutorLostFailure|Lost executor|executor [^\n]* exited|Job \S+ cancelled because SparkContext was shut down",
        "workers were lost more often than Spark makes up for",
        "look into the workers' logs; give them more memory (spark.executor.memory) if they were killed for it",
    ),
    (
        r"OutOfMemoryError|Java heap space",
        "a process of Spark ran out of memory",
        "raise spark.executor.memory or spark.driver.memory with --spark-conf",
    ),
)

_RAISED_BY = ("pyspark", "py4j", "grpc")
"""The packages whose errors are Spark's."""


def failed(error: Exception) -> EngineFailed:
    """The error for one that Spark raised."""
    text = str(error)
    place = _PLACE.search(text)
    for pattern, what, cure in _CAUSES:
        if re.search(pattern, text):
            return EngineFailed(what, place=place[0].rstrip(".") if place else "Spark", cure=f"{cure}; no result was written")
    first = next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
    return EngineFailed(f"it could not go on: {first:.300}", place="Spark", cure="see Spark's own log; no result was written")


@contextmanager
def failures() -> Iterator[None]:
    """Errors of Spark in the block come out as EngineFailed."""
    try:
        yield
    except Exception as error:
        if isinstance(error, ConnectionError) or type(error).__module__.partition(".")[0] in _RAISED_BY:
            raise failed(error) from error
        raise
