"""Style sheets and scripts, read and compressed once; an address carries the digest of the content, so a browser keeps it for good.

>>> Static().address("console.css").startswith("/static/console.css?v=")
True
"""

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

from stillwatch.campaigns.report.page import style_sheet

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8"}
_KEPT = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class _File:
    kind: str
    plain: bytes
    packed: bytes
    digest: str


class Static:
    """All static files by name: the console's, what is vendored, and the style sheet of the report."""

    def __init__(self) -> None:
        folder = resources.files("stillwatch.console").joinpath("static")
        found = {name: file.read_bytes() for name, file in _files(folder)}
        self._files = {name: _file(name, data) for name, data in {**found, "report.css": style_sheet().encode()}.items()}

    def address(self, name: str) -> str:
        """Where a file is. Raises KeyError if there is none."""
        return f"/static/{name}?v={self._files[name].digest}"

    def bytes_sent(self, name: str) -> int:
        """How many bytes of it cross the network."""
        return len(self._files[name].packed)

    async def answer(self, request: Request) -> Response:
        """The file that is asked for."""
        file = self._files.get(str(request.path_params["name"]))
        if file is None:
            return Response("there is no such file", 404, media_type="text/plain")
        headers = {"content-type": file.kind, "cache-control": _KEPT, "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, headers=headers | {"content-encoding": "gzip"})
        return Response(file.plain, headers=headers)


def _files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    for file in folder.iterdir():
        if file.is_dir():
            yield from ((f"{file.name}/{name}", inner) for name, inner in _files(file))
        elif "." in file.name:
            yield file.name, file


def _file(name: str, data: bytes) -> _File:
    kind = _TYPES["." + name.rpartition(".")[2]]
    return _File(kind, data, gzip.compress(data, 9, mtime=0), hashlib.sha256(data).hexdigest()[:12])
