"""Hits of the local engine: derived rows unfolded to their samples, as far as these pass the sieve of the crowd.

The samples are read twice, batch by batch: to fill the table, and to sieve. Threads share the table by its slots, then the batches.
They stand in the file of one scan (``DrawnNow``), or in the parts of a history.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.traffic.crowd import Crowd
from stillwatch.traffic.engines.in_order import in_order

SAMPLES = "samples.arrow"
DRAWN = ("request", "account", "text", "prompt_samples")
"""The derived columns that stand in the file SAMPLES of an engine's scratch folder."""
HITS = pa.schema([("account", pa.uint64()), ("text", pa.uint64()), ("sample", pa.uint64())])


class Drawn(Protocol):
    """Rows with their samples, which can be read several times."""

    @property
    def samples(self) -> int:
        """How many there are."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Batches of ``account, text, prompt_samples``."""


@dataclass(frozen=True)
class DrawnNow:
    """The rows of this scan, in an Arrow file with the columns DRAWN."""

    file: Path
    samples: int

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The columns that are needed, read and not mapped, so that they leave memory again."""
        return self._read([1, 2, 3])

    def whole(self) -> Iterator[pa.RecordBatch]:
        """Batches of all columns."""
        return self._read([0, 1, 2, 3])

    def _read(self, fields: list[int]) -> Iterator[pa.RecordBatch]:
        with pa.OSFile(str(self.file)) as file:
            reader = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=fields))
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)


def sieved(drawn: Drawn, target: Path, *, threads: int) -> None:
    """Write the hits in ``drawn`` to ``target``, as Parquet."""
    crowd = Crowd(drawn.samples)
    parts = 1 << (threads.bit_length() - 1)
    with (
        ThreadPoolExecutor(threads) as pool,
        pq.ParquetWriter(target, HITS, compression="none", use_dictionary=False, write_statistics=False) as writer,
    ):
        for batch in drawn.batches():
            list(pool.map(partial(_count, crowd, batch, parts), range(parts)))
        for hits in in_order(partial(_hits, crowd), drawn.batches(), threads):
            writer.write_batch(hits)


def _count(crowd: Crowd, batch: pa.RecordBatch, parts: int, part: int) -> None:
    lists = batch.column("prompt_samples")
    crowd.count(batch.column("account").to_numpy(), lists.offsets.to_numpy(), lists.values.to_numpy(), part, parts)


def _hits(crowd: Crowd, batch: pa.RecordBatch) -> pa.RecordBatch:
    lists = batch.column("prompt_samples")
    offsets, samples = lists.offsets.to_numpy(), lists.values.to_numpy()
    kept = np.flatnonzero(crowd.kept(offsets, samples))
    row = np.searchsorted(offsets, kept + offsets[0], side="right") - 1
    columns = batch.column("account").to_numpy()[row], batch.column("text").to_numpy()[row], samples[offsets[0] :][kept]
    return pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=HITS)
