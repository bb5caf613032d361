"""What signals look at: the whole population, one group of its accounts, and the rows of that group's work.

Accounts are numbers ``0 … N-1``; all arrays over the population have that length. A measure that is not known is NaN,
an attribute that is not known is code -1. Everything here is a value: signals read it and return readings.

>>> group = Group(members=np.array([0, 2]), work=Work.empty())
>>> len(group)
2
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Coverage:
    """Of ``texts`` sampled texts of ``accounts`` accounts the share that comes ``back`` to what another is about, in [0, 1].

    ``usual`` is that share among as many texts of as many other accounts.
    """

    back: float
    usual: float
    texts: int
    accounts: int


@dataclass(frozen=True, eq=False)
class Work:
    """Requests of some accounts, as parallel arrays.

    ``account``: account number; ``hour``: hours since 1970; ``text``: key of the whole text; ``topic``: int8 of shape
    (rows, 64), the signed count sketch of the prompt's runs; ``opens``: whether the request opens a conversation, as far as known.
    """

    account: Ints
    hour: Ints
    text: npt.NDArray[np.uint64]
    topic: npt.NDArray[np.int8]
    opens: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.account)

    def of(self, accounts: Ints) -> "Work":
        """The rows of these accounts only."""
        return self.rows(np.isin(self.account, accounts))

    def rows(self, chosen: npt.NDArray[np.bool_] | Ints) -> "Work":
        """The chosen rows (mask or places)."""
        return Work(self.account[chosen], self.hour[chosen], self.text[chosen], self.topic[chosen], self.opens[chosen])

    @staticmethod
    def empty() -> "Work":
        """No rows at all."""
        none = np.empty(0, np.int64)
        return Work(none, none, np.empty(0, np.uint64), np.empty((0, 64), np.int8), np.empty(0, bool))


@dataclass(frozen=True)
class Attribute:
    """Something that accounts may share: per account a code (-1 unknown). ``word`` names it for people."""

    name: str
    word: str
    codes: Ints


@dataclass(frozen=True)
class Population:
    """All accounts of a scan.

    ``measures``: per name an array of shape (N,), see ``traffic.measures.account_measures``; ``attributes``: what may
    be shared; ``units``: per account the number of the organisation that it openly belongs to, its own if none;
    ``suspects``: accounts that stand in some candidate group, kept out of the reference; ``reference``: the work of a
    random sample of the other accounts; ``window_hours``: length of the scanned window.
    """

    measures: Mapping[str, Floats]
    attributes: Mapping[str, Attribute]
    units: Ints
    suspects: npt.NDArray[np.bool_]
    reference: Work
    window_hours: float

    def __len__(self) -> int:
        return len(self.units)

    def background(self, members: Ints) -> npt.NDArray[np.bool_]:
        """The accounts to compare a group with: all but its members; without other suspects if enough remain."""
        others = np.ones(len(self), bool)
        others[members] = False
        clean = others & ~self.suspects
        return clean if clean.sum() >= max(30, others.sum() // 4) else others


@dataclass(frozen=True)
class Group:
    """Accounts that might be one hand. ``work`` holds their requests (of at most a few hundred members).

    ``scaffold_share``: per member the share of its requests that carry the group's scaffolds, in [0, 1];
    ``outside``: how many accounts outside the group use them as much; ``carried``: measures of the requests with the
    scaffolds alone, of shape (members,), where they are known: a harvest may hide among ordinary requests; ``techniques``:
    by name the share of its requests that show a technique, and of ordinary accounts' requests, in [0, 1]; ``coverage``: how
    often its texts come back to what others of them are about, if that is known.
    """

    members: Ints
    work: Work
    scaffold_share: Floats = field(default_factory=lambda: np.empty(0))
    outside: int = 0
    carried: Mapping[str, Floats] = field(default_factory=dict)
    techniques: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    coverage: Coverage | None = None

    def __len__(self) -> int:
        return len(self.members)

    def measures(self, population: Population) -> dict[str, Floats]:
        """The members' measures, of the requests with the group's scaffolds where that is known."""
        own = {name: values[self.members] for name, values in population.measures.items()}
        return own | {name: np.where(np.isnan(values), own[name], values) for name, values in self.carried.items() if name in own}


@dataclass(frozen=True)
class Reading:
    """What a signal says of a group: ``bits`` (log2 likelihood ratio, one hand or harvest against innocent) and why.

    ``accounts`` and ``requests`` count what the statement rests on.
    """

    bits: float
    statement: str
    accounts: int
    requests: int


@dataclass(frozen=True)
class Silence:
    """Why a signal says nothing."""

    because: str


@dataclass(frozen=True)
class Signal:
    """A signal: ``weigh`` reads a group against its population. ``question`` is *coordination* or *harvest*.

    Signals of one ``family`` look at the same thing from several sides; their sum is capped (see ``campaigns.weighing``).
    """

    name: str
    question: str
    family: str
    weigh: Callable[[Group, Population, np.random.Generator], Reading | Silence]
