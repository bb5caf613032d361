from hypothesis import given
from hypothesis import strategies as st

from stillwatch.vocabulary.printable import one_line, visible


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"))))
def test_what_can_be_seen_is_left_alone(text):
    assert visible(text) == text


@given(st.text(st.characters(categories=("Cc", "Cf", "Cs")), min_size=1))
def test_what_steers_is_spelled_out(text):
    shown = visible(text)
    assert all(c in "\n\t" or c.isprintable() for c in shown)
    shown.encode()


def test_the_catalogue_of_steering_characters():
    assert visible("a\x00\x1b]8;;\x07\u202e\u2066\ufeff\x85") == "a<U+0000><U+001B>]8;;<U+0007><U+202E><U+2066><U+FEFF><U+0085>"
    assert visible("\ud800") == "<U+D800>"
    assert visible("多語言 \U0001f642 é") == "多語言 \U0001f642 é"


def test_one_line_has_one_line():
    assert one_line("a\n\tb\r\nc\u2028d") == "a b c d"
