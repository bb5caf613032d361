"""Forms as they come in: fields, and for an upload one file; never more bytes than the route takes.

Rules: a body is counted as it comes, whatever its header says, and given up at the first byte too many.
"""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from stillwatch.console.web.visit import Upload

MOST_BYTES = 256 * 1024
_FIELDS = 200


@dataclass(frozen=True)
class Form:
    """The fields of a form by name, and the file that came with it."""

    fields: Mapping[str, str] = field(default_factory=dict)
    upload: Upload | None = None


async def read_form(request: Request, most_bytes: int) -> Form:
    """The form in a request. Raises HTTPException 413 if it is too long, 400 if it is none."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        body = b"".join([chunk async for chunk in _bounded(request, min(most_bytes, MOST_BYTES))])
        return Form(dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_FIELDS)))
    parser = MultiPartParser(request.headers, _bounded(request, most_bytes), max_files=1, max_fields=_FIELDS)
    try:
        found = await parser.parse()
    except (MultiPartException, UnicodeDecodeError) as error:
        raise HTTPException(400, f"this is no form: {error}") from error
    try:
        fields = {name: value for name, value in found.items() if isinstance(value, str)}
        files = [value for value in found.values() if isinstance(value, UploadFile)]
        uploads = [Upload(each.filename or "unnamed", each.content_type or "", await each.read()) for each in files]
    finally:
        await found.close()
    return Form(fields, uploads[0] if uploads else None)


async def _bounded(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise HTTPException(413, f"this form has at most {most_bytes} bytes")
        yield chunk
