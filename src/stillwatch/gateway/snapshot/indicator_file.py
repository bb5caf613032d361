"""Indicators as JSON Lines, one a line: how received and own indicators come into a snapshot.

>>> parse_indicators('{"kind": "prefix", "value": "192.0.2.0/24", "origin": "received", "confidence": 70}')[0].confidence
70
"""

import ipaddress
import re
from pathlib import Path

import msgspec

from stillwatch.errors import UsageError
from stillwatch.gateway.evidence import BY_ADDRESS, Indicator

_SCAFFOLD = re.compile(r"swf1:[0-9a-f]{16}(\.[0-9a-f]{16}){0,63}")
_CURE = "see docs/gateway.md for the fields of an indicator"


def parse_indicators(text: str, place: str = "indicators") -> list[Indicator]:
    """The indicators in a text. Raises UsageError with the line of what is none."""
    decode = msgspec.json.Decoder(Indicator).decode
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(checked(decode(line)))
            except (msgspec.MsgspecError, ValueError) as error:
                raise UsageError(f"no indicator: {error}", place=f"{place}:{number}", cure=_CURE) from error
    return found


def load_indicators(path: Path) -> list[Indicator]:
    """The indicators in a file. Raises UsageError."""
    try:
        return parse_indicators(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", place=str(path), cure="name a file of JSON Lines") from error


def checked(indicator: Indicator) -> Indicator:
    """The indicator, if its value is of its kind. Raises ValueError with what is wrong."""
    if not 0 <= indicator.confidence <= 100:
        raise ValueError(f"confidence is {indicator.confidence}, not 0 to 100")
    if not 0 <= indicator.valid_until < 1 << 32:
        raise ValueError("valid_until is no time in seconds since 1970")
    if not indicator.value or "\n" in indicator.name:
        raise ValueError("an empty value, or an id of several lines")
    if indicator.kind in BY_ADDRESS:
        ipaddress.ip_network(indicator.value, strict=False)
    if indicator.kind == "scaffold" and not _SCAFFOLD.fullmatch(indicator.value):
        raise ValueError(f"no scaffold fingerprint of version 1: {indicator.value[:40]!r}")
    return indicator


def samples_of(fingerprint: str) -> list[int]:
    """The samples of a scaffold fingerprint ``swf1:…``."""
    return sorted({int(sample, 16) for sample in fingerprint.partition(":")[2].split(".")})
