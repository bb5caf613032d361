"""The numpy arrays that kernels read and write, by what they hold. No engine is needed to import this."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Bytes: TypeAlias = npt.NDArray[np.uint8]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Topics: TypeAlias = npt.NDArray[np.int8]
Symbols: TypeAlias = npt.NDArray[np.uint32]
Offsets: TypeAlias = npt.NDArray[np.int64]
