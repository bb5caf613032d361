"""Where a result goes: the files of a scan into a folder, its tables into a warehouse, each there whole or not at all."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

Delivery: TypeAlias = Callable[[Sequence[Path]], None]
"""Moves files to where they were asked for, in their order."""
Publication: TypeAlias = Callable[[Mapping[str, pa.Table]], None]
"""Puts tables, each under its own name, where they were asked for."""


def into_folder(files: Sequence[Path], folder: Path) -> None:
    """Move files into a folder on the same file system. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        os.replace(file, folder / file.name)
