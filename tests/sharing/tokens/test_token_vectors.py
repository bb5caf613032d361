"""The published vectors (docs/token-vectors.json): what the code makes, and current.

To write them anew after a change of version:  python tests/sharing/tokens/test_token_vectors.py
"""

import json
from pathlib import Path
from typing import Any

import pytest

from stillwatch.sharing.tokens.canonical import KINDS, canonical
from stillwatch.sharing.tokens.epoch import epoch_key
from stillwatch.sharing.tokens.forms.text import IdentifierRefused
from stillwatch.sharing.tokens.token import VERSION, Token
from stillwatch.sharing.tokens.tokeniser import KeyTokeniser, tokens

PLACE = Path(__file__).parents[3] / "docs" / "token-vectors.json"
EPOCH = "2026-q4"
SEED = bytes(range(32))
VALUES = {
    "email": [
        "jane@example.com",
        " Jane@Example.COM ",
        "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "jane+news@example.com",
        "J.Doe+news@googlemail.com",
        "J.Doe+news@outlook.com",
        "jane@bücher.example",
        "re\u0301ne@example.com",
    ],
    "payment-fingerprint": ["Xt5EWLLDS7FJjR1c", " fp_0001 "],
    "ip-address": ["192.0.2.1", "::ffff:192.0.2.1", "2001:0DB8:0:0::0001"],
    "ip-prefix": ["192.0.2.77", "192.0.2.77/25", "2001:db8:1:2::3", "2001:db8:1:2::3/64", "::ffff:192.0.2.77/120"],
    "device-id": ["{6F9619FF-8B86-4011-B42D-00C04FC964FF}", "6f9619ff8b864011b42d00c04fc964ff", "Dev_A1"],
    "account-name": ["Acme Labs", "ＡＣＭＥ  la\u200bbs", "Straße", "\u0430cme labs"],
    "client-fingerprint": ["t13d1516h2_8daaf6152771_b186095e22b6", "E7D705A3286E19EA42F587B344EE6865"],
}
REFUSED = [
    ["email", "jane"],
    ["email", '"jane doe"@example.com'],
    ["email", "jane@192.0.2.1"],
    ["payment-fingerprint", "4111 1111 1111 1111"],
    ["ip-address", "192.0.02.1"],
    ["ip-address", "10.0.0.1"],
    ["ip-address", "2001:db8::1%eth0"],
    ["ip-prefix", "192.0.2.0/33"],
    ["device-id", "00000000-0000-0000-0000-000000000000"],
    ["account-name", "\u200b"],
    ["client-fingerprint", "two words"],
]


def made() -> dict[str, Any]:
    """The vectors as the code makes them."""
    key = epoch_key(SEED, EPOCH)
    tokeniser = KeyTokeniser(EPOCH, key)
    return {
        "version": VERSION,
        "note": "All values are synthetic. The canonical form is the kind, U+001F and the normal form, in UTF-8.",
        "key": {"seed": SEED.hex(), "epoch": EPOCH, "secret": key.secret.hex(), "public": key.public.hex()},
        "vectors": [
            {
                "kind": kind,
                "value": value,
                "normal": canonical(kind, value).decode().partition("\x1f")[2],
                "token": str(tokens(tokeniser, [(kind, value)])[0]),
            }
            for kind, values in VALUES.items()
            for value in values
        ],
        "refused": [{"kind": kind, "value": value, "because": _why(kind, value)} for kind, value in REFUSED],
    }


def _why(kind: str, value: str) -> str:
    with pytest.raises(IdentifierRefused) as refused:
        canonical(kind, value)
    return refused.value.what


def test_the_published_vectors_are_current() -> None:
    assert json.loads(PLACE.read_text("utf-8")) == made()


def test_the_published_vectors_cover_every_kind() -> None:
    published = json.loads(PLACE.read_text("utf-8"))["vectors"]
    assert {vector["kind"] for vector in published} == set(KINDS)
    assert all(Token.parse(vector["token"]).kind == vector["kind"] for vector in published)


if __name__ == "__main__":
    PLACE.write_text(json.dumps(made(), ensure_ascii=True, indent=1) + "\n", "utf-8")
