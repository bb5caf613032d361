"""Signatures: what was signed verifies after any JSON writer and reader; nothing else does (all objects are synthetic)."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from stillwatch.errors import UsageError
from stillwatch.sharing.signatures.canonical import NotCanonical, canonical
from stillwatch.sharing.signatures.keyring import KeyRing, member_key
from stillwatch.sharing.signatures.keys import key_id
from stillwatch.sharing.signatures.signature import SIGNATURE_EXTENSION_ID, without_signature
from stillwatch.sharing.signatures.signing import sign
from stillwatch.sharing.signatures.verification import Fault, Refused, Unsigned, Valid, verify

MEMBER = "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
OTHER = "identity--f431f809-377b-45e0-aa1c-6a4751cae5ff"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHERS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
RING = KeyRing((member_key(MEMBER, KEY.public_key(), START, END), member_key(OTHER, OTHERS_KEY.public_key(), START, END)))
VALID = Valid(key_id(KEY.public_key()), MEMBER)

NOTE: dict[str, Any] = {
    "type": "note",
    "spec_version": "2.1",
    "id": "note--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061",
    "created_by_ref": MEMBER,
    "created": "2026-05-01T00:00:00.000Z",
    "modified": "2026-05-01T00:00:00.000Z",
    "content": "synthetic",
    "confidence": 70,
    "object_refs": ["campaign--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0062"],
}

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda x: not 2**53 <= abs(x) < 1e21
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXT, v, max_size=3), max_leaves=8)
OBJECTS = st.builds(
    lambda extra, extensions: NOTE | extra | ({"extensions": extensions} if extensions else {}),
    st.dictionaries(TEXT.filter(lambda name: name not in {*NOTE, "extensions"}), VALUES, max_size=4),
    st.dictionaries(st.just("extension-definition--71736db5-10db-43d3-b0e3-65cf81601fe1"), VALUES, max_size=1),
)
WRITERS: dict[str, Callable[[Any], bytes]] = {
    "json": lambda value: json.dumps(value).encode(),
    "json, indented": lambda value: json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False).encode(),
    "msgspec": msgspec.json.encode,
    "rfc8785": rfc8785.dumps,
}


def signature_of(signed: dict[str, Any]) -> dict[str, str]:
    return signed["extensions"][SIGNATURE_EXTENSION_ID]


def with_signature(**changes: Any) -> dict[str, Any]:
    """A signed note with fields of its signature changed."""
    signed = sign(NOTE, KEY)
    return signed | {"extensions": {SIGNATURE_EXTENSION_ID: signature_of(signed) | changes}}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a JSON value, by its path."""
    yield path
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from places(inner, (*path, step))


def edited(value: Any, path: tuple[str | int, ...], edit: Callable[[Any], Any]) -> Any:
    if not path:
        return edit(value)
    copy = value.copy()
    copy[path[0]] = edited(value[path[0]], path[1:], edit)
    return copy


@given(OBJECTS, st.sampled_from(sorted(WRITERS)), st.sampled_from([json.loads, msgspec.json.decode]))
def test_signed_written_read_and_verified(unsigned: dict[str, Any], writer: str, read: Callable[[bytes], Any]) -> None:
    assert verify(read(WRITERS[writer](sign(unsigned, KEY))), RING, NOW) == VALID


@given(OBJECTS, st.data())
def test_no_edit_of_any_value_verifies(unsigned: dict[str, Any], data: st.DataObject) -> None:
    signed = sign(unsigned, KEY)
    path = data.draw(st.sampled_from(list(places(signed))))
    altered = edited(signed, path, lambda old: data.draw(VALUES))
    assume(canonical(altered) != canonical(signed))
    assert not isinstance(verify(altered, RING, NOW), Valid)


