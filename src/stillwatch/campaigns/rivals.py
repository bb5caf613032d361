"""Rival explanations: what innocent thing the group might be, weighed in bits for it and against a campaign.

Every candidate is asked about all of them, and the answers are reported with the campaign also when they lose. A rival
with more than 0 bits explains the group, and it is not reported.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from stillwatch.campaigns.campaign import Alternative
from stillwatch.campaigns.census import Census
from stillwatch.campaigns.weighing import Weighed
from stillwatch.signals.population import Group

Readings = Mapping[str, float]
_ONE_HAND = ("near-equal volumes", "exchangeable work", "exchangeable hours", "synchronous activity")
"""What independent users cannot have in common, however alike their tool makes them."""


_OPEN_PAYER = 6.0
"""Bits for one open payer, which weighs up some likeness of the accounts but not a queue behind them."""


def _one_hand(readings: Readings) -> float:
    return sum(readings.get(name, 0.0) for name in _ONE_HAND)


def rivals(group: Group, census: Census, weighed: Sequence[Weighed]) -> list[Alternative]:
    """All rival explanations, the best first."""
    readings = {item.signal.name: item.reading.bits for item in weighed}
    found = [_rounded(rival(group, census, readings)) for rival in _RIVALS]
    return sorted(found, key=lambda rival: -rival.bits)


def _rounded(rival: Alternative) -> Alternative:
    return Alternative(rival.hypothesis, round(float(rival.bits), 2), rival.statement)


def _authorised(group: Group, census: Census, readings: Readings) -> Alternative:
    share = float(census.authorised[group.members].mean())
    bits = 40.0 if share >= 0.5 else -2.0
    return Alternative("authorised distillation", bits, f"{share:.0%} of the accounts have a contract for bulk use.")


def _one_organisation(group: Group, census: Census, readings: Readings) -> Alternative:
    units = census.units[group.members]
    largest = np.bincount(np.unique(units, return_inverse=True)[1]).max() / len(units)
    bits = 20.0 if largest >= 0.5 else -12 * (1 - largest)
    statement = f"{largest:.0%} of the accounts openly belong to one organisation, which hides nothing by using several."
    return Alternative("one organisation, openly", float(bits), statement)


def _one_payer(group: Group, census: Census, readings: Readings) -> Alternative:
    payments = census.attributes.get("payment_fingerprint")
    codes = payments.codes[group.members] if payments else np.full(len(group), -1)
    largest = np.bincount(codes[codes >= 0], minlength=1).max() / len(group)
    bits = (_OPEN_PAYER if largest >= 0.8 else -_OPEN_PAYER) - _one_hand(readings)
    return Alternative(
        "vendor platform or customer that pays for all, openly",
        float(bits),
        f"{largest:.0%} of the accounts are paid for by one instrument, which by itself hides nothing.",
    )


_EXERCISE = "evaluation harness or common exercise"


def _same_questions(group: Group, census: Census, readings: Readings) -> Alternative:
    bits = -readings.get("disjoint work", 0.0) - 3
    if "disjoint work" not in readings:
        return Alternative(_EXERCISE, bits, "Whether the accounts work through the same texts, each for itself, cannot be told.")
    return Alternative(
        _EXERCISE,
        bits,
        "The accounts send the same texts as each other, as users of one benchmark or exercise do."
        if bits > 0
        else "The accounts do not repeat each other's texts, as users of one benchmark or exercise would.",
    )


_OWN_PURSE = ("shared payment instrument", "shared device", "shared e-mail pattern")
_ONE_PLACE = 0.2
_COURSE = 8.0
"""Bits for a course, which weigh up that the work was dealt out, as a teacher may, but not a shared purse."""


def _course(group: Group, census: Census, readings: Readings) -> Alternative:
    """A class or workshop: opened together, in one place, in sittings of each one's own, each with an own purse and device."""
    addresses = census.attributes.get("ip")
    codes = addresses.codes[group.members] if addresses else np.full(len(group), -1)
    place = np.bincount(codes[codes >= 0], minlength=1).max() / len(group)
    together = readings.get("sign-up burst", 0.0) > 0 and place >= _ONE_PLACE
    each = readings.get("exchangeable hours", 0.0) < 0 and all(readings.get(name, 0.0) <= 1 for name in _OWN_PURSE)
    bits = (_COURSE if together and each else -_COURSE) - max(0.0, readings.get("exchangeable work", 0.0))
    return Alternative(
        "class, course or workshop",
        bits,
        "The accounts were opened together and come from one place, each with means and sittings of its own, as in a class."
        if together and each
        else "The accounts were not opened together in one place, or lack the means and sittings of their own that a class has.",
    )


def _popular_app(group: Group, census: Census, readings: Readings) -> Alternative:
    own_ways = -_one_hand(readings)
    return Alternative(
        "app, agent or vendor platform with independent users",
        own_ways,
        "Volumes, topics and rhythm are each account's own, as with unrelated users of one app."
        if own_ways > 0
        else "Volumes, topics and rhythm are too alike for unrelated users of one app.",
    )


def _conversation(group: Group, census: Census, readings: Readings) -> Alternative:
    follow_up = census.measures.get("follow_up", np.full(len(census), np.nan))[group.members]
    with_tools = census.measures.get("with_tools", np.zeros(len(census)))[group.members]
    share = float(np.nan_to_num(np.nanmean(np.append(follow_up, 0))))
    bits = 10 * (share - 0.7) - max(0.0, _one_hand(readings))
    return Alternative(
        "coding agent or assistant at work",
        float(bits),
        f"{share:.0%} of requests carry on a conversation, {float(np.nanmean(np.append(with_tools, 0))):.0%} offer tools.",
    )


_RIVALS: tuple[Callable[[Group, Census, Readings], Alternative], ...] = (
    _authorised,
    _one_organisation,
    _one_payer,
    _same_questions,
    _course,
    _popular_app,
    _conversation,
)
