"""A member on each side of an exchange: one with a release to send, one with a feed to fill."""

from datetime import datetime
from pathlib import Path

from stillwatch.sharing.exchange.bookmark import BookmarkFile
from stillwatch.sharing.exchange.connection import Connection
from stillwatch.sharing.exchange.parcel import Parcel, read_parcel
from stillwatch.sharing.exchange.place import locate
from stillwatch.sharing.exchange.pull import Came, pull
from stillwatch.sharing.exchange.push import Progress, Sender
from stillwatch.sharing.exchange.receiver import Receiver
from stillwatch.sharing.feed.arrival import Border
from stillwatch.sharing.feed.store import FeedStore
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.release.prepared import prepare
from stillwatch.sharing.release.sealed import seal
from stillwatch.sharing.release.stamp import beside
from stillwatch.sharing.stix.definitions import constants
from stillwatch.sharing.stix.objects import as_json
from tests.sharing.feed.border import ADA, BEN, GUARD, NOW, ring
from tests.sharing.stix.disclosed import disclosure


def now() -> datetime:
    return NOW


def release(folder: Path, *, own_only: bool = False) -> Parcel:
    """A disclosure by ADA, released into a file."""
    sealed = seal(prepare([as_json(thing) for thing in ADA.told(disclosure())], GUARD), ADA.id, ADA.key)
    path = folder / "release.json"
    path.write_bytes(sealed.data)
    beside(path).write_bytes(sealed.stamp)
    return read_parcel(path, ADA.id, ring(ADA), NOW, own_only=own_only)


def pushed(parcel: Parcel, connection: Connection, folder: Path) -> Progress:
    """What becomes of ADA's release at the one collection of a peer."""
    with Ledger.open(folder / "ada.sqlite") as ledger:
        place = locate(connection)
        sender = Sender(ADA.id, ledger, folder / "ada", now, sleep=lambda seconds: None)
        return sender.push(parcel, connection, place, place.writable())


def pulled(connection: Connection, folder: Path, member: str = BEN.id) -> list[Came]:
    """What BEN gets of it, who knows ADA's key."""
    feed = folder / "feed.sqlite"
    with FeedStore.open(feed) as store, Ledger.open(folder / "ben.sqlite") as ledger:
        receiver = Receiver(store, Border(ring(ADA, BEN), GUARD), ledger, member, folder / "ben", "", now)
        place = locate(connection)
        return list(pull(connection, place, receiver, BookmarkFile.of(folder / "ben", place.root, feed)))


def held(folder: Path) -> set[str]:
    """The ids in BEN's feed."""
    with FeedStore.existing(folder / "feed.sqlite") as store:
        return {each.id for each in (*store.facts(), *store.opinions())}


def own(parcel: Parcel) -> set[str]:
    """The ids of a release that are not those of the project."""

    return {name for name, _ in parcel.objects if name not in constants()}
