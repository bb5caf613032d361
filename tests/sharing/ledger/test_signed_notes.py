"""Signed notes and checkpoints: the reference implementation's own note, round trips, and what is refused."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import UsageError
from stillwatch.sharing.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from stillwatch.sharing.ledger.note import MOST_SIGNATURES, NoteRefused, Signer, open_note, read_verifier, sign_note

# golang.org/x/mod/sumdb/note: the key and the note of its documentation
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
GO_NOTE = GO_TEXT + "\n" + GO_LINE

SIGNER = Signer("ledger.example/synthetic", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = Signer("ledger.example/synthetic", Ed25519PrivateKey.from_private_bytes(bytes(32)))
ROOT = hashlib.sha256(b"synthetic").digest()


def test_the_note_of_the_reference_implementation() -> None:
    verifier = read_verifier(GO_VERIFIER)
    assert str(verifier) == GO_VERIFIER
    assert open_note(GO_NOTE, [verifier]) == GO_TEXT
    assert sign_note(GO_TEXT, Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(GO_SEED))) == GO_NOTE


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n")))
def test_signed_and_opened(text: str) -> None:
    assert open_note(sign_note(text + "\n", SIGNER), [SIGNER.verifier]) == text + "\n"


def test_lines_of_unknown_keys_are_ignored() -> None:
    both = sign_note(GO_TEXT, OTHER) + GO_LINE
    assert open_note(both, [read_verifier(GO_VERIFIER)]) == GO_TEXT
    with pytest.raises(NoteRefused, match="no known key"):
        open_note(both, [])
    with pytest.raises(NoteRefused, match="no known key"):
        open_note(both, [SIGNER.verifier])  # of the same name as OTHER


def test_one_wrong_signature_of_a_known_key_refuses_the_note() -> None:
    wrong = sign_note("other\n", SIGNER).split("\n\n")[1]
    with pytest.raises(NoteRefused, match="does not fit"):
        open_note(GO_NOTE + wrong, [read_verifier(GO_VERIFIER), SIGNER.verifier])


MALFORMED = {
    "nothing": "",
    "no signature": GO_TEXT,
    "no empty line": GO_TEXT + GO_LINE,
    "no end": GO_NOTE[:-1],
    "a text after the signature": GO_NOTE + "more\n",
    "a hyphen for the dash": GO_NOTE.replace("— ", "- "),
    "no name": GO_NOTE.replace(" PeterNeumann", " "),
    "two blanks": GO_NOTE.replace(" PeterNeumann ", " PeterNeumann  "),
    "no base64": GO_NOTE.replace("x08go", "x08g!"),
    "base64 spelled otherwise": GO_NOTE.replace("nAM=", "nAN="),
    "a key id only": GO_TEXT + "\n— PeterNeumann " + base64.b64encode(bytes(4)).decode() + "\n",
    "a carriage return": GO_NOTE.replace("\n", "\r\n"),
    "a control character": GO_NOTE.replace("If", "If\x07"),
    "half a character": GO_NOTE.replace("If", "\ud800"),
    "too many signatures": GO_NOTE + GO_LINE * MOST_SIGNATURES,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_note_is_refused(name: str) -> None:
    with pytest.raises(NoteRefused):
        open_note(MALFORMED[name], [read_verifier(GO_VERIFIER)])


@given(st.integers(0, len(GO_NOTE) - 1), st.characters(exclude_categories=["Cs"]))
def test_no_changed_character_passes(place: int, character: str) -> None:
    altered = GO_NOTE[:place] + character + GO_NOTE[place + 1 :]
    if altered != GO_NOTE:
        with pytest.raises(NoteRefused):
            open_note(altered, [read_verifier(GO_VERIFIER)])


@pytest.mark.parametrize(
    "text",
    ["", "PeterNeumann", GO_VERIFIER[:-4], GO_VERIFIER.replace("c7", "c8"), GO_VERIFIER.replace("+AR", "+AB"), GO_VERIFIER + "A"],
)
def test_what_is_no_public_key(text: str) -> None:
    with pytest.raises(UsageError):
        read_verifier(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\u202eb"])
def test_a_name_that_no_note_can_carry(name: str) -> None:
    with pytest.raises(UsageError):
        Signer(name, SIGNER.private)


@pytest.mark.parametrize("text", ["", "no line feed", "tab\tinside\n", "return\r\n"])
def test_a_text_that_no_note_can_carry(text: str) -> None:
    with pytest.raises(UsageError):
        sign_note(text, SIGNER)


@given(st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_signed_and_opened(size: int, root: bytes) -> None:
    note = sign_checkpoint(size, root, SIGNER)
    assert open_checkpoint(note, [SIGNER.verifier]) == Checkpoint(SIGNER.name, size, root)


def test_the_text_of_the_specifications_own_checkpoint() -> None:
    root = base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert Checkpoint("example.com/behind-the-sofa", 20852163, root).text() == text
    opened = open_checkpoint(sign_note(text + "an extension\n", SIGNER), [SIGNER.verifier])
    assert opened == Checkpoint("example.com/behind-the-sofa", 20852163, root)


GOOD = Checkpoint("synthetic", 7, ROOT).text()
NO_CHECKPOINT = {
    "no origin": GOOD.removeprefix("synthetic"),
    "a leading zero": GOOD.replace("\n7\n", "\n07\n"),
    "a sign": GOOD.replace("\n7\n", "\n+7\n"),
    "digits of another script": GOOD.replace("\n7\n", "\n٧\n"),
    "a size beyond all logs": GOOD.replace("\n7\n", "\n" + "9" * 19 + "\n"),
    "a short root": f"synthetic\n7\n{base64.b64encode(ROOT[:31]).decode()}\n",
    "a root spelled otherwise": GOOD[:-3] + chr(ord(GOOD[-3]) + 1) + GOOD[-2:],
    "an empty line": GOOD + "\n\n",
    "two lines": "synthetic\n7\n",
}


@pytest.mark.parametrize("name", NO_CHECKPOINT)
def test_a_note_that_is_no_checkpoint(name: str) -> None:
    with pytest.raises(NoteRefused):
        open_checkpoint(sign_note(NO_CHECKPOINT[name], SIGNER), [SIGNER.verifier])
