"""OPRF and VOPRF: the vectors of RFC 9497, another implementation as oracle, and what must be refused."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voprf import ristretto as oracle

from stillwatch.sharing.tokens.group import (
    ORDER,
    InvalidElement,
    InvalidScalar,
    inverses,
    multiply,
    read_scalar,
    scalar,
    scalar_product,
)
from stillwatch.sharing.tokens.oprf import blind, blind_evaluate, evaluate, finalize
from stillwatch.sharing.tokens.proof import prove, verifies
from stillwatch.sharing.tokens.suite import InputRefused, KeyPair, Mode, derive_key_pair, hash_to_group

RFC = json.loads(Path(__file__).with_name("rfc9497.json").read_text("utf-8"))
VECTORS = [
    pytest.param(Mode[mode], vector, id=f"{mode}-{number}")
    for mode, entry in RFC["modes"].items()
    for number, vector in enumerate(entry["vectors"], 1)
]
KEY = derive_key_pair(bytes(range(32)), b"synthetic", Mode.VOPRF)
IDENTITY = bytes(32)
NOT_CANONICAL = bytes([1]) + bytes(30) + bytes([0x80])
inputs = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5)


def unhex(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


def key_of(mode: Mode) -> KeyPair:
    return derive_key_pair(bytes.fromhex(RFC["seed"]), bytes.fromhex(RFC["info"]), mode)


@pytest.mark.parametrize("mode", Mode)
def test_keys_are_derived_as_in_the_rfc(mode: Mode) -> None:
    key, expected = key_of(mode), RFC["modes"][mode.name]
    assert key.secret.hex() == expected["secret"]
    assert expected["public"] in (key.public.hex(), None)


@pytest.mark.parametrize(("mode", "vector"), VECTORS)
def test_the_vectors_of_the_rfc(mode: Mode, vector: dict[str, Any]) -> None:
    key = key_of(mode)
    blinding = blind(unhex(vector["input"]), mode, unhex(vector["blind"]))
    evaluated = blind_evaluate(key, blinding.elements)
    assert list(blinding.elements) == unhex(vector["blinded"])
    assert evaluated == unhex(vector["evaluated"])
    assert finalize(blinding, evaluated) == unhex(vector["output"])
    assert [evaluate(key, each, mode) for each in blinding.inputs] == unhex(vector["output"])


@pytest.mark.parametrize("vector", RFC["modes"]["VOPRF"]["vectors"], ids=["1", "2", "3"])
def test_the_proofs_of_the_rfc(vector: dict[str, Any]) -> None:
    key = key_of(Mode.VOPRF)
    sent, answered = unhex(vector["blinded"]), unhex(vector["evaluated"])
    assert prove(key, sent, answered, randomness=bytes.fromhex(vector["randomness"])).hex() == vector["proof"]
    assert verifies(bytes.fromhex(vector["proof"]), key.public, sent, answered)


@settings(max_examples=15)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=20), inputs)
def test_another_server_gives_the_same_outputs(seed: bytes, info: bytes, values: list[bytes]) -> None:
    key, other = derive_key_pair(seed, info, Mode.VOPRF), oracle.Evaluator.from_seed(seed, info)
    assert key.public == other.public_key.serialize()
    assert [evaluate(key, value, Mode.VOPRF) for value in values] == [other.evaluate_known_input(value) for value in values]


@settings(max_examples=10)
@given(inputs)
def test_another_client_accepts_our_answers_and_proofs(values: list[bytes]) -> None:
    clients, sent = zip(*(oracle.Client.blind(value) for value in values), strict=True)
    elements = [each.serialize() for each in sent]
    answered = blind_evaluate(KEY, elements)
    wire = prove(KEY, elements, answered) + b"".join(answered)
    outputs = oracle.Client.finalize_batch(
        list(clients), oracle.VerifiableBatchOutput.deserialize(wire), oracle.PublicKey.deserialize(KEY.public)
    )
    assert list(outputs) == [evaluate(KEY, value, Mode.VOPRF) for value in values]


@settings(max_examples=10)
@given(inputs)
def test_we_accept_the_answers_and_proofs_of_another_server(values: list[bytes]) -> None:
    server = oracle.Evaluator.from_seed(bytes(32), b"synthetic")
    blinding = blind(values, Mode.VOPRF)
    answer = server.evaluate_batch([oracle.BlindedInput.deserialize(each) for each in blinding.elements]).serialize()
    answered = [answer[start : start + 32] for start in range(64, len(answer), 32)]
    assert verifies(answer[:64], server.public_key.serialize(), blinding.elements, answered)
    assert finalize(blinding, answered) == [server.evaluate_known_input(value) for value in values]


@settings(max_examples=15)
@given(inputs)
def test_blinding_changes_nothing_but_what_the_server_sees(values: list[bytes]) -> None:
    first, second = blind(values, Mode.VOPRF), blind(values, Mode.VOPRF)
    assert not set(first.elements) & set(second.elements)
    expected = [evaluate(KEY, value, Mode.VOPRF) for value in values]
    assert finalize(first, blind_evaluate(KEY, first.elements)) == expected


def test_a_proof_covers_every_element_and_the_key() -> None:
    sent = list(blind([b"a", b"b", b"c"], Mode.VOPRF).elements)
    answered = blind_evaluate(KEY, sent)
    proof = prove(KEY, sent, answered)
    other = derive_key_pair(bytes(32), b"other", Mode.VOPRF)
    assert verifies(proof, KEY.public, sent, answered)
    assert not verifies(proof, other.public, sent, answered)
    assert not verifies(proof, KEY.public, sent, [*answered[:2], multiply(other.secret, sent[2])])
    assert not verifies(proof, KEY.public, sent, [*answered[1:], answered[0]])
    assert not verifies(proof, KEY.public, sent, [*answered[:2], IDENTITY])
    assert not verifies(proof, KEY.public, sent[:2], answered[:2])
    assert not verifies(proof, KEY.public, sent, answered[:2])


@pytest.mark.parametrize("position", [0, 31, 32, 63])
def test_an_altered_proof_does_not_verify(position: int) -> None:
    sent = list(blind([b"a"], Mode.VOPRF).elements)
    answered = blind_evaluate(KEY, sent)
    proof = bytearray(prove(KEY, sent, answered))
    proof[position] ^= 1
    assert not verifies(bytes(proof), KEY.public, sent, answered)
    assert not verifies(bytes(64), KEY.public, sent, answered)
    assert not verifies(bytes(proof[:63]), KEY.public, sent, answered)


@pytest.mark.parametrize("element", [IDENTITY, NOT_CANONICAL, b"\xff" * 32, b"short", bytes(33)], ids=lambda each: each.hex()[:12])
def test_what_is_no_element_is_refused_with_its_index(element: bytes) -> None:
    with pytest.raises(InvalidElement) as refused:
        blind_evaluate(KEY, [hash_to_group(b"a", Mode.VOPRF), element])
    assert refused.value.place == "element 1"


@pytest.mark.parametrize("number", [0, ORDER, ORDER + 1, 2**256 - 1])
def test_what_is_no_scalar_is_refused(number: int) -> None:
    with pytest.raises(InvalidScalar):
        read_scalar(number.to_bytes(32, "little"))


def test_inputs_seeds_and_batches_have_bounds() -> None:
    with pytest.raises(InputRefused):
        evaluate(KEY, bytes(65_536), Mode.VOPRF)
    with pytest.raises(InputRefused):
        derive_key_pair(bytes(31), b"", Mode.VOPRF)
    with pytest.raises(InputRefused):
        prove(KEY, [], [])
    with pytest.raises(InputRefused):
        prove(KEY, [IDENTITY] * 65_536, [IDENTITY] * 65_536)


@given(st.lists(st.integers(1, ORDER - 1), max_size=6))
def test_inverses(numbers: list[int]) -> None:
    scalars = [scalar(number) for number in numbers]
    assert [scalar_product(each, inverse) for each, inverse in zip(scalars, inverses(scalars), strict=True)] == [scalar(1)] * len(
        scalars
    )


def test_a_secret_is_not_shown() -> None:
    assert KEY.secret.hex() not in repr(KEY) and repr(KEY.secret) not in repr(KEY)


def test_libsodium_leaves_no_copy_of_itself_behind(tmp_path: Path) -> None:
    program = "import stillwatch.sharing.tokens.group as group; print(group.base(group.scalar(1)).hex())"
    run = subprocess.run([sys.executable, "-c", program], env={"TMPDIR": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert run.stdout.startswith("e2f2ae0a6abc4e71a884a961c500515f")
    assert list(tmp_path.iterdir()) == []
