"""Exchangeable hours: under a dispatcher it is chance which account sends at which hour, so no account has sittings of its own.

*Why it separates.* People, and programs that people start, come in sittings: two requests of one account fall into one hour far
more often than requests of two accounts do. A dispatcher that always has work deals the hours out with it, however unevenly
it uses its accounts. *When it misleads.* Products with users of their own have no sittings either, but then the day of these
users shows in the whole: where the group is quiet for a third of the day, half as much is said. A pool that keeps human hours has
sittings, so that finding some says little. Where all of a group keep the same few hours (a deadline, a nightly slot), chance leaves
no room to tell that there are none.

Statistic: the share of pairs of requests of one account that fall into one hour, mean over accounts, beyond that of permuted
account labels, relative to the same of ordinary accounts. One standard error (of the permutations) is added, so that few requests
prove nothing. Only requests that open conversations count where there are enough, and a text once an hour: several answers to it
are one piece of work.
"""

from functools import lru_cache

import numpy as np

from stillwatch.signals.likelihood import bits_between
from stillwatch.signals.population import Group, Ints, Population, Reading, Signal, Silence, Work

_FEWEST = 5
_FEWEST_ACCOUNTS = 8
_PERMUTATIONS = 8
_ROOM, _NO_ROOM = 0.08, 0.25
"""The share of ordinary accounts' own excess that chance may reach where there are no sittings, and where there are."""
_QUIET = 0.2
"""A group that sends less than this share of its requests in the quietest third of the day keeps the hours of people."""
_LEAST = 0.03
_HOSTILE, _INNOCENT = (-4.5, 1.0), (-1.0, 1.0)
"""Assumed log2 of the ratio: what a dispatcher leaves of people's sittings, and what a tool's users have of them."""
_CAP, _CAP_BY_DAY, _FLOOR = 3.3, 1.6, -0.7
"""Two pools in five have a dispatcher at work around the clock, and one honest crowd in twenty-five; so absence speaks little."""


_NO_HOURS = Silence("all of the accounts keep the same few hours, or other accounts have none of their own either")


def weigh(group: Group, population: Population, rng: np.random.Generator) -> Reading | Silence:
    """Bits for one hand from how little of people's sittings the members have."""
    own, usual = _sittings(group.work, rng), _usual(population.reference)
    if own is None or usual is None:
        return Silence("too few accounts with enough requests to see whether they have hours of their own")
    (excess, error, chance), expected = own, usual[0]
    if expected < 4 * usual[1]:
        return _NO_HOURS
    cap = _CAP if quietest_third(group.work.hour) >= _QUIET else _CAP_BY_DAY
    ratio = max(excess + error, _LEAST * expected) / expected
    bits = bits_between(float(np.log2(ratio)), hostile=_HOSTILE, innocent=_INNOCENT, cap=cap, floor=_FLOOR)
    if chance > (_ROOM if bits > 0 else _NO_ROOM) * expected:
        return _NO_HOURS
    statement = (
        f"Which account sent at which hour looks like {'chance' if bits > 0 else 'choice'}: beyond chance, requests of one account "
        f"fall into one hour {max(excess, 0) / expected:.0%} as often as those of one ordinary account do."
    )
    return Reading(bits, statement, len(np.unique(group.work.account)), len(group.work))


@lru_cache(maxsize=2)
def _usual(reference: Work) -> tuple[float, float, float] | None:
    """The reference's sittings, once for all groups that are compared with them."""
    return _sittings(reference, np.random.default_rng(0))


def _sittings(work: Work, rng: np.random.Generator) -> tuple[float, float, float] | None:
    """How often two requests of an account share an hour beyond chance, its standard error, and how often they do by chance."""
    for rows in (_once(work.rows(work.opens)), _once(work)):
        label, counts = np.unique(rows.account, return_inverse=True, return_counts=True)[1:]
        if (counts >= _FEWEST).sum() >= _FEWEST_ACCOUNTS:
            break
    else:
        return None
    hour = rows.hour - rows.hour.min()
    shuffled = [shared_hours(rng.permutation(label), hour) for _ in range(_PERMUTATIONS)]
    chance = float(np.mean(shuffled))
    return shared_hours(label, hour) - chance, float(np.std(shuffled)) + 1e-6, chance


def _once(work: Work) -> Work:
    """Each text of an account once per hour."""
    keys = np.stack([work.account.astype(np.uint64), work.hour.astype(np.uint64), work.text])
    return work.rows(np.unique(keys, axis=1, return_index=True)[1])


def quietest_third(hour: Ints) -> float:
    """The share of requests in the eight hours of the day, in a row, that hold the fewest, in [0, 1/3]; ``hour`` since 1970.

    >>> quietest_third(np.arange(48)), quietest_third(np.array([9, 10, 33, 34]))
    (0.3333333333333333, 0.0)
    """
    day = np.bincount(hour % 24, minlength=24)
    eight = np.convolve(np.concatenate([day, day[:7]]), np.ones(8), "valid")
    return float(eight.min() / day.sum())


def shared_hours(account: Ints, hour: Ints) -> float:
    """The share of pairs of requests of one ``account`` that fall into one ``hour``, mean over accounts with enough, in [0, 1].

    >>> shared_hours(np.zeros(5, np.int64), np.array([1, 1, 1, 2, 3]))
    0.3
    """
    counts = np.bincount(account)
    place, together = np.unique(account * (int(hour.max()) + 1) + hour, return_counts=True)
    same = np.bincount(place // (int(hour.max()) + 1), together * (together - 1), len(counts))
    enough = counts >= _FEWEST
    return float(np.mean(same[enough] / (counts[enough] * (counts[enough] - 1))))


SIGNAL = Signal("exchangeable hours", "coordination", "rhythm", weigh)
