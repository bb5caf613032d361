"""Coordination signals: each finds its planted effect, is not taken in by the look-alike, and abstains where it must."""

from dataclasses import fields, replace

import numpy as np
import pytest

from stillwatch.signals import (
    disjoint_work,
    equal_volumes,
    exchangeable_hours,
    exchangeable_work,
    rare_scaffold,
    reasoning_replay,
    shared_attribute,
    sign_up_burst,
    synchrony,
)
from stillwatch.signals.population import Ints, Reading, Silence, Work
from tests.signals import worlds


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def bits(reading: Reading | Silence) -> float:
    assert isinstance(reading, Reading), reading
    return reading.bits


def test_equal_volumes(rng: np.random.Generator) -> None:
    dealt = worlds.population(rng, member_requests=np.ceil(rng.lognormal(4, 0.15, worlds.POOL)))
    assert bits(equal_volumes.weigh(worlds.group(), dealt, rng)) > 4
    assert bits(equal_volumes.weigh(worlds.group(), worlds.population(rng), rng)) < 0
    level = worlds.population(rng)
    level.measures["requests"][:] = 30
    assert isinstance(equal_volumes.weigh(worlds.group(), level, rng), Silence)


def test_volumes_are_those_of_the_requests_that_were_dealt(rng: np.random.Generator) -> None:
    """What the members send besides may be as uneven as people's; uneven volumes alone clear nobody."""
    people = worlds.population(rng)
    decoyed = replace(worlds.group(), carried={"carrying": np.full(worlds.POOL, 12.0)})
    assert bits(equal_volumes.weigh(decoyed, people, rng)) > 4
    assert -2.5 <= bits(equal_volumes.weigh(worlds.group(), people, rng)) < 0


def test_exchangeable_hours(rng: np.random.Generator) -> None:
    """Hours dealt out around the clock, however unevenly over the accounts; people sit down for some hours."""
    people = replace(worlds.population(rng), reference=in_sittings(np.arange(100), rng))
    uneven = np.repeat(worlds.MEMBERS, np.ceil(rng.lognormal(3, 1, worlds.POOL)).astype(int))
    dealt = Work(uneven, rng.integers(0, 168, len(uneven)), *blank(len(uneven)))
    assert bits(exchangeable_hours.weigh(worlds.group(dealt), people, rng)) > 2.5
    assert -0.7 <= bits(exchangeable_hours.weigh(worlds.group(in_sittings(worlds.MEMBERS, rng)), people, rng)) < 0


def test_a_scan_of_one_hour_has_no_hours_to_tell_apart(rng: np.random.Generator) -> None:
    def at_once(accounts: Ints) -> Work:
        sent = np.repeat(accounts, 6)
        return Work(sent, np.full(len(sent), 495_000), *blank(len(sent)))

    people = replace(worlds.population(rng), reference=at_once(np.arange(100)))
    assert isinstance(exchangeable_hours.weigh(worlds.group(at_once(worlds.MEMBERS)), people, rng), Silence)


def test_hours_that_all_keep_say_nothing(rng: np.random.Generator) -> None:
    """A nightly slot of two hours, as many honest jobs have: chance alone explains that an account's requests fall together."""
    people = replace(worlds.population(rng), reference=in_sittings(np.arange(100), rng))
    rows = np.repeat(worlds.MEMBERS, 30)
    nightly = Work(rows, 50 + rng.integers(0, 2, len(rows)), *blank(len(rows)))
    assert isinstance(exchangeable_hours.weigh(worlds.group(nightly), people, rng), Silence)
    assert isinstance(exchangeable_hours.weigh(worlds.group(), people, rng), Silence)


def test_hours_of_customers_by_day_say_half_as_much(rng: np.random.Generator) -> None:
    """Firms whose customers write by day: no sittings, but a night that the whole group shares."""
    people = replace(worlds.population(rng), reference=in_sittings(np.arange(100), rng))
    rows = np.repeat(worlds.MEMBERS, 60)
    by_day = Work(rows, rng.integers(0, 7, len(rows)) * 24 + rng.integers(6, 22, len(rows)), *blank(len(rows)))
    assert 0 < bits(exchangeable_hours.weigh(worlds.group(by_day), people, rng)) <= 1.6


def in_sittings(accounts: Ints, rng: np.random.Generator) -> Work:
    """Twenty requests an account in four sittings of about an hour."""
    rows = np.repeat(accounts, 20)
    sittings = rng.integers(0, 168, (accounts.max() + 1, 4))
    hour = sittings[rows, rng.integers(0, 4, len(rows))] + rng.integers(0, 2, len(rows))
    return Work(rows, hour, *blank(len(rows)))


