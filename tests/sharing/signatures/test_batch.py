"""Objects signed together: each is verified by itself, and nothing of object, proof or signature can change unseen."""

import base64
import random
from datetime import timedelta
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import UsageError
from stillwatch.sharing.signatures.batch import prove, signed_statement
from stillwatch.sharing.signatures.canonical import NotCanonical, canonical
from stillwatch.sharing.signatures.keyring import KeyRing
from stillwatch.sharing.signatures.keys import generate
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID, without_signature
from stillwatch.sharing.signatures.signing import sign, sign_together
from stillwatch.sharing.signatures.verification import Fault, Refused, Valid, verify
from tests.sharing.signatures.test_signatures import KEY, NOTE, NOW, OTHERS_KEY, RING, VALID, VALUES


def notes(count: int) -> list[dict[str, Any]]:
    return [NOTE | {"content": f"synthetic {number}"} for number in range(count)]


def fields(signed: dict[str, Any]) -> dict[str, str]:
    return signed["extensions"][SIGNATURE_EXTENSION_ID]


def with_fields(signed: dict[str, Any], **changes: str) -> dict[str, Any]:
    return signed | {"extensions": {SIGNATURE_EXTENSION_ID: fields(signed) | changes}}


@given(st.integers(0, 40), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_each_is_verified_by_itself_in_whatever_company(count: int, rng: random.Random) -> None:
    signed = [*sign_together(notes(count), KEY), *sign_together(notes(3), KEY), sign(NOTE, KEY)]
    rng.shuffle(signed)
    assert all(verify(thing, RING, NOW) == VALID for thing in signed[: rng.randint(1, len(signed))])


def test_one_signature_serves_a_batch_and_is_the_same_again() -> None:
    signed = sign_together(notes(7), KEY)
    assert len({fields(thing)["value"] for thing in signed}) == 1
    assert signed == sign_together(notes(7), KEY)
    assert [without_signature(thing) for thing in signed] == notes(7)
    assert fields(sign_together(notes(1), KEY)[0])["algorithm"] == "Ed25519"
    with pytest.raises(UsageError):
        sign_together([signed[0], NOTE], KEY)


@given(st.integers(2, 20), st.data())
@settings(max_examples=150)
def test_no_altered_byte_of_a_proof_or_signature_verifies(count: int, data: st.DataObject) -> None:
    signed = data.draw(st.sampled_from(sign_together(notes(count), KEY)))
    name = data.draw(st.sampled_from(["proof", "value"]))
    content = bytearray(base64.b64decode(fields(signed)[name]))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    altered = with_fields(signed, **{name: base64.b64encode(content).decode()})
    verdict = verify(altered, RING, NOW)
    assert isinstance(verdict, Refused)
    assert verdict.fault is Fault.ALTERED


@given(st.integers(2, 20), st.data())
@settings(max_examples=60)
def test_no_altered_object_or_strange_proof_verifies(count: int, data: st.DataObject) -> None:
    signed, other = (data.draw(st.sampled_from(sign_together(notes(count), KEY))) for _ in range(2))
    assert not isinstance(verify(signed | {"content": data.draw(st.text(max_size=9))}, RING, NOW), Valid)
    if fields(other) != fields(signed):
        assert not isinstance(verify(signed | {"extensions": other["extensions"]}, RING, NOW), Valid)
    proof = fields(signed)["proof"]
    strange = data.draw(
        st.text("ABab01+/=", max_size=90) | st.integers(0, len(proof) - 1).map(lambda cut: proof[:cut] + proof[cut + 1 :])
    )
    assert not isinstance(verify(with_fields(signed, proof=strange), RING, NOW), Valid)


def test_the_form_of_a_signature_cannot_be_exchanged() -> None:
    batch, alone = sign_together(notes(2), KEY)[0], sign(notes(2)[0], KEY)
    assert isinstance(verify(with_fields(batch, algorithm="Ed25519"), RING, NOW), Refused)
    without_proof = {name: value for name, value in fields(batch).items() if name != "proof"}
    for forged in (without_proof | {"algorithm": "Ed25519"}, fields(alone) | {"algorithm": "Ed25519-batch"}, without_proof):
        assert isinstance(verify(batch | {"extensions": {SIGNATURE_EXTENSION_ID: forged}}, RING, NOW), Refused)


def test_a_root_is_not_a_leaf_nor_a_content_a_statement() -> None:
    [first, _] = prove([b"a", b"b"], KEY)
    assert signed_statement(first.statement, first.proof) != first.statement
    assert not first.statement.startswith(b"{")


def test_revoked_and_ended_keys_end_with_all_their_batches_although_roots_are_remembered() -> None:
    signed = sign_together(notes(4), KEY)
    assert verify(signed[0], RING, NOW) == VALID
    [key] = [key for key in RING.keys if key.key_id == fields(signed[0])["key_id"]]
    revoked = KeyRing(tuple(type(key)(*(*_content(key)[:-1], True)) for key in [key]))
    assert _fault(verify(signed[1], revoked, NOW)) is Fault.REVOKED_KEY
    assert _fault(verify(signed[2], RING, key.valid_until)) is Fault.KEY_EXPIRED
    assert _fault(verify(signed[3], RING, key.valid_from - timedelta(seconds=1))) is Fault.KEY_NOT_YET_VALID
    assert isinstance(verify(sign_together(notes(2), generate())[0], RING, NOW), Refused)
    assert isinstance(verify(with_fields(signed[0], **_by(OTHERS_KEY)), RING, NOW), Refused)


def _content(key: Any) -> tuple[Any, ...]:
    return tuple(getattr(key, name) for name in key.__struct_fields__)


def _by(key: Any) -> dict[str, str]:
    return {"key_id": fields(sign_together(notes(2), key)[0])["key_id"]}


def _fault(verdict: Any) -> Fault:
    assert isinstance(verdict, Refused)
    return verdict.fault


NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1) | st.sampled_from([-0.0, 1e21, 5e-324])
)
ANY = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(ANY | VALUES)
@settings(max_examples=300)
def test_canonical_json_is_that_of_the_reference(value: Any) -> None:
    try:
        found = canonical(value)
    except NotCanonical:
        return
    assert found == rfc8785.dumps(value)
