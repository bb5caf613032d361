"""Logs: one JSON object a line on standard error, with nothing in it about a person.

Logged are the time, what happened, the pattern of the address (never the address itself with its names and query), method, status
and duration. No address of a client, no name from a request, no content.

>>> line(logging.LogRecord("stillwatch.hub", logging.INFO, "", 0, "request", None, None)).keys()
dict_keys(['time', 'level', 'event'])
"""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec

log = logging.getLogger("stillwatch.hub")


def set_up(level: str) -> None:
    """Send the hub's log to standard error, from this level on (``debug``, ``info``, ``warning``, ``error``)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(level.upper())


def line(record: logging.LogRecord) -> dict[str, Any]:
    """What is written of a record."""
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    made: dict[str, Any] = {"time": time, "level": record.levelname.lower(), "event": record.getMessage()}
    made |= getattr(record, "facts", {})
    if record.exc_info and record.exc_info[0]:
        made["trace"] = traceback.format_tb(record.exc_info[2])
        made["error"] = record.exc_info[0].__name__
    return made


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return msgspec.json.encode(line(record)).decode()
