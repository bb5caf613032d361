"""Candidates by likeness: who is put together, and who is not."""

import numpy as np
import pytest

from stillwatch.campaigns.likeness import new_among, same_profile, tied, without_bystanders
from stillwatch.signals.population import Attribute

SIZE = 1000


def attribute(name: str, codes: dict[int, int]) -> Attribute:
    """Account → code, -1 for all others."""
    values = np.full(SIZE, -1)
    values[list(codes)] = list(codes.values())
    return Attribute(name, name, values)


def test_payments_and_devices_tie_accounts_over_several_steps() -> None:
    """Ten accounts a card, eight a device: a chain through all forty."""
    ties = {
        "payment_fingerprint": attribute("payment_fingerprint", {i: i // 10 for i in range(40)}),
        "device_id": attribute("device_id", {i: i // 8 for i in range(40)}),
    }
    assert [members.tolist() for members in tied(ties, SIZE)] == [list(range(40))]


def test_a_card_that_a_twentieth_of_all_share_ties_nobody() -> None:
    assert tied({"payment_fingerprint": attribute("payment_fingerprint", dict.fromkeys(range(60), 1))}, SIZE) == []


def test_only_harvesting_accounts_of_one_profile_come_together() -> None:
    profile = {name: attribute(name, dict.fromkeys(range(40), 3)) for name in ("user_agent", "sampling")}
    harvest = np.where(np.arange(SIZE) < 20, 2.0, -2.0)
    assert [members.tolist() for members in same_profile(profile, harvest)] == [list(range(20))]
    assert same_profile({}, harvest) == []


def measures(**others: dict[int, float]) -> dict[str, np.ndarray]:
    """Accounts with 50 requests and usual lengths, some of them otherwise."""
    values = {"requests": np.full(SIZE, 50.0), "text_bytes": np.full(SIZE, 400.0), "output_mean": np.full(SIZE, 300.0)}
    for name, which in others.items():
        values[name][list(which)] = list(which.values())
    return values


def test_neighbours_by_chance_go_but_nobody_is_picked_out() -> None:
    harvest = np.where(np.arange(SIZE) < 40, 1.0, -1.0)
    assert without_bystanders(np.arange(50), measures(), harvest).tolist() == list(range(40))
    assert len(without_bystanders(np.arange(20, 90), measures(), harvest)) == 70


def test_those_who_sent_nothing_to_speak_of_or_something_else_go() -> None:
    harvest = np.ones(SIZE)
    quiet = measures(requests=dict.fromkeys(range(30, 50), 1.0))
    assert without_bystanders(np.arange(50), quiet, harvest).tolist() == list(range(30))
    other = measures(output_mean=dict.fromkeys(range(5), 3_000.0), text_bytes=dict.fromkeys(range(5, 8), 12.0))
    assert without_bystanders(np.arange(50), other, harvest).tolist() == list(range(8, 50))


def test_logs_without_output_tokens_are_judged_by_prompts_alone() -> None:
    other = measures(text_bytes=dict.fromkeys(range(8), 12.0))
    del other["output_mean"]
    assert without_bystanders(np.arange(50), other, np.ones(SIZE)).tolist() == list(range(8, 50))


@pytest.mark.filterwarnings("error")
def test_lengths_that_a_group_has_none_of_say_nothing() -> None:
    silent = measures(output_mean=dict.fromkeys(range(50), np.nan), text_bytes=dict.fromkeys(range(5), 12.0))
    assert without_bystanders(np.arange(50), silent, np.ones(SIZE)).tolist() == list(range(5, 50))


def test_lengths_that_vary_keep_everybody() -> None:
    varied = measures(output_mean={account: 40.0 * 2 ** (account % 6) for account in range(50)})
    assert len(without_bystanders(np.arange(50), varied, np.ones(SIZE))) == 50


def test_what_is_known_by_half_is_not_new() -> None:
    assert new_among([np.arange(10), np.arange(50, 60)], [np.arange(4, 30)])[0].tolist() == list(range(50, 60))
