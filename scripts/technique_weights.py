"""Learn the weights by which techniques are recognised, or measure them on sentences kept apart.

    python scripts/technique_weights.py            writes src/stillwatch/signals/technique_weights.npz
    python scripts/technique_weights.py --measure  prints precision and recall beside the taxonomy's concepts

Sentences stand in ``technique_phrases.txt``, sentences with alternatives in ``technique_grammar.txt``; both were written for
this, the latter without a look at what is kept apart. Ordinary English in ``technique_innocent.txt`` is that of our documentation;
fillings are those of the simulator. One logistic model a technique over windows (see ``technique_model``) with
a quadratic penalty, found by a fixed number of steps from fixed seeds, so that learning again gives the same file.
"""

import argparse
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from stillwatch.signals import technique_model
from stillwatch.signals.technique import concepts_met, showing
from stillwatch.signals.technique_model import Weights, windows
from stillwatch.traffic.simulate.prose import SCRIPTS, TOPICS, write
from stillwatch.vocabulary.taxonomy import Taxonomy, taxonomy

VERSION = 2
PHRASES = Path(__file__).with_name("technique_phrases.txt")
GRAMMAR = Path(__file__).with_name("technique_grammar.txt")
INNOCENT_ENGLISH = Path(__file__).with_name("technique_innocent.txt")
WEIGHTS = Path(technique_model.__file__).with_name("technique_weights.npz")
PENALTY = 5e-6
STEPS, STRIDE = 200, 2.4
"""Of accelerated gradient descent (Nesterov 1983); the stride is below the inverse of the loss's largest curvature."""
FOLDS = 3
INNOCENT = 0.99
UNIT = 1 / 16
EACH = 3
"""Texts made of each sentence."""
DRAWN = 16
"""Sentences drawn from each sentence with alternatives, for one text each."""
SCRIPT = {"ru": 2, "zh": 3, "ja": 3, "ar": 4, "hi": 5, "es": 1}
LAYOUTS = {
    "SW-T01": ("{}\n<steps>\n{}", "{}\n\n{}\n\nBegin: <reasoning>"),
    "SW-T02": ("{}\n\nQ:\n{}\n\nA:\n17", "{}\n1. {}\n2. 17"),
    "SW-T05": ("{}\n\n[Reply]\n{}\n\n[[0-10]]", '{}\n{}\n{{"score": 1-5}}'),
    "SW-T06": ("{0}\n\n[A]\n{1}\n\n[B]\n{1}", "{0}\n### 1\n{1}\n### 2\n{1}"),
    "SW-T07": ("{}\n\n### Seed\n{}\n\n### New", "{}\n- {}"),
    "SW-T12": ("{}\n\n<think>\n{}\n</think>", "{}\nTrace:\n{}\nClean:\n"),
}
"""Layouts that a technique often comes in; the others come plain."""
PLAIN = ("{}\n\n{}", "{1}\n\n{0}", "{}\n```\n{}\n```", "{} {}")


class Example(NamedTuple):
    """A text, the sentence in it that matters, and the id of the technique that it shows (None: none)."""

    text: str
    phrase: str
    technique: str | None


def phrases(held_out: bool) -> list[tuple[str | None, str, str]]:
    """Technique id, language and sentence of each line for training, or of each that is kept apart."""
    found = []
    for line in PHRASES.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            technique, language, kind, sentence = line.split(" ", 3)
            if (kind == "?") == held_out:
                found.append((None if technique == "none" else f"SW-{technique}", language, sentence))
    return found


def drawn(seed: int) -> list[tuple[str | None, str, str]]:
    """Technique id, language and sentence: DRAWN of each sentence with alternatives."""
    rng = np.random.default_rng(seed)
    found = []
    for line in GRAMMAR.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            technique, language, sentence = line.split(" ", 2)
            for _ in range(DRAWN):
                chosen = re.sub(r"\[([^]]*)\]", lambda part: str(rng.choice(part.group(1).split("|"))), sentence)
                found.append((None if technique == "none" else f"SW-{technique}", language, chosen))
    return found


