"""Places in storage that a cluster reaches, as Spark takes them: URLs of any scheme, and paths of this machine as ``file`` URLs.

>>> literal("file:///logs/[old]/a.parquet")
'file:///logs/\\\\[old\\\\]/a.parquet'
"""

import re
from pathlib import Path

_GLOB = re.compile(r"([\[\]{}*?\\])")


def is_url(place: Path | str) -> bool:
    """Whether a place is named by a URL, and not as a path of this machine."""
    return "://" in str(place)


def url(place: Path | str) -> str:
    """The URL of a place; Spark takes paths in it as they are, nothing is escaped."""
    return str(place).rstrip("/") if is_url(place) else f"file://{Path(place).resolve()}"


def literal(address: str) -> str:
    """A URL to read that names one file or folder, whatever signs are in it."""
    return _GLOB.sub(r"\\\1", address)
