"""Arrow strings seen as numpy buffers, without a copy, for kernels.

>>> offsets, data = string_buffers(pa.array(["ab", None, "c"]))
>>> offsets.tolist(), bytes(data)
([0, 2, 2, 3], b'abc')
"""

import numpy as np
import pyarrow as pa

from stillwatch.traffic.buffers import Bytes as Bytes
from stillwatch.traffic.buffers import Hashes as Hashes
from stillwatch.traffic.buffers import Offsets as Offsets


def string_buffers(texts: pa.Array) -> tuple[Offsets, Bytes]:
    """Offsets (int64, one more than there are texts) into the UTF-8 bytes of a string array; a null is an empty text."""
    texts = texts.cast(pa.large_string())
    _, offsets, data = texts.buffers()
    where = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return where, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)


def list_array(offsets: Offsets, values: Hashes) -> pa.Array:
    """A large list of uint64 from offsets (one more than rows) and values."""
    return pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(values))
