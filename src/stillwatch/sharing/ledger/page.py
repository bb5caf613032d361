"""The bytes of the file that no query sees: fields of SQLite's header, and the unused space of its pages.

Rules: a ledger only ever appends, in ascending order of both tables. So SQLite never splits a page with rows on it, and space that
no row uses was never written: it is zero. Pages that only point to others are the exception once a tree has three levels; there
SQLite may leave old copies when it balances them. A row's number stands before its record; the place that it has among the columns
too is never read, and must be NULL. Two fields of the header say nothing: the schema cookie, and the version of SQLite that wrote
last.

The layout is SQLite's file format (sqlite.org/fileformat2, sections 1.3, 1.6, 1.7 and 2). An image is all pages in order; it
must have passed SQLite's ``integrity_check`` before.
"""

from collections.abc import Iterator

_HEADER = 100
_FIXED = (0, 18), (21, 24), (32, 40), (44, 92)
"""Fields of the header that are the same in every ledger; the rest is counters, the journal's mode and the reserved bytes."""

_INTERIOR, _LEAF = 5, 13
_ROOTS = 2, 3
"""The numbers of the pages at which the two tables begin."""


def header_faults(image: bytes, fresh: bytes) -> Iterator[str]:
    """What the header of a ledger's image says that that of a fresh ledger does not."""
    if any(image[start:end] != fresh[start:end] for start, end in _FIXED) or image[18:20] not in (b"\x01\x01", b"\x02\x02"):
        yield "the header is not that of a ledger"
    if image[24:28] != image[92:96]:
        yield "the header's two change counters differ"
    if _number(image, 28, 4) * _number(image, 16, 2) != len(image):
        yield "the header says another number of pages"


def leftovers(image: bytes) -> Iterator[str]:
    """Pages that hold bytes where no row is."""
    size = _number(image, 16, 2)
    for start in range(0, len(image), size):
        if not _is_clean(image, start, size):
            yield f"page {start // size + 1} holds bytes where no entry is"


def _is_clean(image: bytes, page: int, size: int) -> bool:
    """Whether the page that starts at ``page`` has nothing in its unused space; an overflow page is looked at from its row."""
    head = page + (_HEADER if page == 0 else 0)
    kind, cells, content = image[head], _number(image, head + 3, 2), _number(image, head + 5, 2)
    if kind != _LEAF and not (kind == _INTERIOR and page // size + 1 in _ROOTS and image[_page(image, head + 8, size)] == _LEAF):
        return True
    pointers = head + (12 if kind == _INTERIOR else 8)
    free_blocks = _number(image, head + 1, 2)
    if free_blocks or _is_used(image, pointers + 2 * cells, page + content):
        return False
    rows = (page + _number(image, pointers + 2 * cell, 2) for cell in range(cells if kind == _LEAF else 0))
    return all((page == 0 or _numbered_once(image, row)) and _ends_clean(image, row, size) for row in rows)


def _numbered_once(image: bytes, row: int) -> bool:
    """Whether the first column of the row that starts at ``row``, its number, is NULL in its record (section 2.3)."""
    _, at = _varint(image, row)
    _, at = _varint(image, at)
    _, at = _varint(image, at)
    return image[at] == 0


def _ends_clean(image: bytes, row: int, size: int) -> bool:
    """Whether nothing stands behind the row that starts at ``row`` in the last of its overflow pages, if it has any."""
    usable = size - image[20]
    payload, at = _varint(image, row)
    _, at = _varint(image, at)
    most, least = usable - 35, (usable - 12) * 32 // 255 - 23
    if payload <= most:
        return True
    local = least + (payload - least) % (usable - 4)
    local = local if local <= most else least
    rest, page = payload - local, _page(image, at + local, size)
    while rest > usable - 4:
        rest, page = rest - (usable - 4), _page(image, page, size)
    return not _is_used(image, page + 4 + rest, page + usable)


def _is_used(image: bytes, start: int, end: int) -> bool:
    return image.count(b"\0", start, end) != end - start


def _page(image: bytes, at: int, size: int) -> int:
    """Where the page begins whose number stands at ``at``."""
    return (_number(image, at, 4) - 1) * size


def _number(image: bytes, at: int, length: int) -> int:
    return int.from_bytes(image[at : at + length], "big")


def _varint(image: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes (section 1.6), and where the next byte is."""
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | image[place] & 0x7F
        if image[place] < 0x80:
            return value, place + 1
    return value << 8 | image[at + 8], at + 9