def blank(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texts that never recur, without topics; all open conversations."""
    return np.arange(rows).astype(np.uint64), np.zeros((rows, 64), np.int8), np.ones(rows, bool)


def test_exchangeable_work(rng: np.random.Generator) -> None:
    people = worlds.population(rng)
    dealt = worlds.group(worlds.work(rng, worlds.MEMBERS, topics="dealt"))
    assert bits(exchangeable_work.weigh(dealt, people, rng)) > 2
    assert bits(exchangeable_work.weigh(worlds.group(worlds.work(rng, worlds.MEMBERS)), people, rng)) < -2


def test_conversations_about_what_they_opened_with_do_not_hide_that_the_openings_were_dealt(rng: np.random.Generator) -> None:
    dealt = worlds.work(rng, worlds.MEMBERS, topics="dealt")
    carried_on = replace(worlds.work(rng, worlds.MEMBERS), opens=np.zeros(len(dealt), bool))
    both = [np.concatenate([getattr(dealt, field.name), getattr(carried_on, field.name)]) for field in fields(Work)]
    assert bits(exchangeable_work.weigh(worlds.group(Work(*both)), worlds.population(rng), rng)) > 2
    assert bits(exchangeable_work.weigh(worlds.group(carried_on), worlds.population(rng), rng)) < -2


def test_exchangeable_work_is_silent_where_nobody_has_topics(rng: np.random.Generator) -> None:
    everybody = worlds.work(rng, np.arange(100), topics="dealt")
    base = worlds.population(rng)
    people = replace(base, reference=everybody)
    assert isinstance(exchangeable_work.weigh(worlds.group(worlds.work(rng, worlds.MEMBERS, topics="dealt")), people, rng), Silence)


def test_resemblance_by_hand() -> None:
    """Along one axis: two accounts whose requests agree (inner product 1), one whose requests differ (-1); the median is 1."""
    vectors = np.zeros((6, 64), np.float32)
    vectors[:, 0] = [1, 1, -1, -1, 1, -1]
    assert exchangeable_work._resemblance(vectors, np.array([0, 0, 1, 1, 2, 2]), np.array([2, 2, 2])) == pytest.approx(1.0)


def test_disjoint_work(rng: np.random.Generator) -> None:
    people = worlds.population(rng)
    assert bits(disjoint_work.weigh(worlds.group(worlds.work(rng, worlds.MEMBERS)), people, rng)) == 1.5
    assert bits(disjoint_work.weigh(worlds.group(worlds.work(rng, worlds.MEMBERS, texts="same")), people, rng)) == -12
    assert isinstance(disjoint_work.weigh(worlds.group(), people, rng), Silence)


def test_answers_drawn_over_several_accounts_at_once_are_no_benchmark(rng: np.random.Generator) -> None:
    """Every text goes to four of the forty accounts: in one hour from a queue, at any time of the week by chance."""
    people, rows = worlds.population(rng), np.arange(800)
    account = np.concatenate([rng.permutation(worlds.MEMBERS)[:4] for _ in range(200)])
    base = worlds.work(rng, worlds.MEMBERS)
    dealt = Work(account, rows // 5, (rows // 4).astype(np.uint64), base.topic, base.opens)
    assert isinstance(disjoint_work.weigh(worlds.group(dealt), people, rng), Silence)
    assert bits(disjoint_work.weigh(worlds.group(replace(dealt, hour=rng.permutation(dealt.hour))), people, rng)) == -12
    everybody = replace(dealt, account=worlds.MEMBERS[rows % 40], text=(rows // 40).astype(np.uint64))
    assert bits(disjoint_work.weigh(worlds.group(everybody), people, rng)) == -12


def test_synchrony(rng: np.random.Generator) -> None:
    people = worlds.population(rng)
    together = worlds.group(worlds.work(rng, worlds.MEMBERS, hours="together"))
    assert bits(synchrony.weigh(together, people, rng)) > 2
    assert -1 <= bits(synchrony.weigh(worlds.group(worlds.work(rng, worlds.MEMBERS)), people, rng)) < 1


def test_a_common_time_of_day_is_no_synchrony(rng: np.random.Generator) -> None:
    rows = np.repeat(worlds.MEMBERS, 20)
    same_hours = rng.integers(0, 7, len(rows)) * 24 + 9 + rng.integers(0, 3, len(rows))
    base = worlds.work(rng, worlds.MEMBERS)
    office = worlds.Work(rows, same_hours, base.text, base.topic, base.opens)
    assert bits(synchrony.weigh(worlds.group(office), worlds.population(rng), rng)) < 1


def test_shared_payment_counts_by_rarity(rng: np.random.Generator) -> None:
    own = np.arange(worlds.PEOPLE + worlds.POOL)
    one_card = own.copy()
    one_card[worlds.MEMBERS] = 9999
    shared = worlds.population(rng, payment_fingerprint=one_card)
    assert (
        bits(shared_attribute.weigh("payment_fingerprint", worlds.group(), shared, rng))
        == shared_attribute.CAPS["payment_fingerprint"]
    )
    alone = worlds.population(rng, payment_fingerprint=own)
    assert bits(shared_attribute.weigh("payment_fingerprint", worlds.group(), alone, rng)) == pytest.approx(0, abs=0.5)
    popular = worlds.population(rng, user_agent=np.zeros(worlds.PEOPLE + worlds.POOL, np.int64))
    assert bits(shared_attribute.weigh("user_agent", worlds.group(), popular, rng)) == pytest.approx(0, abs=0.1)
    assert isinstance(shared_attribute.weigh("device_id", worlds.group(), alone, rng), Silence)


def test_two_members_who_share_a_device_do_not_speak_for_the_others(rng: np.random.Generator) -> None:
    devices = np.arange(worlds.PEOPLE + worlds.POOL)
    devices[worlds.MEMBERS[:2]] = 9999
    pair = bits(shared_attribute.weigh("device_id", worlds.group(), worlds.population(rng, device_id=devices), rng))
    devices[worlds.MEMBERS] = np.arange(worlds.POOL) // 2
    pairs = bits(shared_attribute.weigh("device_id", worlds.group(), worlds.population(rng, device_id=devices), rng))
    assert pair < 0.5 < 4 < pairs


def test_agreement_is_simpsons_index() -> None:
    assert shared_attribute.agreement(np.array([0, 0, 1, 1])) == pytest.approx(2 * 2 / (4 * 3))


def test_sign_up_burst(rng: np.random.Generator) -> None:
    people = worlds.population(rng)
    opened = rng.uniform(0, 700 * 86400, worlds.PEOPLE + worlds.POOL)
    assert bits(sign_up_burst.weigh(worlds.group(), replace(people, measures={**people.measures, "created_at": opened}), rng)) < 0
    burst = opened.copy()
    burst[worlds.MEMBERS] = 3e7 + rng.uniform(0, 86400, worlds.POOL)
    assert bits(sign_up_burst.weigh(worlds.group(), replace(people, measures={**people.measures, "created_at": burst}), rng)) > 3
    assert isinstance(sign_up_burst.weigh(worlds.group(), people, rng), Silence)


def test_rare_scaffold_says_little_and_less_where_others_use_it(rng: np.random.Generator) -> None:
    people = worlds.population(rng)
    alone = bits(rare_scaffold.weigh(worlds.group(), people, rng))
    crowd = worlds.Group(worlds.MEMBERS, worlds.Work.empty(), np.ones(worlds.POOL), 10 * worlds.POOL)
    assert 0 < bits(rare_scaffold.weigh(crowd, people, rng)) < alone <= 3


def test_reasoning_replay(rng: np.random.Generator) -> None:
    people = worlds.population(rng)
    replayed = np.zeros(worlds.PEOPLE + worlds.POOL)
    assert isinstance(reasoning_replay.weigh(worlds.group(), people, rng), Silence)
    replayed[worlds.MEMBERS] = 0.8
    pool = replace(people, measures={**people.measures, "replayed": replayed})
    assert bits(reasoning_replay.weigh(worlds.group(), pool, rng)) > 6


def test_disjoint_work_is_silent_where_answers_are_drawn_again_and_again() -> None:
    rng = np.random.default_rng(0)
    base = worlds.work(rng, worlds.MEMBERS)
    redrawn = worlds.Work(base.account, base.hour, (base.text % 3).astype(np.uint64), base.topic, base.opens)
    people = worlds.population(rng)

    def overlap(follow_up: float) -> Reading | Silence:
        measures = {**people.measures, "follow_up": np.full(len(people), follow_up)}
        return disjoint_work.weigh(worlds.group(redrawn), replace(people, measures=measures), rng)

    assert isinstance(overlap(0.0), Silence)
    assert isinstance(overlap(0.9), Reading), "an agent's loop repeats its task without drawing again"
