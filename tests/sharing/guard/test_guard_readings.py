"""Reading forms: whatever disguise a text has on, one of its readings or decodings is the text."""

import base64
import codecs
import gzip
import html
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.sharing.guard.decodings import decodings
from stillwatch.sharing.guard.letters import folded, plain, unmasked
from stillwatch.sharing.guard.payment import luhn
from stillwatch.sharing.guard.readings import disguised, readings
from stillwatch.sharing.guard.traits import Traits
from stillwatch.sharing.guard.words import vocabulary

SENTENCE = "we will all block them"


def all_readings(text: str) -> set[str]:
    written = plain(text)
    base = folded(written)
    kinds = 0
    for hit in vocabulary().hits(base):
        kinds |= hit.kinds
    return {base, *readings(written, base, kinds, Traits.of(written))}


@pytest.mark.parametrize(
    "disguise",
    [
        "WE WILL ALL BLOCK THEM",
        "Ｗｅ ｗｉｌｌ ａｌｌ ｂｌｏｃｋ ｔｈｅｍ",
        "we w\u200bill all bl\u200dock them",
        "wе will аll blосk thеm",
        "𝔴𝔢 𝔴𝔦𝔩𝔩 𝔞𝔩𝔩 𝔟𝔩𝔬𝔠𝔨 𝔱𝔥𝔢𝔪",
        "wé wïll àll blôck thęm",
        "we_will-all/block them",
        "we w1ll 4ll bl0ck th3m",
        "we will all b.l.o.c.k them",
        "w e   w i l l   a l l   b l o c k   t h e m",
        "WeWillAllBlockThem",
        "wewillallblockthem",
        codecs.encode(SENTENCE, "rot13"),
        SENTENCE[::-1],
    ],
)
def test_a_disguise_is_read(disguise: str) -> None:
    assert SENTENCE in all_readings(disguise)


def encoders() -> list[Callable[[str], str]]:
    return [
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        lambda text: base64.b32encode(text.encode()).decode(),
        lambda text: text.encode().hex(),
        lambda text: text.encode().hex(" "),
        lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
        lambda text: quote(quote(text, safe="")),
        lambda text: "".join(f"&#{ord(c)};" for c in text),
        lambda text: html.escape(html.escape(f"<{text}>")),
        lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
        lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
        lambda text: " ".join(str(byte) for byte in text.encode()),
        lambda text: " ".join(f"{byte:08b}" for byte in text.encode()),
        lambda text: base64.b64encode(gzip.compress(text.encode())).decode(),
        lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    ]


@pytest.mark.parametrize("number", range(len(encoders())))
def test_an_encoding_is_undone_within_other_text(number: int) -> None:
    encoded = encoders()[number](SENTENCE)
    found = [inner.text for inner in decodings(f"note: {encoded}")]
    assert any(SENTENCE in text for text in found), found


@given(st.lists(st.sampled_from(encoders()[:4]), min_size=1, max_size=3))
def test_encodings_of_encodings_are_undone(chain: list[Callable[[str], str]]) -> None:
    encoded = SENTENCE
    for encode in chain:
        encoded = encode(encoded)
    assert any(SENTENCE in inner.text for inner in decodings(encoded))


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert all(isinstance(reading, str) for reading in all_readings(text))
    assert sum(len(inner.text) for inner in decodings(plain(text))) <= 20_000
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("text", "hides"),
    [
        ("pri\u200bce", True),
        ("рrice", True),
        ("\u202eecirp", True),
        ("W E W I L L B L O C K", True),
        ("A B C D E F G H I", False),
        ("τ-bench, μs, Δt", False),
        ("کتاب\u200cها", False),
        ("👩\u200d💻", False),
        ("скрипт на Python", False),
        ("AIモデル", False),
        ("שלום \u200f123", False),
    ],
)
def test_disguise_is_told_from_other_scripts(text: str, hides: bool) -> None:
    assert disguised(text) is hides


def test_a_look_alike_is_its_letter() -> None:
    assert unmasked("рrісе Ꮲ ᴘʀɪᴄᴇ") == "price P price"


@given(st.lists(st.integers(0, 9), min_size=1, max_size=18))
def test_exactly_one_check_digit_fits(digits: list[int]) -> None:
    assert sum(luhn([*digits, check]) for check in range(10)) == 1
