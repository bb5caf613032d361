"""Techniques by learned weights: reworded requests, innocent ones, and weights that learning again gives anew."""

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from stillwatch.signals.technique import showing, shows, text_shares
from stillwatch.signals.technique_model import DIMENSIONS, LAYOUT, learned, pieces, scores
from stillwatch.vocabulary.taxonomy import taxonomy


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "technique_weights.py"
    spec = importlib.util.spec_from_file_location("technique_weights", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_techniques_are_shown_in_several_languages_and_by_several_concepts_together() -> None:
    known = taxonomy()
    reasoning = known.technique("SW-T01")
    assert shows(reasoning, "Write the complete reasoning, then the final answer.")
    assert shows(reasoning, "请写出完整的推理过程。")
    assert shows(reasoning, "Напишите подробное рассуждение.")
    assert not shows(reasoning, "Is this a complete list of the museums in town?")
    assert shows(known.technique("SW-T07"), "Rewrite the instruction so that it is more complex.")


def test_what_no_concept_names_is_recognised_too() -> None:
    known = taxonomy()
    assert shows(known.technique("SW-T06"), "Welche der zwei Antworten gewinnt, die erste oder die zweite?")
    assert shows(known.technique("SW-T03"), "Веди внутренние рассуждения на языке запроса.")


def test_recognition_holds_on_sentences_kept_apart_and_spares_innocent_ones(script: ModuleType) -> None:
    known = script.examples(script.phrases(True), 2, 77)
    found = showing(taxonomy(), [example.text for example in known])
    right = [example.technique in ids for example, ids in zip(known, found, strict=True) if example.technique]
    innocent = [bool(ids) for example, ids in zip(known, found, strict=True) if not example.technique]
    assert np.mean(right) >= 0.6
    assert np.mean(innocent) <= 0.12


def test_the_weights_fit_the_taxonomy_and_the_features() -> None:
    weights = learned()
    assert set(weights.ids) == {technique.id for technique in taxonomy().techniques if technique.concepts}
    assert weights.weights.shape == (DIMENSIONS + len(LAYOUT), len(weights.ids))


def test_the_weights_were_learned_from_the_sentences_as_they_stand(script: ModuleType) -> None:
    with np.load(script.WEIGHTS, allow_pickle=False) as data:
        assert str(data["sources"]) == script.sources(), "learn again: python scripts/technique_weights.py"


def test_learning_again_gives_the_same_file(script: ModuleType, tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        script.save(script.learn(script.everything()[::8], steps=10), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize("texts", [[], [""], ["\ud800", "...", "\n\n"]], ids=["none", "empty", "odd"])
def test_texts_without_words_show_nothing(texts: list[str]) -> None:
    assert scores(texts, learned()).shape == (len(texts), len(learned().ids))
    assert not any(text_shares(taxonomy(), texts).values())


def test_a_window_is_two_sentences_in_any_script() -> None:
    assert pieces(["One. Two! 33?", "一。二。", "only one"]) == [["one. two!", "two! 0?"], ["一。 二。"], ["only one"]]
