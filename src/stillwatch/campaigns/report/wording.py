"""Numbers, times and bits as a person reads them.

Rules: numbers are exact below 100,000 and rounded to three digits above; times are UTC and say so; a sign is always
shown on bits, with a true minus. Times that are not ISO 8601 are shown as they stand.

>>> many(1, "account"), many(1_234_567, "request"), bits(-2.04)
('1 account', '1.23 million requests', '−2.0')
"""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SCALES = ((10**12, " trillion"), (10**9, " billion"), (10**6, " million"))


def number(value: int) -> str:
    """A count: with commas below a million, as *1.23 million* above."""
    for size, name in _SCALES:
        if value >= size:
            return f"{value / size:.3g}{name}" if value < 1000 * size else f"{value // size:,}{name}"
    return f"{value:,}"


def many(value: int, noun: str) -> str:
    """A count with its noun, which forms its plural with s."""
    return f"{number(value)} {noun}" if value == 1 else f"{number(value)} {noun}s"


def bits(value: float) -> str:
    """Bits with one decimal and their sign."""
    rounded = round(value, 1)
    return f"{'−' if rounded < 0 else '+' if rounded > 0 else '±'}{abs(rounded):,.1f}"


def odds(value: float) -> str:
    """What a sum of bits means: how much more often hostile traffic looks like this than innocent traffic does."""
    factor = 2.0 ** min(abs(value), 60.0)
    if factor < 1.5:
        return "about as often in innocent as in hostile traffic"
    size = "more than a million" if factor > 1e6 else f"about {float(f'{factor:.1g}'):,.0f}"
    return f"{size} times {'more' if value > 0 else 'less'} often in hostile than in innocent traffic"


def share(value: float) -> str:
    """A share in [0, 1] as a percentage; a trace is not called nothing, nor nearly all called all."""
    if 0 < value < 0.01:
        return "< 1 %"
    return "> 99 %" if 0.99 < value < 1 else f"{value * 100:.0f} %"


def q_value(value: float) -> str:
    """A q-value with two significant digits, without an exponent down to one in ten thousand."""
    return "< 0.0001" if 0 < value < 1e-4 else f"{value:.2g}"


def false_discoveries(fdr: float) -> str:
    """The declared false discovery rate as a sentence."""
    if fdr <= 0:
        return "No share of innocent campaigns was declared."
    part = Fraction(fdr).limit_denominator(1000)
    low, high = (part.numerator, part.denominator) if part else (1, 1000)
    return f"Of the campaigns reported, at most {low} in {high:,} {'is' if low == 1 else 'are'} expected to be innocent."


def read_time(text: str) -> datetime | None:
    """An ISO 8601 time in UTC (one without zone is read as UTC); None if it is no such time."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def day(time: datetime) -> str:
    """A day for people: *9 Mar 2026*."""
    return f"{time.day} {_MONTHS[time.month - 1]} {time.year}"


def moment(text: str) -> str:
    """An ISO 8601 time for people: *9 Mar 2026, 14:05 UTC*."""
    time = read_time(text)
    return (text or "not known") if time is None else f"{day(time)}, {time:%H:%M} UTC"


def span(width: timedelta) -> str:
    """A width of time in its largest whole unit: *hour*, *6 hours*, *day*."""
    seconds = round(width.total_seconds())
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return name if seconds == size else f"{seconds // size} {name}s"
    return f"{seconds} seconds"
