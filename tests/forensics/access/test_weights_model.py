"""Open weights: scores and answers of a tiny model with random weights, against a sum by hand. Needs torch and transformers."""

from pathlib import Path

import numpy as np
import pytest

from stillwatch.errors import UsageError
from stillwatch.forensics.access.endpoint import Endpoint
from stillwatch.forensics.access.weights_model import WeightsModel

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
tokenizers = pytest.importorskip("tokenizers")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    words = ["[UNK]", "[BOS]", "why", "because", "of", "rain", "\n"]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({w: n for n, w in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(single="[BOS] $A", special_tokens=[("[BOS]", 1)])
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="[BOS]", eos_token="[UNK]", unk_token="[UNK]"
    )
    wrapped.save_pretrained(tmp_path)
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=len(words), n_positions=32, n_embd=8, n_layer=1, n_head=1, bos_token_id=1, eos_token_id=0
    )
    transformers.GPT2LMHeadModel(config).save_pretrained(tmp_path)
    return tmp_path


def test_the_score_is_the_sum_over_the_answer(folder: Path) -> None:
    score = WeightsModel(Endpoint("tiny", weights=str(folder))).score("why", "because of rain")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    ids = torch.tensor([[1, 2, 3, 4, 5]])
    with torch.inference_mode():
        log_p = torch.log_softmax(model(ids).logits[0].double(), dim=-1)
    expected = sum(float(log_p[place - 1, ids[0, place]]) for place in (2, 3, 4))
    assert score.log_probability == pytest.approx(expected, rel=1e-5)
    assert score.covered_bytes == len("because of rain")


def test_answers_are_drawn_anew_by_draw_and_the_same_by_the_same_draw(folder: Path) -> None:
    model = WeightsModel(Endpoint("tiny", weights=str(folder), temperature=1.0, max_output_tokens=8))
    assert model.answer("why", 3) == model.answer("why", 3)
    assert len({model.answer("why", draw).text for draw in range(6)}) > 1


def test_an_answer_without_a_token_has_no_score(folder: Path) -> None:
    assert WeightsModel(Endpoint("tiny", weights=str(folder))).score("why", "").per_byte is None


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder of weights"):
        WeightsModel(Endpoint("tiny", weights=str(tmp_path / "nowhere")))


def test_next_tokens_are_those_of_the_score(folder: Path) -> None:
    model = WeightsModel(Endpoint("tiny", weights=str(folder)))
    tokens = model.tokens("why because of")
    assert tokens.tolist() == [2, 3, 4]
    logs = model.next_tokens(tokens)
    assert logs.shape == (3, 7)
    np.testing.assert_allclose(np.exp(logs).sum(axis=1), 1, atol=1e-5)
