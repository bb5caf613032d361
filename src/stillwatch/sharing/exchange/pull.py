"""Pulling: what a peer has and this member has not, taken in piece by piece.

Rules: at a hub of ours the feed of changes is followed over all collections, and receipts are given; anywhere else, or if one
collection is named, its pages are read. The bookmark moves after each piece is in the feed. A hub that says that this member may
see more than before is read from the beginning up to there once more.
"""

from collections.abc import Iterator
from itertools import groupby, takewhile

import msgspec

from stillwatch.sharing.exchange.bookmark import Bookmark, BookmarkFile
from stillwatch.sharing.exchange.changes import WIDER, Change, Changes, confirm, first_changes, next_changes
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.paging import pages
from stillwatch.sharing.exchange.place import Collection, Place
from stillwatch.sharing.exchange.receiver import Notice, Receiver, Removal
from stillwatch.sharing.feed.arrival import Arrival

Came = Arrival | Removal | Notice
"""What came of one piece; it is on the disk."""


def pull(connection: Connection, place: Place, receiver: Receiver, file: BookmarkFile) -> Iterator[Came]:
    """Take in what is new, and say what came. Raises what the connection raises, and OutputNotWritten; what came before stays."""
    bookmark = file.read()
    said = None if place.named else first_changes(connection, place.beside, bookmark.cursor)
    if said is None:
        for collection in place.collections:
            if collection.can_read:
                yield from _paged(connection, place, collection, receiver, file)
    else:
        yield from _followed(connection, place, receiver, file, bookmark, said)


def follows(place: Place, file: BookmarkFile) -> bool:
    """Whether pulling from this place goes by the feed of changes, as far as is known from the last time."""
    return not place.named and file.read().cursor is not None


def _followed(
    connection: Connection, place: Place, receiver: Receiver, file: BookmarkFile, bookmark: Bookmark, said: Changes
) -> Iterator[Came]:
    while True:
        for collection, group in groupby(said.changes, lambda change: change.collection if change.is_object else None):
            taking = _others if collection is None else _objects
            yield from taking(group, place, receiver)
        wider = [change.cursor for change in said.changes if change.kind == WIDER]
        if wider and bookmark.cursor is not None:
            yield from _once_more(connection, place, receiver, wider[-1])
        if said.cursor != bookmark.cursor:
            bookmark = msgspec.structs.replace(bookmark, cursor=said.cursor)
            file.write(bookmark)
        if bookmark.confirmed != said.cursor:
            confirm(connection, place.beside, said.cursor)
            bookmark = msgspec.structs.replace(bookmark, confirmed=said.cursor)
            file.write(bookmark)
        if not said.changes:
            return
        said = next_changes(connection, place.beside, said.cursor)


def _once_more(connection: Connection, place: Place, receiver: Receiver, until: str) -> Iterator[Came]:
    """The objects of the feed before a place, as this member may see them now."""
    said = next_changes(connection, place.beside, None)
    while said.changes:
        before = list(takewhile(lambda change: change.cursor != until, said.changes))
        for _, group in groupby((change for change in before if change.is_object), lambda change: change.collection):
            yield from _objects(group, place, receiver)
        if len(before) < len(said.changes):
            return
        said = next_changes(connection, place.beside, said.cursor)


def _objects(group: Iterator[Change], place: Place, receiver: Receiver) -> Iterator[Came]:
    changes = list(group)
    arrival = receiver.take_objects([change.object for change in changes], _source(place, changes[0].collection))
    if arrival:
        yield arrival


def _others(group: Iterator[Change], place: Place, receiver: Receiver) -> Iterator[Came]:
    for change in group:
        if change.kind == "removed":
            yield receiver.drop(change, _source(place, change.collection))
        elif bytes(change.object):
            yield receiver.keep(change, place.beside)


def _paged(connection: Connection, place: Place, collection: Collection, receiver: Receiver, file: BookmarkFile) -> Iterator[Came]:
    bookmark = file.read()
    for page in pages(connection, place.address(collection), bookmark.reached.get(collection.id)):
        arrival = receiver.take(page.data, _source(place, collection.id))
        bookmark = bookmark.at(collection.id, page.reached)
        file.write(bookmark)
        if arrival:
            yield arrival


def _source(place: Place, collection: str | None) -> str:
    return f"{place.root}collections/{collection}/"
