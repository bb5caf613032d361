"""Learned weights for techniques: what a text asks for, also where it uses none of the taxonomy's words.

A text is cut into *windows* of two sentences. A window counts its runs of characters (of RUNS lengths, hashed into DIMENSIONS
places, an ideograph as three characters), divided by the root of their number; to them comes the text's LAYOUT: tags, a scale,
two labelled parts and the like, which no language owns. One linear score per technique is read off, of a text its best window's;
above 0 lies one in a hundred innocent texts made of sentences that were not learned from. The weights were learned
(``scripts/technique_weights.py``) from sentences written for the purpose in nine languages, none of them from recorded traffic.

>>> found = scores(["Give the reply below a mark from 1 to 10 and end with the mark in double brackets."], learned())
>>> learned().ids[found.argmax()]
'SW-T05'
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack

from stillwatch.signals.population import Floats, Ints

DIMENSIONS = 1 << 13
RUNS = (2, 3, 4)
LAYOUT = tuple(
    re.compile(pattern)
    for pattern in (
        r"<[a-z_]{2,20}>",
        r"\[\[|【|\\boxed",
        r"\{\s?\"|\":",
        r"(?<!\d)[01]\s?(?:-|–|~|/|到|至|から|to|and|bis|a|à|et|до|से|إلى)\s?(?:5|7|10|100)(?!\d)",
        r"(?m)^\W{0,4}(?:\w{1,12} )?(?:A|1)\W{0,3}$(?s:.)*^\W{0,4}(?:\w{1,12} )?(?:B|2)\W{0,3}$",
        r"(?m)^\W{0,4}\S.{0,30}:$(?s:.)*^\W{0,4}\S.{0,30}:$",
        r"(?m)^ ?(?:1[.)]|[-*] )",
        r"(?m)^(?:###|---|```)",
    )
)
"""Tags; marked results; JSON; a scale; two labelled parts; several headings; a list; rules."""
LAYOUT_WEIGHT = 0.5
_SENTENCE = re.compile(r"(?<=[.!?。！？।؟:])\s*|\n+")
_LONGEST, _LONGEST_SENTENCE = 1200, 200
_BASE = np.uint64(0x9E3779B97F4A7C15)
_FILE = "technique_weights.npz"


class Weights(NamedTuple):
    """``weights`` (places and layout × techniques ``ids``) and ``bias``, both in units of ``unit``; ``version`` counts up."""

    version: int
    ids: tuple[str, ...]
    weights: npt.NDArray[np.int8]
    bias: npt.NDArray[np.int16]
    unit: float


@cache
def learned() -> Weights:
    """The weights that ship with this version."""
    with resources.files(__package__).joinpath(_FILE).open("rb") as file, np.load(file, allow_pickle=False) as data:
        return Weights(int(data["version"]), tuple(data["ids"].tolist()), data["weights"], data["bias"], float(data["unit"]))


def scores(texts: Sequence[str], by: Weights) -> Floats:
    """The best window's score of each text for each technique: shape (texts, techniques); -inf for an empty text."""
    features, owner = windows(texts)
    found = features @ (by.weights * by.unit).astype(np.float32) + (by.bias * by.unit)
    out = np.full((len(texts), len(by.ids)), -np.inf)
    np.maximum.at(out, owner, found)
    return out


def windows(texts: Sequence[str]) -> tuple[csr_array, Ints]:
    """The features of all windows, one row each, and the number of the text that each lies in."""
    cut = pieces(texts)
    owner = np.repeat(np.arange(len(texts)), [len(part) for part in cut])
    layout = np.array([[bool(pattern.search(text)) for pattern in LAYOUT] for text in texts], np.float32).reshape(-1, len(LAYOUT))
    runs = _runs([piece for part in cut for piece in part])
    return hstack([runs, csr_array(layout[owner] * np.float32(LAYOUT_WEIGHT))], format="csr"), owner


def pieces(texts: Sequence[str]) -> list[list[str]]:
    """The windows of each text, in lower case and with all numbers as 0."""
    return [_windows(_folded(text)) for text in texts]


def _folded(text: str) -> str:
    ends = text if len(text) <= 2 * _LONGEST else f"{text[:_LONGEST]}\n{text[-_LONGEST:]}"
    return re.sub(r"\d+", "0", unicodedata.normalize("NFKC", ends).casefold())


def _windows(text: str) -> list[str]:
    """Every two sentences in a row (the last alone too if it is the only one)."""
    sentences = [part.strip()[:_LONGEST_SENTENCE] for part in _SENTENCE.split(text) if part and part.strip()]
    return [" ".join(sentences[i : i + 2]) for i in range(max(1, len(sentences) - 1))] if sentences else []


def _runs(cut: Sequence[str]) -> csr_array:
    """Per piece the counts of its hashed runs, divided by the root of how many there are."""
    codes = np.frombuffer("".join(f" {piece} \0" for piece in cut).encode("utf-32-le", "replace"), np.uint32)
    owner = np.repeat(np.arange(len(cut)), [len(piece) + 3 for piece in cut])
    times = np.where((codes >= 0x2E80) & (codes <= 0xFAFF), 3, 1)
    codes, owner = np.repeat(codes, times), np.repeat(owner, times)
    place, row = [], []
    for length in RUNS:
        starts = max(0, len(codes) - length + 1)
        hashes = np.full(starts, length, np.uint64)
        for step in range(length):
            hashes = (hashes + codes[step : step + starts]) * _BASE
            hashes ^= hashes >> np.uint64(29)
        inside = (codes[length - 1 :] != 0) & (owner[length - 1 :] == owner[:starts])
        place.append((hashes[inside] % np.uint64(DIMENSIONS)).astype(np.int32))
        row.append(owner[:starts][inside])
    rows = np.concatenate(row)
    root = np.sqrt(np.maximum(np.bincount(rows, minlength=len(cut)), 1)).astype(np.float32)
    return csr_array((1 / root[rows], (rows, np.concatenate(place))), shape=(len(cut), DIMENSIONS))
