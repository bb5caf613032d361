"""Small populations with a planted effect or its look-alike, for the tests of signals. All values are synthetic."""

import numpy as np

from stillwatch.signals.population import Attribute, Floats, Group, Ints, Population, Work

PEOPLE, POOL = 300, 40
MEMBERS: Ints = np.arange(PEOPLE, PEOPLE + POOL)


def work(rng: np.random.Generator, accounts: Ints, *, topics: str = "own", texts: str = "own", hours: str = "human") -> Work:
    """Twenty requests an account: ``topics`` *own* or *dealt* (by chance), ``texts`` *own* or *same*, ``hours`` *human* or *together*."""
    rows = np.repeat(accounts, 20)
    centre = rng.normal(0, 20, (PEOPLE + POOL, 64))
    owner = rng.integers(0, PEOPLE + POOL, len(rows)) if topics == "dealt" else rows
    topic = np.clip(centre[owner] + rng.normal(0, 25, (len(rows), 64)), -127, 127).astype(np.int8)
    text = np.arange(len(rows)) % 20 if texts == "same" else rng.permutation(10**6)[: len(rows)]
    wake = rng.integers(6, 14, PEOPLE + POOL)[rows]
    hour = rng.integers(0, 7, len(rows)) * 24 + wake + rng.integers(0, 9, len(rows))
    if hours == "together":
        running = np.array([*range(20, 45), *range(70, 95), *range(130, 150)])
        hour = rng.choice(running, len(rows))
    return Work(rows, hour, text.astype(np.uint64), topic, np.ones(len(rows), bool))


def population(rng: np.random.Generator, *, member_requests: Floats | None = None, **codes: Ints) -> Population:
    """PEOPLE ordinary accounts and POOL members; ``codes`` are attributes by name; reference is the ordinary accounts' work."""
    requests = np.ceil(rng.lognormal(3, 1.3, PEOPLE + POOL))
    if member_requests is not None:
        requests[MEMBERS] = member_requests
    suspects = np.zeros(PEOPLE + POOL, bool)
    suspects[MEMBERS] = True
    attributes = {name: Attribute(name, name.replace("_", " "), values) for name, values in codes.items()}
    reference = work(rng, np.arange(100))
    return Population({"requests": requests}, attributes, np.arange(PEOPLE + POOL), suspects, reference, 168.0)


def group(of: Work | None = None, share: float = 1.0) -> Group:
    """The members as a group with this work."""
    return Group(MEMBERS, of if of is not None else Work.empty(), np.full(POOL, share), 0)
