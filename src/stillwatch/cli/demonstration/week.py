"""The week that the demonstration simulates: the last one, because what is told of older traffic has faded."""

from datetime import UTC, date, datetime, timedelta


def first_day() -> date:
    """Its first day, UTC; the week is over by now."""
    return datetime.now(UTC).date() - timedelta(days=8)
