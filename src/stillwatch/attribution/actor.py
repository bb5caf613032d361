"""An actor's profile: a network first. It has a working name, its campaigns, and only then, perhaps, an organisation.

Rules: the working name is ours and means nothing (never a place, a people, a company). An organisation is on the profile only
while a naming by two people stands. A profile keeps its id while its network grows, and remembers the ids of networks that merged
into it.

>>> Actor(id="network--6f7c3f0e-8f5c-5d0e-9d0b-6a3c1f6f6c11", name="Slate Heron", campaigns=["campaign--1"]).organisation is None
True
"""

import hashlib

import msgspec

from stillwatch.attribution.item import Item
from stillwatch.attribution.linking import Network
from stillwatch.attribution.naming import Naming

_FIRST = (
    "Amber", "Brass", "Chalk", "Copper", "Flint", "Granite", "Indigo", "Linen",
    "Mossy", "Ochre", "Pewter", "Quartz", "Russet", "Slate", "Umber", "Velvet",
)  # fmt: skip
_SECOND = (
    "Badger", "Crane", "Dormouse", "Finch", "Gannet", "Heron", "Ibis", "Kestrel",
    "Lapwing", "Marten", "Newt", "Otter", "Plover", "Shrew", "Tern", "Wren",
)  # fmt: skip


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """A profile; ``formerly`` are ids of networks that turned out to be this one."""

    id: str
    name: str
    campaigns: list[str]
    providers: list[str] = []
    first_seen: str = ""
    last_seen: str = ""
    weakest_link: float | None = None
    links: list[str] = []
    namings: list[Naming] = []
    formerly: list[str] = []

    @property
    def organisation(self) -> Naming | None:
        """The naming that stands, the latest if there are several; None if nobody is named."""
        return next((naming for naming in reversed(self.namings) if naming.stands), None)


def working_name(actor_id: str) -> str:
    """A name that is easy to say and means nothing, the same for the same id.

    >>> working_name("network--1") == working_name("network--1")
    True
    """
    digest = hashlib.sha256(actor_id.encode()).digest()
    return f"{_FIRST[digest[0] % len(_FIRST)]} {_SECOND[digest[1] % len(_SECOND)]} {digest[2]}"


def item_of(actor: Actor) -> Item:
    """What a network's links say: that this is the same hand as behind its other campaigns, as far as its weakest link holds."""
    statement = f"It shares rare things with {len(actor.campaigns) - 1} other campaigns of the network {actor.name}."
    weakest = actor.weakest_link or 0.0
    because = "The weakest link holds the network together; what the campaigns share and how rare it is stands in the profile."
    return Item(f"link:{actor.id[-12:]}", statement, actor.id, "B2", f"link:{actor.id[-12:]}", {actor.id: weakest}, because)


def profile(network: Network, known: list[Actor]) -> Actor:
    """The profile of a network, carried on from the known profiles that share a campaign with it; the oldest keeps its id."""
    mine = sorted((a for a in known if set(a.campaigns) & set(network.campaigns)), key=lambda a: (a.first_seen, a.id))
    keeps = mine[0] if mine else None
    return Actor(
        id=keeps.id if keeps else network.id,
        name=keeps.name if keeps else working_name(network.id),
        campaigns=network.campaigns,
        providers=network.providers,
        first_seen=network.first_seen,
        last_seen=network.last_seen,
        weakest_link=network.weakest,
        links=[link.statement for link in network.links],
        namings=[naming for actor in mine for naming in actor.namings],
        formerly=sorted({each for actor in mine for each in (actor.id, *actor.formerly)} - {keeps.id if keeps else ""}),
    )
