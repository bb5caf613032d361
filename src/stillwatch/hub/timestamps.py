"""Times: read as RFC 3339, written as TAXII does, to the microsecond, in UTC; inside, whole microseconds since 1970.

A STIX version may be finer than a microsecond; its key keeps all digits, so that versions sort as they are and equal ones compare
equal however many zeros they end in.

>>> written(read("2026-01-01T00:00:00.5Z"))
'2026-01-01T00:00:00.500000Z'
>>> version_key("2026-01-01T00:00:00.50Z") == version_key("2026-01-01T00:00:00.5Z")
True
"""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,18}))?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def microseconds(moment: datetime) -> int:
    """Whole microseconds from 1970 to a time with its zone."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The time, in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def written(microseconds: int) -> str:
    """As TAXII writes it."""
    return moment(microseconds).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def read(text: str) -> int:
    """Microseconds since 1970; finer digits are cut off. Raises ValueError if it is no RFC 3339 time with a zone."""
    return microseconds(_parsed(text)[0])


def version_key(text: str) -> str:
    """A text that sorts as the times do and is the same for the same time. Raises ValueError if it is no RFC 3339 time."""
    whole, fraction = _parsed(text)
    return f"{whole:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + "." + fraction.rstrip("0").ljust(9, "0")


def _parsed(text: str) -> tuple[datetime, str]:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no time as RFC 3339 writes it, such as 2026-01-31T12:00:00.000Z")
    day, time, fraction, zone = found[1], found[2], found[3] or "", found[4]
    try:
        local = datetime.fromisoformat(f"{day}T{time}.{fraction[:6].ljust(6, '0')}{zone.upper().replace('Z', '+00:00')}")
        return local.astimezone(UTC), fraction
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:40]!r} is no time that exists") from error
