"""Opening the engine that was asked for; the packages of the others are never loaded."""

from contextlib import AbstractContextManager
from pathlib import Path

from stillwatch.traffic.engines.engine import Engine
from stillwatch.traffic.engines.spark.settings import SparkSettings

ENGINES = ("local", "spark")
"""The names that ``opened`` knows."""


def opened(name: str, scratch: Path, *, memory_mb: int, spark: SparkSettings) -> AbstractContextManager[Engine]:
    """The engine called ``name`` (one of ENGINES), to be used in a ``with`` block.

    Raises UsageError if Spark is asked for and is not installed, EngineFailed if it cannot be reached.
    """
    if name == "spark":
        from stillwatch.traffic.engines.spark.engine import SparkEngine

        return SparkEngine.opened(spark)
    from stillwatch.traffic.engines.local import LocalEngine

    return LocalEngine(scratch, memory_mb=memory_mb)