@given(OBJECTS, st.data())
def test_no_field_is_added_or_taken_unseen(unsigned: dict[str, Any], data: st.DataObject) -> None:
    signed = sign(unsigned, KEY)
    folder = data.draw(st.sampled_from([p for p in places(signed) if isinstance(_at(signed, p), dict)]))
    names = sorted(_at(signed, folder))
    taken = data.draw(st.sampled_from(names)) if names else None
    if taken is not None:
        assert not isinstance(verify(edited(signed, folder, lambda d: {k: d[k] for k in d if k != taken}), RING, NOW), Valid)
    new = data.draw(TEXT.filter(lambda name: name not in names))
    assert not isinstance(verify(edited(signed, folder, lambda d: d | {new: data.draw(VALUES)}), RING, NOW), Valid)


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def test_signing_leaves_its_argument_and_is_undone() -> None:
    before = json.dumps(NOTE)
    signed = sign(NOTE, KEY)
    assert json.dumps(NOTE) == before
    assert without_signature(signed) == NOTE


def test_a_signed_object_is_not_signed_over() -> None:
    with pytest.raises(UsageError, match="signed already"):
        sign(sign(NOTE, KEY), OTHERS_KEY)
    assert verify(sign(without_signature(sign(NOTE, KEY)), KEY), RING, NOW) == VALID


def test_what_json_cannot_carry_is_not_signed() -> None:
    for value in (2**53, 1e20, float("nan"), datetime(2026, 1, 1, tzinfo=UTC), b"", "\ud800"):
        with pytest.raises(NotCanonical):
            sign(NOTE | {"content": value}, KEY)


def test_without_a_signature() -> None:
    assert verify(NOTE, RING, NOW) == Unsigned()
    assert verify(NOTE | {"extensions": {}}, RING, NOW) == Unsigned()


def test_an_object_that_claims_no_author_is_its_signers() -> None:
    anonymous = {name: value for name, value in NOTE.items() if name != "created_by_ref"}
    assert verify(sign(anonymous, KEY), RING, NOW) == VALID


BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def respelled(value: str) -> str:
    """Other text for the same 64 bytes: the unused bits of the last digit set."""
    other = value[:-3] + BASE64[BASE64.index(value[-3]) + 1] + "=="
    assert base64.b64decode(other) == base64.b64decode(value)
    return other


