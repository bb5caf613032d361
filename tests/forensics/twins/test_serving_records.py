"""Coins, serving records, pairs and their verification. All texts are synthetic."""

from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.forensics.documents import write_lines
from stillwatch.forensics.twins.coins import CoinList, coin_list, opens
from stillwatch.forensics.twins.pairs import Pair, keep, read_pairs
from stillwatch.forensics.twins.serving import Sampler, ServingRecord, digest, is_genuine, signed
from stillwatch.forensics.twins.verification import record_digest, verify

SECRET = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


def pair(number: int, **changes: object) -> Pair:
    made = Pair(
        f"req-{number}",
        "acct-1",
        "Why?",
        f"Because {number}.",
        f"Since {number}.",
        Sampler(0.8),
        coin_list(SECRET, f"req-{number}"),
    )
    return msgspec.structs.replace(made, **changes)


def record(of: Pair) -> ServingRecord:
    assert of.coins is not None
    made = ServingRecord(
        of.request_id,
        "2026-10-01T00:00:00Z",
        of.account,
        digest(of.prompt),
        "m-1",
        of.sampler,
        digest(of.served),
        of.coins.commitment,
    )
    return signed(made, KEY)


def faults(pairs: list[Pair], records: list[ServingRecord], entered: set[str] | None = None) -> list[str]:
    held = {record_digest(r) for r in records} if entered is None else entered
    return verify(pairs, records, KEY.public_key(), held.__contains__)


def test_coins_follow_from_secret_and_request_alone() -> None:
    coins = coin_list(SECRET, "req-1")
    assert coins == coin_list(SECRET, "req-1")
    assert coins != coin_list(SECRET, "req-2")
    assert len({*coins.seeds, *coin_list(SECRET, "req-2").seeds}) == 4
    assert all(0 <= seed < 2**53 for seed in coins.seeds)


def test_a_commitment_opens_to_its_own_list_only() -> None:
    coins = coin_list(SECRET, "req-1")
    assert opens(coins.commitment, coins)
    assert not opens(coins.commitment, CoinList(coins.nonce, (coins.seeds[0], coins.seeds[1] + 1)))
    assert not opens(coins.commitment, CoinList("0" * 64, coins.seeds))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(UsageError, match="has 5 bytes"):
        coin_list(b"short", "req-1")


def test_a_changed_record_is_not_genuine() -> None:
    made = record(pair(1))
    assert is_genuine(made, KEY.public_key())
    assert not is_genuine(msgspec.structs.replace(made, account="acct-2"), KEY.public_key())
    assert not is_genuine(msgspec.structs.replace(made, signature="not base64"), KEY.public_key())
    assert not is_genuine(made, Ed25519PrivateKey.generate().public_key())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sampler": Sampler(0.0)}, "drawn at temperature 0, so chance decided nothing"),
        ({"withheld": " Because  1.\n"}, "the two answers are the same"),
        ({"withheld": "\n"}, "one of the two answers is empty"),
        ({"served": ""}, "one of the two answers is empty"),
    ],
)
def test_rules_leave_a_pair_out_whichever_was_served(changes: dict[str, object], reason: str) -> None:
    dropped = pair(1, **changes)
    swapped = msgspec.structs.replace(dropped, served=dropped.withheld, withheld=dropped.served)
    for one in (dropped, swapped):
        assert keep([one, pair(2)]).dropped == {reason: 1}
        assert keep([one, pair(2)]).pairs == [pair(2)]


def test_what_matches_has_no_fault() -> None:
    pairs = [pair(1), pair(2)]
    assert faults(pairs, [record(p) for p in pairs]) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"served": "Other."}, "a served answer is not the one that was recorded (1 of 2)"),
        ({"prompt": "How?"}, "a prompt is not the one that was recorded (1 of 2)"),
        ({"account": "acct-9"}, "an account is not the one that was recorded (1 of 2)"),
        ({"sampler": Sampler(0.9)}, "a sampler is not the one that was recorded (1 of 2)"),
        ({"coins": None}, "the coins do not open the commitment (1 of 2)"),
        ({"coins": coin_list(SECRET, "req-7")}, "the coins do not open the commitment (1 of 2)"),
    ],
)
def test_what_differs_from_its_record_is_a_fault(changes: dict[str, object], fault: str) -> None:
    records = [record(pair(1)), record(pair(2))]
    assert faults([pair(1, **changes), pair(2)], records) == [fault]


def test_a_pair_left_out_after_serving_is_a_fault() -> None:
    assert faults([pair(1)], [record(pair(1)), record(pair(2))]) == ["a serving record has no pair (1 of 2)"]
    assert faults([pair(1), pair(2)], [record(pair(1))]) == ["a pair has no serving record (1 of 2)"]
    assert faults([], [record(pair(1))]) == ["there is no pair"]


def test_a_record_that_the_ledger_does_not_hold_or_nobody_signed_is_a_fault() -> None:
    assert faults([pair(1)], [record(pair(1))], entered=set()) == ["a record is not in the ledger (1 of 1)"]
    unsigned = msgspec.structs.replace(record(pair(1)), signature="")
    assert faults([pair(1)], [unsigned]) == ["a record's signature does not hold (1 of 1)"]


def test_pairs_are_read_as_written(tmp_path: Path) -> None:
    pairs = [pair(1), pair(2, prompt="为什么？\u2028\U0001f600")]
    write_lines(tmp_path / "twins.jsonl", pairs)
    assert read_pairs(tmp_path / "twins.jsonl") == pairs


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "holds no pairs of twins"),
        (b'{"request_id": "req-1"}\n', "twins.jsonl:1: Object missing required field"),
        (b"\n\nno json\n", "twins.jsonl:3: JSON is malformed"),
        (b"\xff\xfe{\n", "twins.jsonl:1: "),
        (msgspec.json.Encoder().encode_lines([pair(1), pair(1)]), "1 requests occur more than once"),
    ],
)
def test_what_is_no_file_of_pairs_is_refused_with_its_place(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "twins.jsonl").write_bytes(content)
    with pytest.raises(NoReadableInput) as caught:
        read_pairs(tmp_path / "twins.jsonl")
    assert what in str(caught.value)
