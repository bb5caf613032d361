"""Wanted samples met in texts: the kernel of the hunt, over Arrow arrays, with the fingerprints of the scan.

>>> import pyarrow as pa
>>> from stillwatch.traffic.fingerprint import sketch
>>> rows, samples = met(pa.array(["no", "synthetic"]), pa.array([None, "no"]), np.array(sorted(sketch("no")), np.uint64))
>>> rows.tolist()
[0, 1]
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.arrow import Hashes
from stillwatch.traffic.fingerprint import sketches

Ints = npt.NDArray[np.int64]


def met(prompts: pa.Array, systems: pa.Array, wanted: Hashes) -> tuple[Ints, Hashes]:
    """Row and sample of every wanted sample (ascending) in prompts or system prompts, each once a row.

    Each distinct system prompt is looked at once: few of them recur often.
    """
    coded = pc.fill_null(systems, "").dictionary_encode()
    spread = _spread(*_hits(coded.dictionary, wanted), coded.indices.to_numpy())
    rows, samples = (np.concatenate(both) for both in zip(_hits(prompts, wanted), spread, strict=True))
    once = np.unique(np.rec.fromarrays([rows, samples]))
    return once["f0"], once["f1"]


def _hits(texts: pa.Array, wanted: Hashes) -> tuple[Ints, Hashes]:
    """Row and sample of every sample of the texts that is wanted (ascending)."""
    samples = sketches(texts).samples
    values = samples.flatten().to_numpy()
    rows = np.repeat(np.arange(len(texts)), pc.list_value_length(samples).to_numpy())
    met = np.isin(values, wanted)
    return rows[met], values[met]


def _spread(codes: Ints, samples: Hashes, of_rows: Ints) -> tuple[Ints, Hashes]:
    """From hits in distinct texts to hits in all rows that have these texts."""
    order = np.argsort(of_rows, kind="stable")
    starts, ends = (np.searchsorted(of_rows[order], codes, side) for side in ("left", "right"))
    rows = [order[start:end] for start, end in zip(starts, ends, strict=True)]
    return np.concatenate([np.empty(0, np.int64), *rows]), np.repeat(samples, ends - starts)
