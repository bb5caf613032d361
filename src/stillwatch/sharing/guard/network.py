"""Addresses of machines in a text: IPv4 and IPv6, also defanged or as one number, and MAC addresses.

>>> [has_address(text) for text in ("198.51.100[.]7", "2001:db8::17", "http://3325256711/x")]
[True, True, True]
>>> [has_address(text) for text in ("Chrome/126.0.0.0", "OID 1.3.6.1.4.1", "12:30:45")]
[False, False, False]
"""

import ipaddress
import re

_DOT = r"(?:\.|\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?|\sdot\s)"
_V4 = re.compile(rf"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d){_DOT}){{3}}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d]|\.\d)", re.I)
_V4_HINT = re.compile(r"\d\s?(?:\.|[\[({]\s?(?:\.|dot)|dot)", re.I)
_VERSION = re.compile(r"(?:\b(?:Chrome|Chromium|Edg|Edge|OPR|Safari|Firefox|Version|version|ver|release|build)\b[/ .:]{1,2}|\bv)$")
_V6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}(?:[0-9a-fA-F]{1,4}|:)?(?:(?:\d{1,3}\.){3}\d{1,3})?(?:%\w+)?(?![\w:])")
_V6_GROUPED = re.compile(r"(?<![\w:])(?:[0-9a-fA-F]{1,4}\s?[\[({]?:[\])}]?\s?){7}[0-9a-fA-F]{1,4}(?![\w:])")
_V6_HINT = re.compile(r"[0-9a-fA-F:]:[0-9a-fA-F:]|\[:\]")
_MAC = re.compile(
    r"(?<![\w:-])(?:[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})(?![\w:-])"
)
_HEXADECIMAL_V4 = re.compile(r"\bip(?:v4)?\b[\w\s:=]{0,12}0x[0-9a-f]{8}\b", re.I)
_NUMBER_AS_HOST = re.compile(r"h(?:tt|xx)ps?://(?:[^/\s@]*@)?(?:\d{8,10}|0x[0-9a-f]{6,8}|0\d+(?:\.0?\d+){3})(?![\w.])", re.I)


def has_address(text: str) -> bool:
    """Whether the address of a machine is in the text, or a network prefix in digits."""
    return (
        (_V4_HINT.search(text) is not None and any(map(_is_v4, _V4.finditer(text))))
        or (_V6_HINT.search(text) is not None and _has_v6(text))
        or ("0x" in text and _HEXADECIMAL_V4.search(text) is not None)
        or ("://" in text and _NUMBER_AS_HOST.search(text) is not None)
    )


def has_mac(text: str) -> bool:
    """Whether the hardware address of a machine is in the text."""
    return _MAC.search(text) is not None


def _is_v4(found: re.Match[str]) -> bool:
    return not _VERSION.search(found.string[max(0, found.start() - 20) : found.start()])


def _has_v6(text: str) -> bool:
    if _V6_GROUPED.search(text):
        return True
    return any(_is_v6(found[0]) for found in _V6.finditer(text))


def _is_v6(text: str) -> bool:
    if len(text) < 6 or not any(map(str.isdigit, text)):
        return False
    try:
        return ipaddress.IPv6Address(text.partition("%")[0]) is not None
    except ValueError:
        return False
