"""The normal form of a prompt, version 1: what remains when a filling's or a copyist's accidents are taken away.

Rules, in order (``docs/fingerprints.md`` fixes them for every language):

1. Unicode NFKC (UAX #15). Text that is already ASCII is its own NFKC form and skips this step.
2. Then, over the UTF-8 bytes: ``A``–``Z`` become lower case; every run of ASCII digits becomes one ``0``; every run of
   separators becomes one blank, none at either end. Separators are all other ASCII bytes and the code points U+0080–U+00BF,
   U+2000–U+206F (general punctuation with the zero-width characters) and U+3000–U+303F (CJK punctuation).

Every other byte stays, so no script needs word boundaries, and no table of letters ages with the Unicode version.

>>> normal_form("  Task 17:\\nRewrite «THIS»! ")
b'task 0 rewrite this'
"""

import unicodedata

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.traffic.buffers import Bytes, Offsets

_BLANK = np.uint8(ord(" "))
_MAPPED = np.arange(256, dtype=np.uint8)
"""What each byte becomes on its own: itself, a lower-case letter, ``0`` for a digit, a blank for an ASCII separator."""
_MAPPED[:128] = _BLANK
_MAPPED[ord("a") : ord("z") + 1] = np.arange(ord("a"), ord("z") + 1)
_MAPPED[ord("A") : ord("Z") + 1] = np.arange(ord("a"), ord("z") + 1)
_MAPPED[ord("0") : ord("9") + 1] = ord("0")
_COLLAPSES = np.zeros(256, np.bool_)
_COLLAPSES[[ord(" "), ord("0")]] = True


@nb.njit(cache=True, nogil=True, inline="always")
def _separator_length(data: Bytes, i: int, end: int) -> int:
    """Bytes of the multi-byte separator that starts at ``i``, 0 if none does."""
    first = data[i]
    if first == 0xC2:
        return 2 if i + 1 < end else 0
    if i + 2 >= end:
        return 0
    second, third = data[i + 1], data[i + 2]
    if first == 0xE2 and (second == 0x80 or (second == 0x81 and third <= 0xAF)):
        return 3
    if first == 0xE3 and second == 0x80:
        return 3
    return 0


@nb.njit(cache=True, nogil=True, inline="always")
def _half_width(data: Bytes, i: int) -> np.uint8:
    """The ASCII character that a full-width one (U+FF01–U+FF5E) stands for; nothing else of that block is settled."""
    return np.uint8(((np.uint32(data[i + 1]) & 0x3F) << 6 | np.uint32(data[i + 2]) & 0x3F) - 0xF00 + 0x20)


@nb.njit(cache=True, nogil=True)
def normalise_bytes(data: Bytes, start: int, end: int, out: Bytes) -> int:
    """Write the normal form of ``data[start:end]`` (NFKC, UTF-8) to ``out``, which is longer by one; return its length."""
    size = 0
    before = _BLANK
    i = start
    while i < end:
        byte = _MAPPED[data[i]]
        if byte == 0xC2 or byte == 0xE2 or byte == 0xE3:
            separator = _separator_length(data, i, end)
            if separator:
                byte = _BLANK
                i += separator - 1
        elif byte == 0xEF and i + 2 < end and (data[i + 1] == 0xBC or data[i + 1] == 0xBD):
            byte = _MAPPED[_half_width(data, i)]
            i += 2
        i += 1
        out[size] = byte
        size += not (byte == before and _COLLAPSES[byte])
        before = byte
    return size - (size > 0 and out[size - 1] == _BLANK)


_SETTLED = np.zeros(1 << 16, np.bool_)
"""Code points of wide use that NFKC leaves as they are in any company (quick check *yes*; UAX #15, section 9), and the full-width
forms of ASCII, which the second step reads itself. Their combining class is 0, or 9 (the virama): marks of one class keep their
order."""
for _first, _last in (
    (0x0000, 0x009F),
    (0x00BF, 0x0131),
    (0x014A, 0x017E),
    (0x03A3, 0x03CF),
    (0x03FA, 0x0482),
    (0x048A, 0x052F),
    (0x05D0, 0x05EA),
    (0x061B, 0x064A),
    (0x0900, 0x0928),
    (0x092A, 0x0930),
    (0x0932, 0x0933),
    (0x0935, 0x093B),
    (0x093D, 0x0950),
    (0x0960, 0x097F),
    (0x0E01, 0x0E32),
    (0x1EA0, 0x1EF9),
    (0x2018, 0x2023),
    (0x3001, 0x3029),
    (0x3041, 0x3096),
    (0x30A0, 0x30FE),
    (0x3400, 0xA48C),
    (0xAC00, 0xD7A3),
    (0xFF01, 0xFF5E),
):
    _SETTLED[_first : _last + 1] = True
_SETTLED[[0x00AB, 0x00BB, 0x2010, 0x2012, 0x2013, 0x2014, 0x2015]] = True


@nb.njit(cache=True, nogil=True)
def is_ascii(text: Bytes, size: int) -> bool:
    """Whether ``text[:size]`` has no byte beyond ASCII."""
    seen = np.uint8(0)
    for i in range(size):
        seen |= text[i]
    return bool(seen < np.uint8(0x80))


@nb.njit(cache=True, nogil=True)
def _settled(offsets: Offsets, data: Bytes, settled: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Per text whether it has only code points of ``settled`` and so is its own NFKC form."""
    out = np.ones(len(offsets) - 1, np.bool_)
    for row in range(len(out)):
        i, end = offsets[row], offsets[row + 1]
        while i < end:
            first = data[i]
            if first < 0x80:
                i += 1
            elif first < 0xE0 and settled[(first & 0x1F) << 6 | data[i + 1] & 0x3F]:
                i += 2
            elif 0xE0 <= first < 0xF0 and settled[(first & 0x0F) << 12 | (data[i + 1] & 0x3F) << 6 | data[i + 2] & 0x3F]:
                i += 3
            else:
                out[row] = False
                break
    return out


def settled(offsets: Offsets, data: Bytes) -> npt.NDArray[np.bool_]:
    """Per text of a batch whether it is its own NFKC form for sure."""
    return np.asarray(_settled(offsets, data, _SETTLED))


def utf8(text: str) -> Bytes:
    """Step 1 for one text: its NFKC form as UTF-8 bytes; a lone surrogate counts as a question mark."""
    form = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return np.frombuffer(form.encode("utf-8", "replace"), np.uint8)


def normal_form(text: str) -> bytes:
    """The normal form of one text, as UTF-8."""
    data = utf8(text)
    out = np.empty(len(data) + 1, np.uint8)
    return out[: normalise_bytes(data, 0, len(data), out)].tobytes()