def examples(sentences: list[tuple[str | None, str, str]], each: int, seed: int) -> list[Example]:
    """Texts made of each of the ``sentences``: with fillings in its script, in several layouts."""
    rng = np.random.default_rng(seed)
    rows = [entry for entry in sentences for _ in range(each)]
    script = np.array([SCRIPT.get(language, 0) for _, language, _ in rows])
    filling = write(rng.integers(1, 7, len(rows)), script, rng.integers(0, TOPICS, len(rows)), rng).to_pylist()
    out = []
    for (technique, _, sentence), text in zip(rows, filling, strict=True):
        usual = LAYOUTS.get(technique or "", PLAIN)
        layouts = usual if rng.random() < 0.5 else PLAIN
        if technique is None and rng.random() < 0.25:
            layouts = LAYOUTS[str(rng.choice(list(LAYOUTS)))]
        out.append(Example(layouts[rng.integers(len(layouts))].format(sentence, text), sentence, technique))
    return out


def fillings(count: int, seed: int) -> list[Example]:
    """Texts of people, in all scripts."""
    rng = np.random.default_rng(seed)
    texts = write(rng.integers(1, 9, count), rng.integers(0, SCRIPTS, count), rng.integers(0, TOPICS, count), rng).to_pylist()
    return [Example(text, "", None) for text in texts]


class Learnt(NamedTuple):
    """Windows to learn from: features, the sentence (by number) and the text of each, and which techniques it shows."""

    features: csr_array
    sentence: np.ndarray
    text: np.ndarray
    wanted: np.ndarray

    def rows(self, chosen: np.ndarray) -> "Learnt":
        """The chosen windows (mask)."""
        return Learnt(self.features[chosen], self.sentence[chosen], self.text[chosen], self.wanted[chosen])


def documentation(count: int, seed: int) -> list[Example]:
    """Texts of one to eight sentences of our own documentation; each sentence counts as one that matters to nobody."""
    rng = np.random.default_rng(seed)
    lines = np.array([line for line in INNOCENT_ENGLISH.read_text("utf-8").splitlines() if not line.startswith("#")])
    chosen = [rng.choice(lines, rng.integers(1, 9)) for _ in range(count)]
    return [Example(" ".join(part), str(part[0]), None) for part in chosen]


def everything() -> list[Example]:
    """All that is learned from."""
    return examples(phrases(False), EACH, 11) + examples(drawn(14), 1, 15) + fillings(250, 12) + documentation(400, 13)


def learn(known: list[Example], steps: int = STEPS) -> Weights:
    """Fit all techniques; biases put one in a hundred innocent texts of sentences not learned from above 0."""
    ids = tuple(sorted({example.technique for example in known if example.technique}))
    windows = _windows(known, ids)
    weights = _fit(windows, steps)
    weights[-1] -= _margins(windows, steps)
    whole = np.clip(np.round(weights / UNIT), -127, 127).astype(np.int8)
    return Weights(VERSION, ids, whole[:-1], np.round(weights[-1] / UNIT).astype(np.int16), UNIT)


def _windows(known: list[Example], ids: tuple[str, ...]) -> Learnt:
    """Windows that hold half the words of the sentence that matters, and all of innocent texts."""
    features, text = windows([example.text for example in known])
    words = [set(" ".join(piece[:1]).split()) for piece in technique_model.pieces([example.phrase for example in known])]
    cut = [piece for part in technique_model.pieces([example.text for example in known]) for piece in part]
    matters = np.array([len(words[i] & set(piece.split())) >= 0.5 * len(words[i]) for i, piece in zip(text, cut, strict=True)])
    wanted = np.array([[example.technique == name for name in ids] for example in known])[text]
    sentence = np.unique([example.phrase for example in known], return_inverse=True)[1][text]
    found = Learnt(features.astype(np.float64), sentence, text, wanted)
    return found.rows(matters | ~wanted.any(axis=1))


