"""Stored samples: the samples of prompts in a part of a history, in an Arrow file beside the part's other rows.

Lists of random numbers are read from Arrow files in a fraction of the time that Parquet takes, and zstd makes what recurs as small.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.traffic.buffers import Hashes
from stillwatch.traffic.sought import Sought

COLUMNS = ("account", "text", "prompt_samples")
_SCHEMA = pa.schema([("account", pa.uint64()), ("text", pa.uint64()), ("prompt_samples", pa.large_list(pa.uint64()))])


@dataclass(frozen=True)
class StoredSamples:
    """The samples in ``files``."""

    files: Sequence[Path]

    @property
    def samples(self) -> int:
        """How many there are."""
        return sum(len(batch.column("prompt_samples").values) for batch in self.batches())

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Batches of COLUMNS, file by file."""
        for path in self.files:
            with pa.OSFile(str(path)) as file:
                reader = pa.ipc.open_file(file)
                for number in range(reader.num_record_batches):
                    yield reader.get_batch(number)

    def hits(self, sought: Sought) -> Iterator[tuple[Hashes, Hashes, npt.NDArray[np.int64]]]:
        """Batch by batch the hits of the samples that are sought: account, text, and the place of the sample among these."""
        for batch in self.batches():
            lists = batch.column("prompt_samples")
            offsets = lists.offsets.to_numpy()
            places, number = sought.found(lists.values.to_numpy()[offsets[0] : offsets[-1]])
            row = np.searchsorted(offsets, places + offsets[0], side="right") - 1
            yield batch.column("account").to_numpy()[row], batch.column("text").to_numpy()[row], number


def store(batches: Iterator[pa.RecordBatch], target: Path) -> None:
    """Write batches of COLUMNS."""
    with pa.OSFile(str(target), "wb") as file, pa.ipc.new_file(file, _SCHEMA, options=_COMPRESSED) as writer:
        for batch in batches:
            writer.write_batch(batch.select(COLUMNS))


_ROWS = 32_768
_COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")


def gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of _ROWS or more, but for the last one."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(each.num_rows for each in waiting) >= _ROWS:
            yield pa.concat_batches(waiting)
            waiting = []
    if waiting:
        yield pa.concat_batches(waiting)


def sifted(batches: Iterator[pa.RecordBatch], keep: Callable[[Hashes], npt.NDArray[np.bool_]]) -> Iterator[pa.RecordBatch]:
    """The rows of batches whose ``request`` is one to ``keep``."""
    for batch in batches:
        yield batch.filter(pa.array(keep(batch.column("request").to_numpy())))
