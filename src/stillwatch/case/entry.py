"""What people enter, made fit to be kept: never empty, never without bounds, nothing that a database cannot hold.

>>> text_of("looked\\x00 at", "comment")
'looked<U+0000> at'
"""

from datetime import UTC, datetime

from stillwatch.errors import UsageError

LONGEST_LINE = 300
LONGEST_TEXT = 20_000


def line_of(text: str, what: str) -> str:
    """One line: a title, a name. Raises UsageError if it is empty or too long."""
    return _fit(" ".join(text.split()), what, LONGEST_LINE)


def text_of(text: str, what: str) -> str:
    """Some lines: a comment, a reason. Raises UsageError if they are empty or too long."""
    return _fit(text.strip(), what, LONGEST_TEXT)


def storable(text: str) -> str:
    """The text with what no database holds (a zero, an unpaired surrogate) told by its code point."""
    return "".join(f"<U+{ord(c):04X}>" if c == "\x00" or "\ud800" <= c <= "\udfff" else c for c in text)


def moment(now: datetime) -> str:
    """A time with its zone as the store keeps it: ISO 8601 in UTC with microseconds. Raises UsageError without a zone."""
    if now.tzinfo is None:
        raise UsageError("the time has no zone", place="now", cure="give the time in UTC")
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _fit(text: str, what: str, longest: int) -> str:
    if not text:
        raise UsageError(f"the {what} is empty", place=what, cure=f"give the {what}")
    if len(text) > longest:
        raise UsageError(f"the {what} has {len(text):,} characters", place=what, cure=f"keep it within {longest:,}")
    return storable(text)
