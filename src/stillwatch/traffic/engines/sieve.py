"""Hits of the local engine: derived rows unfolded to their samples, as far as these pass the sieve of the crowd.

The samples are read twice, batch by batch: to fill the table, and to sieve. Threads share the table by its slots, then the batches.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.traffic.crowd import Crowd

SAMPLES = "samples.arrow"
DRAWN = ("request", "account", "text", "prompt_samples")
"""The derived columns that stand in the file SAMPLES of an engine's scratch folder."""
HITS = pa.schema([("account", pa.uint64()), ("text", pa.uint64()), ("sample", pa.uint64())])


def sieved(drawn: Path, target: Path, *, samples: int, threads: int) -> None:
    """Write the hits in ``drawn`` (Arrow batches with the columns DRAWN, ``samples`` in all) to ``target``, as Parquet."""
    crowd = Crowd(samples)
    parts = 1 << (threads.bit_length() - 1)
    with (
        ThreadPoolExecutor(threads) as pool,
        pq.ParquetWriter(target, HITS, compression="none", use_dictionary=False, write_statistics=False) as writer,
    ):
        for batch in _read(drawn):
            list(pool.map(partial(_count, crowd, batch, parts), range(parts)))
        for hits in pool.map(lambda batch: _hits(crowd, batch), _read(drawn)):
            writer.write_batch(hits)


def _read(drawn: Path) -> Iterator[pa.RecordBatch]:
    """The columns that are needed, read and not mapped, so that they leave memory again."""
    with pa.OSFile(str(drawn)) as file:
        reader = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(included_fields=[1, 2, 3]))
        for number in range(reader.num_record_batches):
            yield reader.get_batch(number)


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
