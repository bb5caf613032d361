"""A scaffold as it crosses the border: its fingerprint's samples, and how near others come to them.

Rules: the samples travel as they are (docs/fingerprints.md). Two providers compute the same samples for the same fixed text, and a
paraphrase keeps those of the passages it leaves alone; so nearness is the share of the received samples that are found again.
What is found again in one's own traffic is gathered over an account, because a fingerprint may hold samples of several
texts that always go together.

>>> overlap({1, 2, 3, 9}, {1, 2, 3, 4})
0.75
>>> samples_of("swf1:00000000000000ff.0000000000000100")
(255, 256)
"""

from collections.abc import Collection, Iterable, Set

from stillwatch.errors import UsageError

NEAR = 0.5
"""From this overlap on a scaffold counts as found again …"""

FEWEST = 2
"""… if at least so many samples are, or all there are."""

_PREFIX = "swf1:"
_MOST = 256
_DIGITS = frozenset("0123456789abcdef")


def overlap(own: Set[int], received: Collection[int]) -> float:
    """The share of the received samples that are among one's own, in [0, 1]; 0 if none were received."""
    return sum(sample in own for sample in received) / len(received) if received else 0.0


def is_near(found: int, received: int) -> bool:
    """Whether ``found`` of ``received`` samples are enough for a match; see NEAR and FEWEST."""
    return found >= min(FEWEST, received) and found >= NEAR * received and found > 0


def samples_of(fingerprint: str) -> tuple[int, ...]:
    """The samples in a fingerprint's text, ascending. Raises UsageError if it is none of version 1."""
    words = fingerprint.removeprefix(_PREFIX).split(".")
    if not fingerprint.startswith(_PREFIX) or len(words) > _MOST or not all(map(is_sample, words)):
        raise UsageError(
            "no scaffold fingerprint of version 1", place=fingerprint[:60], cure="give swf1: and samples of 16 hex digits each"
        )
    return tuple(sorted({int(word, 16) for word in words}))


def is_sample(word: str) -> bool:
    """Whether this is a sample in hex: 16 lower-case digits."""
    return len(word) == 16 and _DIGITS.issuperset(word)


def in_hex(samples: Iterable[int]) -> tuple[str, ...]:
    """Samples as they travel."""
    return tuple(f"{sample:016x}" for sample in sorted(samples))


def fingerprint_text(samples: Iterable[str]) -> str:
    """The text of a fingerprint of samples in hex."""
    return _PREFIX + ".".join(samples)
