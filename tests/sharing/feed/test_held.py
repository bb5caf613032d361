"""What the feed holds of one object. Synthetic."""

from datetime import UTC, datetime

import msgspec

from stillwatch.sharing.feed.held import Held
from stillwatch.sharing.signatures.signing import sign, sign_together
from tests.sharing.signatures.test_signatures import KEY, NOTE, OTHERS_KEY

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def held(value: object) -> Held:
    return Held(NOTE["id"], "", "note", NOW, False, msgspec.json.encode(value).decode(), NOW, "synthetic")


def test_an_object_signed_anew_says_the_same_and_a_changed_one_does_not() -> None:
    other = NOTE | {"content": "synthetic, changed"}
    first = held(sign(NOTE, KEY))
    assert all(first.says_as(held(thing)) for thing in (sign_together([NOTE, other], KEY)[0], sign(NOTE, OTHERS_KEY), NOTE))
    assert not first.says_as(held(sign(other, KEY)))