VALUE = signature_of(sign(NOTE, KEY))["value"]
SIGNED = sign(NOTE, KEY)
UPPER = SIGNATURE_EXTENSION_ID.upper()
REFUSED: dict[str, tuple[Any, Fault]] = {
    "a list": ([SIGNED], Fault.MALFORMED),
    "null": (None, Fault.MALFORMED),
    "text": ("note", Fault.MALFORMED),
    "extensions a list": (NOTE | {"extensions": [SIGNATURE_EXTENSION_ID]}, Fault.MALFORMED),
    "extensions null": (NOTE | {"extensions": None}, Fault.MALFORMED),
    "signature null": (NOTE | {"extensions": {SIGNATURE_EXTENSION_ID: None}}, Fault.MALFORMED),
    "signature empty": (NOTE | {"extensions": {SIGNATURE_EXTENSION_ID: {}}}, Fault.MALFORMED),
    "two in a list": (NOTE | {"extensions": {SIGNATURE_EXTENSION_ID: [signature_of(SIGNED)] * 2}}, Fault.TWO_SIGNATURES),
    "two spellings": (SIGNED | {"extensions": SIGNED["extensions"] | {UPPER: signature_of(SIGNED)}}, Fault.TWO_SIGNATURES),
    "another spelling": (SIGNED | {"extensions": {UPPER: signature_of(SIGNED)}}, Fault.MALFORMED),
    "a further field": (with_signature(key_id_2="x"), Fault.MALFORMED),
    "another algorithm": (with_signature(algorithm="none"), Fault.MALFORMED),
    "another kind of extension": (with_signature(extension_type="new-sdo"), Fault.MALFORMED),
    "key id a number": (with_signature(key_id=7), Fault.MALFORMED),
    "key id in capitals": (with_signature(key_id=VALID.key_id.upper()), Fault.MALFORMED),
    "key id and line end": (with_signature(key_id=VALID.key_id + "\n"), Fault.MALFORMED),
    "value too short": (with_signature(value=VALUE[:-4]), Fault.MALFORMED),
    "value a list": (with_signature(value=[VALUE]), Fault.MALFORMED),
    "value spelled otherwise": (with_signature(value=respelled(VALUE)), Fault.MALFORMED),
    "value of zeros": (with_signature(value=base64.b64encode(bytes(64)).decode()), Fault.ALTERED),
    "altered": (SIGNED | {"confidence": 71}, Fault.ALTERED),
    "a number as text": (SIGNED | {"confidence": "70"}, Fault.ALTERED),
    "a time moved": (SIGNED | {"modified": "2026-05-01T00:00:00.001Z"}, Fault.ALTERED),
    "an unknown key": (sign(NOTE, Ed25519PrivateKey.generate()), Fault.UNKNOWN_KEY),
    "the key of another member": (sign(NOTE, OTHERS_KEY), Fault.OTHER_MEMBER),
    "the key id of another member": (with_signature(key_id=key_id(OTHERS_KEY.public_key())), Fault.OTHER_MEMBER),
    "an author that is no text": (SIGNED | {"created_by_ref": [MEMBER]}, Fault.OTHER_MEMBER),
    "an author of null": (SIGNED | {"created_by_ref": None}, Fault.OTHER_MEMBER),
    "a large integer": (SIGNED | {"confidence": 2**53 + 1}, Fault.NOT_CANONICAL),
    "a huge integer": (SIGNED | {"confidence": 10**5000}, Fault.NOT_CANONICAL),
    "a large float": (SIGNED | {"confidence": 1e20}, Fault.NOT_CANONICAL),
    "not a number": (SIGNED | {"confidence": float("nan")}, Fault.NOT_CANONICAL),
    "infinity": (SIGNED | {"confidence": float("inf")}, Fault.NOT_CANONICAL),
    "half a character": (SIGNED | {"content": "\ud800"}, Fault.NOT_CANONICAL),
    "a thousand levels": (SIGNED | {"content": json.loads("[" * 900 + "]" * 900)}, Fault.NOT_CANONICAL),
    "names that are numbers": (SIGNED | {"extensions": {1: 2, **SIGNED["extensions"]}}, Fault.NOT_CANONICAL),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_reason(name: str) -> None:
    received, fault = REFUSED[name]
    verdict = verify(received, RING, NOW)
    assert isinstance(verdict, Refused)
    assert (verdict.fault, bool(verdict.reason)) == (fault, True)


@given(VALUES | st.fixed_dictionaries({"extensions": st.dictionaries(st.just(SIGNATURE_EXTENSION_ID) | TEXT, VALUES)}))
def test_nothing_received_makes_it_raise(received: Any) -> None:
    assert not isinstance(verify(received, RING, NOW), Valid)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START - timedelta(microseconds=1), Fault.KEY_NOT_YET_VALID),
        (START, None),
        (END - timedelta(microseconds=1), None),
        (END, Fault.KEY_EXPIRED),
    ],
)
def test_a_signature_holds_as_long_as_its_key(now: datetime, expected: Fault | None) -> None:
    verdict = verify(SIGNED, RING, now)
    assert (verdict.fault if isinstance(verdict, Refused) else None) == expected


def test_a_revoked_key() -> None:
    verdict = verify(SIGNED, RING.revoking(VALID.key_id), NOW)
    assert isinstance(verdict, Refused)
    assert verdict.fault == Fault.REVOKED_KEY


def test_both_keys_hold_during_a_rotation_and_the_new_one_after() -> None:
    new = Ed25519PrivateKey.from_private_bytes(bytes(32))
    ring = RING.rotated(member_key(MEMBER, new.public_key(), NOW, END + timedelta(days=365)), overlap=timedelta(days=30))
    by_old, by_new = sign(NOTE, KEY), sign(NOTE, new)
    during, after = NOW + timedelta(days=29), NOW + timedelta(days=30)
    assert [type(verify(note, ring, during)) for note in (by_old, by_new)] == [Valid, Valid]
    assert [type(verify(note, ring, after)) for note in (by_old, by_new)] == [Refused, Valid]
    assert verify(sign({"type": "note", "created_by_ref": OTHER}, OTHERS_KEY), ring, after) == Valid(
        key_id(OTHERS_KEY.public_key()), OTHER
    )
