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
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.arrow import Bytes, string_buffers

_BLANK = ord(" ")
_ZERO = ord("0")
KIND = np.full(256, 1, np.uint8)
"""Per byte: 0 separator, 1 kept, 2 digit, 3 upper case, 4 first byte of a multi-byte separator or of something kept."""
KIND[:128] = 0
KIND[ord("a") : ord("z") + 1] = 1
KIND[ord("A") : ord("Z") + 1] = 3
KIND[ord("0") : ord("9") + 1] = 2
KIND[[0xC2, 0xE2, 0xE3]] = 4


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


@nb.njit(cache=True, nogil=True)
def normalise_bytes(data: Bytes, start: int, end: int, kind: Bytes, out: Bytes) -> int:
    """Write the normal form of ``data[start:end]`` (NFKC, UTF-8) to ``out``, which is as long; return its length."""
    size = 0
    gap = False
    last_digit = False
    i = start
    while i < end:
        byte = data[i]
        what = kind[byte]
        step = 1
        if what == 4:
            step = _separator_length(data, i, end)
            what = 0 if step else 1
            step = max(step, 1)
        i += step
        if what == 0:
            gap = True
            last_digit = False
            continue
        if what == 2:
            if last_digit:
                continue
            byte = np.uint8(_ZERO)
        last_digit = what == 2
        if what == 3:
            byte += np.uint8(32)
        if gap and size:
            out[size] = _BLANK
            size += 1
        gap = False
        out[size] = byte
        size += 1
    return size


def compatible(texts: pa.Array) -> pa.Array:
    """Step 1 over an Arrow string array: NFKC where a text is not ASCII; nulls become the empty text."""
    texts = pc.fill_null(texts, "")
    ascii_only = pc.string_is_ascii(texts)
    if pc.all(ascii_only).as_py():
        return texts
    composed = pc.utf8_normalize(pc.filter(texts, pc.invert(ascii_only)), form="NFKC")
    return pc.replace_with_mask(texts, pc.invert(ascii_only), composed)


def normal_form(text: str) -> bytes:
    """The normal form of one text, as UTF-8."""
    offsets, data = string_buffers(pa.array([unicodedata.normalize("NFKC", text)]))
    out = np.empty(max(1, len(data)), np.uint8)
    return out[: normalise_bytes(data, offsets[0], offsets[1], KIND, out)].tobytes()
