"""Near-matches: a paraphrase that keeps most of a scaffold is found again, what merely resembles it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import UsageError
from stillwatch.sharing.stix.patterns import Scaffold, read_pattern, scaffold_pattern
from stillwatch.sharing.stix.scaffold import fingerprint_text, in_hex, is_near, overlap, samples_of
from stillwatch.traffic.fingerprint import sketch

SCAFFOLD = (
    "You are an impartial examiner. Read the question and the two candidate replies that follow it. Weigh accuracy, depth and "
    "clarity, and write down every consideration before you decide. Do not let the order of the replies or their length sway you. "
    "Begin with a plan, then compare the replies sentence by sentence, then state the verdict on a line of its own as [[A]] or [[B]]. "
    "Question: "
)
PARAPHRASE = SCAFFOLD.replace("Weigh accuracy, depth and clarity", "Consider how right and how clear they are")
FRESH = (
    "Translate the passage below into plain French for a reader of twelve. Keep the names as they are, do not add notes of your own, "
    "and give nothing but the translation, one paragraph for each paragraph of the source. Passage: "
)


def received() -> list[int]:
    """The samples that a provider shares of the scaffold: those that stay whatever the filling, at most twelve."""
    return sorted(sketch(SCAFFOLD + "what is a synthetic prime?") & sketch(SCAFFOLD + "name a synthetic river, and why."))[:12]


def test_the_same_scaffold_with_another_filling_is_found_whole() -> None:
    assert overlap(sketch(SCAFFOLD + "how do synthetic bees dance in winter?"), received()) == 1


def test_a_paraphrase_that_keeps_most_of_it_is_found() -> None:
    own = sketch(PARAPHRASE + "how do synthetic bees dance in winter?")
    share = overlap(own, received())
    assert 0.5 <= share < 1
    assert is_near(round(share * len(received())), len(received()))


def test_another_scaffold_of_the_same_kind_is_not() -> None:
    assert overlap(sketch(FRESH + "Les abeilles dansent."), received()) == 0


@pytest.mark.parametrize(
    ("found", "of", "near"), [(0, 1, False), (1, 1, True), (1, 2, False), (2, 2, True), (1, 3, False), (6, 12, True), (5, 12, False), (0, 0, False)]
)  # fmt: skip
def test_how_many_samples_are_enough(found: int, of: int, near: bool) -> None:
    assert is_near(found, of) is near


@given(st.sets(st.integers(0, 2**64 - 1), min_size=1, max_size=60), st.data())
def test_overlap_is_the_share_found_again(samples: set[int], data: st.DataObject) -> None:
    own = set(data.draw(st.lists(st.sampled_from(sorted(samples)))))
    assert overlap(own, samples) == len(own) / len(samples)
    assert samples_of(fingerprint_text(in_hex(samples))) == tuple(sorted(samples))
    assert read_pattern(scaffold_pattern(in_hex(samples))) == Scaffold(in_hex(samples))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "swf1:",
        "swf2:0000000000000001",
        "swf1:0001",
        "swf1:000000000000000G",
        "swf1:" + "0" * 16 + ".",
        "swf1:" + ".".join(["0" * 16] * 257),
    ],
)
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no scaffold fingerprint"):
        samples_of(text)
