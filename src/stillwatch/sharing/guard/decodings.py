"""Encodings that hide a text inside a text, undone: what a reader with patience would find.

Rules: HTML entities, percent-encoding, backslash and ``U+`` escapes are undone in place; base64 (both alphabets, also of UTF-16,
also deflated), base32, hexadecimal, lists of character codes and Morse are undone where the result reads as text. What comes out
is looked into again. Work is bounded: depth 4, 64 results, 20,000 characters in all.

>>> list(decodings("see b3VyIHByaWNl and %70%72ice"))
[Decoded(text='see b3VyIHByaWNl and price', hidden=False), Decoded(text='our price', hidden=True)]
"""

import base64
import binascii
import html
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from stillwatch.sharing.guard.traits import Traits

_DEPTH = 4
_RESULTS = 64
_CHARACTERS = 20_000

_ESCAPE = re.compile(
    r"\\u\{?([0-9a-fA-F]{4,6})\}?|\\x([0-9a-fA-F]{2})|\\U([0-9a-fA-F]{8})|[Uu]\+([0-9A-Fa-f]{4,6})|\\([0-3][0-7]{2})"
)
_QUOTED_PRINTABLE = re.compile(r"=([0-9A-F]{2})")
_SHORTEST_BASE64 = 11
_STRETCH = re.compile(rb"[ -~\n]{10,}")
_CASE_CHANGE = re.compile("[a-z0-9+/][A-Z]")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{4,}(?:\s[A-Za-z0-9+/_-]{4,})*={0,2}")
_BASE64_WORD = re.compile(r"[A-Za-z0-9+/_-]{11,}={0,2}")
_BASE32 = re.compile(r"(?<![A-Za-z0-9])[A-Za-z2-7]{16,}=*")
_SIX_BYTES = re.compile(r"[0-9A-Fa-f]{12}|(?:[0-9A-Fa-f]{2}[\s:,]){5}|0x")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?[0-9A-Fa-f]{2}(?:[\s:,]?(?:0x)?[0-9A-Fa-f]{2}){5,}(?![0-9A-Za-z])")
_CODES = re.compile(r"(?<!\d)\d{2,3}(?:[\s,;]+\d{2,3}){4,}(?!\d)")
_BITS = re.compile(r"(?<!\d)[01]{7,8}(?:\s?[01]{7,8}){3,}(?!\d)")
_MORSE = re.compile(r"(?:[-.]{1,5}[ /]+){4,}[-.]{1,5}")
_ALPHABET = dict(
    zip(
        [
            ".-",
            "-...",
            "-.-.",
            "-..",
            ".",
            "..-.",
            "--.",
            "....",
            "..",
            ".---",
            "-.-",
            ".-..",
            "--",
            "-.",
            "---",
            ".--.",
            "--.-",
            ".-.",
            "...",
            "-",
            "..-",
            "...-",
            ".--",
            "-..-",
            "-.--",
            "--..",
        ],
        "abcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text that was encoded; ``hidden`` if nobody reads it without a machine, as opposed to escapes that were undone in "
    "place."""

    text: str
    hidden: bool


def decodings(text: str) -> Iterator[Decoded]:
    """All texts that are in ``text`` in an encoding, nearest first, each once."""
    seen, layer, room = {text}, [Decoded(text, False)], _CHARACTERS
    for _ in range(_DEPTH):
        found: list[Decoded] = []
        for outer in layer:
            for inner in _one_step(outer):
                if inner.text in seen or len(seen) > _RESULTS or room < len(inner.text):
                    continue
                seen.add(inner.text)
                found.append(inner)
                room -= len(inner.text)
                yield inner
        if not (layer := found):
            return


def _one_step(outer: Decoded) -> Iterator[Decoded]:
    traits = Traits.of(outer.text)
    for possible, undo in _UNDOING:
        if possible(traits):
            yield from (Decoded(inner, outer.hidden or undo is not _in_place) for inner in undo(outer.text))


def _in_place(text: str) -> Iterator[str]:
    undone = unquote(html.unescape(text), errors="replace")
    undone = _ESCAPE.sub(_character, undone)
    undone = _QUOTED_PRINTABLE.sub(lambda found: chr(int(found[1], 16)), undone)
    if undone != text:
        yield undone


def _character(found: re.Match[str]) -> str:
    unicode, byte, long, named, octal = found.groups()
    code = int(octal, 8) if octal else int(unicode or byte or long or named, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _base64_words(text: str) -> Iterator[str]:
    """Words of base64, and runs of words that were one."""
    if not _CASE_CHANGE.search(text):
        return
    for found in _BASE64_WORD.finditer(text):
        yield from _base64(found[0])
    for found in _BASE64.finditer(text):
        joined = "".join(found[0].split())
        if joined != found[0]:
            yield from _base64(joined)


def _base32_words(text: str) -> Iterator[str]:
    for found in _BASE32.finditer(text):
        yield from _readable(_unpacked(base64.b32decode, found[0].rstrip("=").upper(), 8))


def _hexadecimal(text: str) -> Iterator[str]:
    if not _SIX_BYTES.search(text):
        return
    for found in _HEX.finditer(text):
        yield from _readable(_unpacked(bytes.fromhex, re.sub(r"0x|[\s:,]", "", found[0]), 0))


def _codes(text: str) -> Iterator[str]:
    for found in _CODES.finditer(text):
        yield from _readable(bytes(code for code in map(int, re.findall(r"\d+", found[0])) if code < 256))


def _bits(text: str) -> Iterator[str]:
    for found in _BITS.finditer(text):
        yield from _readable(bytes(int(bits, 2) for bits in re.findall(r"[01]{8}|[01]{7}", found[0])))


def _morse(text: str) -> Iterator[str]:
    if " -" not in text and " ." not in text and "/" not in text:
        return
    for found in _MORSE.finditer(text):
        letters = [_ALPHABET.get(sign, " ") for sign in re.split(r"[ /]", found[0])]
        yield re.sub(" +", " ", "".join(letters))


def _base64(word: str) -> Iterator[str]:
    """What a word of base64 holds; if that does not read as text, the longest stretches in it that do, wherever they begin."""
    bare = word.rstrip("=").replace("+", "-").replace("/", "_")
    if len(bare) < _SHORTEST_BASE64 or not _CASE_CHANGE.search(bare):
        return
    whole = list(_readable(_unpacked(base64.urlsafe_b64decode, bare, 4)))
    yield from whole
    for start in range(4 if not whole else 0):
        for found in _STRETCH.finditer(_unpacked(base64.urlsafe_b64decode, bare[start:], 4)):
            yield from _readable(found[0])


def _unpacked(decode: Callable[[str], bytes], word: str, block: int) -> bytes:
    """The bytes that ``word`` stands for, none if it stands for none; what exceeds whole blocks is cut off if it must be."""
    if block == 4 and len(word) % 4 == 1:
        word = word[:-1]
    padded = word + "=" * (-len(word) % block) if block else word
    try:
        return decode(padded)
    except (ValueError, binascii.Error):
        return b""


def _readable(data: bytes) -> Iterator[str]:
    """The bytes as text in any encoding in which they read as one."""
    if len(data) < 5:
        return
    if data[:2] in (b"\x1f\x8b", b"\x78\x9c", b"\x78\xda", b"\x78\x01"):
        data = _inflated(data)
    encodings = (
        ("utf-16-le", "utf-16-be") if data[1::2].count(0) > len(data) // 3 or data[::2].count(0) > len(data) // 3 else ("utf-8",)
    )
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if sum(c.isprintable() or c.isspace() for c in text) == len(text) and sum(
            c.isalnum() or c == " " for c in text
        ) > 0.6 * len(text):
            yield text


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=47).decompress(data, _CHARACTERS)
    except zlib.error:
        return b""


_SIGNS = frozenset("&%\\=+")
_UNDOING: tuple[tuple[Callable[[Traits], bool], Callable[[str], Iterator[str]]], ...] = (
    (lambda traits: traits.any_of(_SIGNS), _in_place),
    (lambda traits: traits.longest >= 4, _base64_words),
    (lambda traits: traits.longest >= 16, _base32_words),
    (lambda traits: traits.digits >= 5, _hexadecimal),
    (lambda traits: traits.digits >= 10, _codes),
    (lambda traits: traits.digits >= 28, _bits),
    (lambda traits: "-" in traits.characters and "." in traits.characters, _morse),
)
"""Where an encoding may be, and what undoes it."""
