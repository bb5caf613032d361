"""Scaffold fingerprints, version 1: samples of a text that two parties compute alike and that survive other fillings.

A text in normal form is read as symbols: one a character, but three for an ideograph, a kana or a Hangul syllable, which say
about as much as three letters. All runs of GRAM symbols are hashed; of every WINDOW runs in a row the one with the smallest hash
is a *sample* (winnowing: Schleimer, Wilkerson, Aiken, SIGMOD 2003; the rightmost on a tie). So any passage of
``GRAM + WINDOW - 1`` symbols or more that two texts share gives both a common sample, whatever stands around it. Characters, not
words: scripts without blanks fare alike. The set of a text's samples is its *sketch*.

The hash is ours and specified (``docs/fingerprints.md``, with test vectors), because engines' own hashes differ: it is
the polynomial ``sum(s[i] * BASE**(GRAM-1-i)) mod 2**64`` over symbols followed by the finaliser of MurmurHash3 (Appleby, public
domain). A text of GRAM symbols or fewer gives one sample, the hash of all of it; an empty text none.

>>> sketch("Rewrite the text below so that it is harder.") == sketch("REWRITE the text below, so that it is harder!")
True
"""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.arrow import list_array, string_buffers
from stillwatch.traffic.buffers import Hashes, Topics
from stillwatch.traffic.normal_form import settled
from stillwatch.traffic.winnowing import BASE as BASE
from stillwatch.traffic.winnowing import GRAM as GRAM
from stillwatch.traffic.winnowing import TOPIC_SIZE as TOPIC_SIZE
from stillwatch.traffic.winnowing import WINDOW as WINDOW
from stillwatch.traffic.winnowing import finalise as finalise
from stillwatch.traffic.winnowing import sketch_batch

VERSION = 1


class Sketches(NamedTuple):
    """What is kept of a batch of texts, row by row.

    ``samples``: large list of uint64, each text's distinct samples, ascending. ``whole``: uint64, the specified hash of
    the whole normal form, 0 for the empty text. ``topics``: int8 of shape (rows, TOPIC_SIZE), a signed count sketch of
    the text's short runs (Charikar, Chen, Farach-Colton 2002), whose inner products approximate the texts' common runs.
    """

    samples: pa.Array
    whole: Hashes
    topics: Topics


def compatible(texts: pa.Array) -> pa.Array:
    """Step 1 of the normal form over an Arrow string array: NFKC where a text may need it; nulls become the empty text."""
    texts = pc.fill_null(texts, "")
    sure = settled(*string_buffers(texts))
    if sure.all():
        return texts
    doubtful = pa.array(~sure)
    return pc.replace_with_mask(texts, doubtful, pc.utf8_normalize(pc.filter(texts, doubtful), form="NFKC"))


def sketches(texts: pa.Array) -> Sketches:
    """The sketches of an Arrow string array. Pure; a null counts as an empty text."""
    ends, values, whole, topics = sketch_batch(*string_buffers(compatible(texts)))
    return Sketches(list_array(ends, values), whole, topics)


def sketch(text: str) -> frozenset[int]:
    """The samples of one text."""
    return frozenset(sketches(pa.array([text])).samples[0].as_py())
