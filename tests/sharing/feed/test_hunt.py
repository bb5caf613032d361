"""The hunt: planted scaffolds, clients, networks and tokens are found, with a paraphrase; look-alikes are not."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sharing.feed.effect import Standing
from stillwatch.sharing.feed.find import Find
from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.feed.hunt import Hunt
from stillwatch.sharing.feed.met import met
from stillwatch.sharing.feed.quarry import Quarry, quarry
from stillwatch.sharing.release.sightings import sightings_of
from stillwatch.sharing.stix.disclosure import Disclosure
from stillwatch.sharing.stix.extensions import CampaignFigures, ClientFingerprint, Network, ScaffoldSamples
from stillwatch.sharing.stix.objects import Sighting
from stillwatch.sharing.stix.reading import told
from stillwatch.sharing.stix.scaffold import in_hex
from stillwatch.sharing.stix.writing import objects_of
from stillwatch.sharing.tokens.epoch import epoch_key
from stillwatch.sharing.tokens.tokeniser import KeyTokeniser, tokens
from stillwatch.traffic.fingerprint import sketch
from stillwatch.traffic.schema import REQUESTS
from tests.sharing.feed.border import ADA, NOW
from tests.sharing.stix.disclosed import TERMS
from tests.sharing.stix.test_scaffolds import FRESH, PARAPHRASE, SCAFFOLD, received

CAMPAIGN = "campaign--288f2dc3-644f-5f7e-8b34-be9d84743775"
START = datetime(2026, 11, 3, tzinfo=UTC)
KEY = KeyTokeniser("2026-Q4", epoch_key(bytes(32), "2026-Q4"))
FEED = Disclosure(
    campaign=CAMPAIGN,
    first_seen=START,
    last_seen=START + timedelta(days=4),
    figures=CampaignFigures(),
    scaffolds=(ScaffoldSamples(version=1, samples=in_hex(received())),),
    tokens=tuple(
        told(token) for token in tokens(KEY, [("payment-fingerprint", "synthetic-card-1"), ("ip-address", "203.0.113.7")])
    ),
    clients=(ClientFingerprint(client_fingerprint="t13d_synthetic"),),
    networks=(Network(prefix="198.51.100.0/24"),),
)


def standing(without_effect: str = "") -> list[Standing]:
    held = Held("x", ADA.id, "x", None, False, "{}", NOW, "synthetic.json")
    return [Standing(held, thing, 1.0, without_effect, {}) for thing in objects_of(FEED, TERMS)]


def requests(*rows: dict[str, object]) -> pa.RecordBatch:
    complete = [{"request_id": str(i), "ts": START + timedelta(hours=i), "model": "m", **row} for i, row in enumerate(rows)]
    return pa.RecordBatch.from_pylist(complete, schema=REQUESTS)


def hunted(*batches: pa.RecordBatch, epoch: str | None = None) -> Hunt:
    hunt = Hunt(quarry(standing(), epoch))
    for batch in batches:
        hunt.look(batch)
    return hunt


def only(finds: list[Find], kind: str) -> Find:
    (found,) = [find for find in finds if find.kind == kind]
    return found


def test_a_scaffold_is_found_in_prompts_and_system_prompts_paraphrased_or_not() -> None:
    batch = requests(
        {"account_id": "exact", "prompt": SCAFFOLD + "how do synthetic bees dance?"},
        {"account_id": "exact", "prompt": SCAFFOLD + "why is the synthetic sky blue?"},
        {"account_id": "near", "prompt": PARAPHRASE + "where do synthetic rivers end?"},
        {"account_id": "system", "system_prompt": SCAFFOLD, "prompt": "one"},
        {"account_id": "system", "system_prompt": SCAFFOLD, "prompt": "two"},
        {"account_id": "other", "prompt": FRESH + "Les abeilles dansent."},
        {"account_id": "silent"},
    )
    find = only(hunted(batch).finds(), "scaffold")
    assert find.accounts == ("exact", "near", "system")
    assert (find.requests, find.overlap) == (5, 1.0)
    assert (find.first_seen, find.last_seen) == (START, START + timedelta(hours=4))
    assert find.target.startswith("indicator--")


def test_samples_gather_over_the_requests_of_an_account_but_not_over_accounts() -> None:
    half = len(SCAFFOLD) // 2
    parts = [SCAFFOLD[:half], SCAFFOLD[half:]]
    shares = [len(sketch(part) & set(received())) / len(received()) for part in parts]
    assert max(shares) < 1
    find = only(hunted(*(requests({"account_id": "both", "prompt": part}) for part in parts)).finds(), "scaffold")
    assert find.overlap > max(shares)


def test_clients_and_networks_are_found_where_they_stand() -> None:
    batch = requests(
        {"account_id": "a", "client_fingerprint": "t13d_synthetic", "ip": "198.51.100.9"},
        {"account_id": "b", "client_fingerprint": "t13d_other", "ip": "198.51.101.9"},
        {"account_id": "c", "ip": "198.51.100.200"},
        {"account_id": "d", "ip": "not an address"},
    )
    finds = hunted(batch).finds()
    assert only(finds, "client-fingerprint").accounts == ("a",)
    assert only(finds, "network").accounts == ("a", "c")


def test_tokens_are_found_under_the_key_of_their_epoch_only() -> None:
    batch = requests({"account_id": "a"}, {"account_id": "a"}, {"account_id": "b"}, {"account_id": "c", "ip": "203.0.113.7"})
    cards = {"payment-fingerprint": {"a": "synthetic-card-1", "b": "synthetic-card-2"}}
    find = only(hunted(batch, epoch="2026-Q4").token_finds(KEY, cards), "token")
    assert (find.target, find.accounts, find.requests) == (CAMPAIGN, ("a", "c"), 3)
    assert hunted(batch, epoch="2026-Q3").token_finds(KEY, cards) == []
    other = KeyTokeniser("2026-Q4", epoch_key(bytes(range(32)), "2026-Q4"))
    assert hunted(batch, epoch="2026-Q4").token_finds(other, cards) == []


def test_what_has_no_effect_is_not_looked_for() -> None:
    assert len(quarry(standing("revoked"), "2026-Q4")) == 0


def test_a_sighting_says_how_many_and_how_near_and_not_who() -> None:
    batch = requests({"account_id": "synthetic-account", "prompt": SCAFFOLD + "how do synthetic bees dance?"})
    _, sighting = sightings_of(hunted(batch).finds(), TERMS)
    assert isinstance(sighting, Sighting) and sighting.extensions and sighting.extensions.match
    assert (sighting.count, sighting.extensions.match.accounts, sighting.extensions.match.overlap) == (1, 1, 1.0)
    assert "synthetic-account" not in str(sighting)


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from([SCAFFOLD, FRESH, "short", ""]), st.sampled_from([SCAFFOLD, "", "no"])), max_size=12))
def test_the_kernel_finds_what_a_naive_search_finds(rows: list[tuple[str, str]]) -> None:
    wanted = set(received()) | sketch("no")
    naive = {(i, sample) for i, (prompt, system) in enumerate(rows) for sample in (sketch(prompt) | sketch(system)) & wanted}
    prompts, systems = (pa.array([row[side] for row in rows], pa.string()) for side in (0, 1))
    found = met(prompts, systems, np.array(sorted(wanted), np.uint64))
    assert set(zip(*(side.tolist() for side in found), strict=True)) == naive


def test_an_empty_quarry_finds_nothing() -> None:
    hunt = Hunt(Quarry())
    hunt.look(requests({"account_id": "a", "prompt": SCAFFOLD, "ip": "198.51.100.9", "client_fingerprint": "x"}))
    assert hunt.finds() == [] and not hunt.samples


@pytest.mark.parametrize("columns", [["account_id", "ts"], ["account_id", "ts", "prompt"]])
def test_columns_may_be_absent(columns: list[str]) -> None:
    batch = requests({"account_id": "a", "prompt": "x"}).select(columns)
    assert hunted(batch, epoch="2026-Q4").finds() == []
