"""Warning lists: addresses that many innocent people share (clouds, VPNs, relays, universities, carrier NAT).

A file of prefixes, one a line (``#`` begins a remark), or a warning list of MISP (JSON with a ``list``).

>>> parse_warning_list("192.0.2.0/24  # synthetic relay\\n\\n2001:db8::/32")
['192.0.2.0/24', '2001:db8::/32']
"""

import ipaddress
from pathlib import Path

import msgspec

from stillwatch.errors import UsageError


class _Misp(msgspec.Struct):
    list: list[str]


def parse_warning_list(text: str, place: str = "warning list") -> list[str]:
    """The prefixes in a text. Raises UsageError with the line of what is no prefix."""
    if text.lstrip().startswith("{"):
        try:
            lines = msgspec.json.decode(text, type=_Misp).list
        except msgspec.MsgspecError as error:
            raise UsageError(f"is no warning list: {error}", place=place, cure="it needs a `list` of prefixes") from error
    else:
        lines = text.splitlines()
    found = []
    for number, line in enumerate(lines, start=1):
        if prefix := line.partition("#")[0].strip():
            found.append(_checked(prefix, f"{place}:{number}"))
    return found


def load_warning_list(path: Path) -> list[str]:
    """The prefixes in a file. Raises UsageError."""
    try:
        return parse_warning_list(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", place=str(path), cure="name a file of prefixes") from error


def _checked(prefix: str, place: str) -> str:
    try:
        ipaddress.ip_network(prefix, strict=False)
    except ValueError as error:
        raise UsageError(f"no prefix: {prefix[:60]!r}", place=place, cure="write it like 192.0.2.0/24") from error
    return prefix
