"""Files of this process into the cluster's storage, through Spark's own connectors and credentials.

Each file is first written whole under a name that starts with a dot, then renamed, which takes the place of an earlier file. In a
file system (HDFS, ``file``) a name changes at once; an object store copies and then shows the new object at once, too.
"""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stillwatch.errors import UsageError
from stillwatch.traffic.engines.delivery import Delivery
from stillwatch.traffic.engines.spark.failure import failures
from stillwatch.traffic.engines.spark.places import url


def into_storage(session: Any, folder: str) -> Delivery:
    """What moves files into ``folder``, a URL. Raises UsageError if Spark runs behind Connect, which takes no files."""
    if not hasattr(session, "sparkContext"):
        cure = "name a folder of this machine with --out, and tables of the catalog with --out-table"
        raise UsageError("Spark Connect takes no files for its storage", place=folder, cure=cure)

    def deliver(files: Sequence[Path]) -> None:
        with failures():
            _moved(session.sparkContext, files, folder.rstrip("/"))

    return deliver


def _moved(context: Any, files: Sequence[Path], folder: str) -> None:
    hadoop, conf = context._jvm.org.apache.hadoop.fs, context._jsc.hadoopConfiguration()
    system = hadoop.Path(folder).getFileSystem(conf)
    naming = hadoop.FileContext.getFileContext(hadoop.Path(folder).toUri(), conf)
    overwrite = context._gateway.new_array(hadoop.Options.Rename, 1)
    overwrite[0] = hadoop.Options.Rename.OVERWRITE
    token = uuid.uuid4().hex[:8]
    waiting = {file: hadoop.Path(f"{folder}/.{file.name}.{token}") for file in files}
    system.setWriteChecksum(False)
    system.mkdirs(hadoop.Path(folder))
    try:
        for file, place in waiting.items():
            system.copyFromLocalFile(False, True, hadoop.Path(url(file)), place)
        for file, place in waiting.items():
            naming.rename(place, hadoop.Path(f"{folder}/{file.name}"), overwrite)
    finally:
        for place in waiting.values():
            system.delete(place, False)
