"""A Spark session for a scan: started here, or the one that is running already.

Times are UTC; Python in the workers is the one of this process unless PYSPARK_PYTHON names another.
"""

import importlib.util
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stillwatch.errors import UsageError
from stillwatch.traffic.engines.spark.failure import failures
from stillwatch.traffic.engines.spark.settings import SparkSettings

_NEEDED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "16384",
}
_STARTING = {
    "spark.driver.maxResultSize": "0",
    "spark.ui.showConsoleProgress": "false",
}


def require(settings: SparkSettings) -> None:
    """Raise UsageError if PySpark, or Java where Spark starts on this machine, is missing."""
    if importlib.util.find_spec("pyspark") is None:
        raise UsageError("PySpark is not installed", place="--engine spark", cure="pip install 'stillwatch[spark]'")
    java = os.environ.get("JAVA_HOME") or shutil.which("java")
    if not settings.remote and not java:
        cure = "apt-get install openjdk-17-jre-headless (or name its folder in JAVA_HOME)"
        raise UsageError("Spark needs Java 17 and finds none", place="--engine spark", cure=cure)


@contextmanager
def session(settings: SparkSettings) -> Iterator[Any]:
    """The session (a ``pyspark.sql.SparkSession``); one that was started for the block is stopped after it.

    Raises UsageError if something is not installed, EngineFailed if Spark cannot be reached.
    """
    require(settings)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="google.protobuf")
        from pyspark.sql import SparkSession

        running = SparkSession.getActiveSession()
        with failures():
            spark = running or _started(settings)
            for name, value in _NEEDED.items():
                spark.conf.set(name, value)
    try:
        yield spark
    finally:
        if running is None:
            spark.stop()


def _started(settings: SparkSettings) -> Any:
    spark = _builder(settings).getOrCreate()
    if not settings.remote:
        spark.sparkContext.setLogLevel("ERROR")
    return spark


def _builder(settings: SparkSettings) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("stillwatch")
    if settings.master and settings.remote:
        builder = builder.remote(settings.master)
    else:
        builder = builder.master(settings.master or os.environ.get("SPARK_MASTER") or "local[*]")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        for name, value in _STARTING.items():
            builder = builder.config(name, value)
    for name, value in settings.conf:
        builder = builder.config(name, value)
    return builder