def _fit(known: Learnt, steps: int) -> np.ndarray:
    """Weights and (last row) biases of one logistic model a technique, with both sorts weighing alike."""
    sign = np.where(known.wanted, 1.0, -1.0)
    weight = np.where(known.wanted, 0.5 / known.wanted.sum(axis=0), 0.5 / (~known.wanted).sum(axis=0))
    shape = (known.features.shape[1] + 1, known.wanted.shape[1])
    across = known.features.T.tocsr()

    at, ahead = np.zeros(shape), np.zeros(shape)
    for step in range(steps):
        margin = sign * (known.features @ ahead[:-1] + ahead[-1])
        slope = -sign * weight / (1 + np.exp(np.clip(margin, -50, 50)))
        down = np.vstack([across @ slope + 2 * PENALTY * ahead[:-1], slope.sum(axis=0, keepdims=True)])
        before, at = at, ahead - STRIDE * down
        ahead = at + step / (step + 3) * (at - before)
    return at


def _margins(known: Learnt, steps: int) -> np.ndarray:
    """Per technique the score that INNOCENT of innocent texts stay below whose sentences the weights have not seen."""
    best = np.full((known.text.max() + 1, known.wanted.shape[1]), -np.inf)
    for part in range(FOLDS):
        apart = known.sentence % FOLDS == part
        weights = _fit(known.rows(~apart), steps)
        np.maximum.at(best, known.text[apart], known.features[apart] @ weights[:-1] + weights[-1])
    innocent = np.zeros(len(best), bool)
    innocent[known.text[~known.wanted.any(axis=1)]] = True
    return np.quantile(best[innocent & np.isfinite(best[:, 0])], INNOCENT, axis=0)


def sources() -> str:
    """A digest of what the weights are learned from and of the learner's settings."""
    settings = (
        VERSION,
        PENALTY,
        STEPS,
        STRIDE,
        FOLDS,
        INNOCENT,
        UNIT,
        EACH,
        DRAWN,
        technique_model.RUNS,
        technique_model.DIMENSIONS,
    )
    texts = [path.read_bytes() for path in (PHRASES, GRAMMAR, INNOCENT_ENGLISH)]
    return hashlib.sha256(b"\0".join([repr(settings).encode(), *texts])).hexdigest()


def save(found: Weights, path: Path) -> None:
    """Write the weights, with the digest of their sources."""
    np.savez_compressed(
        path,
        version=found.version,
        ids=np.array(found.ids),
        weights=found.weights,
        bias=found.bias,
        unit=found.unit,
        sources=sources(),
    )


def measure(seed: int = 21) -> None:
    """Print recall and false hits, by concepts alone and together with weights, on sentences kept apart and on fillings."""
    known = examples(phrases(True), 10, seed) + fillings(1000, seed + 1)
    ids = [technique.id for technique in taxonomy().techniques if technique.concepts]
    truth = np.array([[example.technique == name for name in ids] for example in known])
    innocent = ~truth.any(axis=1)
    print("| technique | way | recall | precision | innocent texts hit |\n|---|---|---|---|---|")
    for way, seen in (("concepts", by_concepts), ("concepts and weights", showing)):
        found = seen(taxonomy(), [example.text for example in known])
        hits = np.array([[name in shown for name in ids] for shown in found])
        for i, name in enumerate(ids):
            right = (hits[:, i] & truth[:, i]).sum()
            cells = right / truth[:, i].sum(), right / max(1, hits[:, i].sum()), hits[innocent, i].mean()
            print(f"| {taxonomy().technique(name).name} | {way} | {cells[0]:.2f} | {cells[1]:.2f} | {cells[2]:.3f} |")


def by_concepts(known: Taxonomy, texts: list[str]) -> list[set[str]]:
    """The techniques that texts show by concepts alone."""
    return [{technique.id for technique in known.techniques if concepts_met(technique, text)} for text in texts]


def main() -> None:
    """Learn or measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true", help="print precision and recall and write nothing")
    options = parser.parse_args()
    if options.measure:
        measure()
    else:
        save(learn(everything()), WEIGHTS)


if __name__ == "__main__":
    main()
