"""The feed of changes of a hub of ours: what came, was taken back or removed, and notices to the member, in one order.

TAXII has no word for what is gone and none for a receipt; a hub says both beside its API roots. Any other server has no such feed.
"""

from collections.abc import Generator
from typing import Any

import msgspec

from stillwatch.sharing.exchange.connection import JSON, Connection
from stillwatch.sharing.exchange.failures import NotThere, NotUnderstood, PeerOdd

AT_ONCE = 200
WIDER = "wider"
"""The kind of notice by which a hub says that this member may now see things that lie before it in the feed."""
SILENCE_SECONDS = 45.0
"""After three heartbeats that did not come, a stream is dead."""


class Change(msgspec.Struct, frozen=True):
    """One change; ``object`` is what came, as it came, or what a notice says; empty for a removal."""

    cursor: str
    kind: str
    id: str
    at: str = ""
    collection: str | None = None
    version: str | None = None
    object: msgspec.Raw = msgspec.Raw()

    @property
    def is_object(self) -> bool:
        """Whether it is a version of an object."""
        return self.kind in ("version", "revoked") and bool(bytes(self.object))


class Changes(msgspec.Struct, frozen=True):
    """The next changes, and from where to go on."""

    cursor: str
    changes: tuple[Change, ...]


def next_changes(connection: Connection, beside: str, cursor: str | None) -> Changes:
    """The changes after ``cursor``, AT_ONCE at most. Raises what the connection raises."""
    query = {"limit": str(AT_ONCE)} | ({"after": cursor} if cursor else {})
    return connection.get(f"{beside}changes/", query, accept=JSON).read(Changes)


def first_changes(connection: Connection, beside: str, cursor: str | None) -> Changes | None:
    """As ``next_changes``, from the beginning if the hub does not know the place any more; None if there is no such feed, and
    never was. Raises PeerSilent, NotLetIn.
    """
    try:
        return next_changes(connection, beside, cursor)
    except NotUnderstood:
        return next_changes(connection, beside, None) if cursor else None
    except (NotThere, PeerOdd):
        if cursor:
            raise
        return None


def confirm(connection: Connection, beside: str, cursor: str) -> None:
    """Give a receipt for everything up to ``cursor``. Raises what the connection raises."""
    connection.post(f"{beside}changes/receipts/", msgspec.json.encode({"cursor": cursor}), kind=JSON, accept=JSON)


def answer_appeal(connection: Connection, beside: str, appeal: str, what: str) -> None:
    """Say what was done about a case. Raises NotThere if the member was told of no such case, and what the connection raises."""
    connection.post(f"{beside}appeals/{appeal}/answers/", msgspec.json.encode({"what": what}), kind=JSON, accept=JSON)


def bell(connection: Connection, beside: str, cursor: str | None, seconds: float = SILENCE_SECONDS) -> Generator[bool]:
    """Rings (true) when there is a change after ``cursor``; says false whenever the server shows that it is still there.

    Ends when the server ends the stream. Raises PeerSilent if it says nothing for ``seconds``, and as ``Connection.lines``.
    """
    query = {"limit": "1"} | ({"after": cursor} if cursor else {})
    with connection.lines(f"{beside}changes/", "text/event-stream", seconds, query) as lines:
        for line in lines:
            yield line.startswith("data:")


def told(change: Change) -> dict[str, Any]:
    """What a notice says. Raises PeerOdd if it is no JSON object."""
    try:
        return msgspec.json.decode(change.object, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise PeerOdd("a notice of the hub cannot be read", place=change.id, cure="ask its operator") from error
