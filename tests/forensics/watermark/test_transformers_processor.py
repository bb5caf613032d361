"""The adapter inside the library's own ``generate``, with a tiny model of random weights."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from stillwatch.errors import UsageError
from stillwatch.forensics.watermark.detection import WatermarkTest, detect
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keys import marking_keys, tier_key
from stillwatch.forensics.watermark.pairs import distinct_pairs

torch = pytest.importorskip("torch", reason="torch is an optional extra of those who serve models")
transformers = pytest.importorskip("transformers", reason="transformers is an optional extra of those who serve models")

from stillwatch.forensics.watermark.transformers_processor import MarkingProcessor  # noqa: E402

SECRET = b"a synthetic secret of 32 bytes.."
ROWS = np.stack([marking_keys(SECRET, cohort="c", account=f"acct-{i}").row() for i in range(2)])
VOCABULARY = 300


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=VOCABULARY, n_positions=128, n_embd=16, n_layer=1, n_head=1, bos_token_id=0, eos_token_id=299, pad_token_id=0
    )
    return transformers.GPT2LMHeadModel(config).eval()


@pytest.mark.parametrize("scheme", [GreenList(), Gumbel()], ids=lambda scheme: scheme.name)
def test_generate_marks_each_request_with_its_own_keys(model: Any, scheme: GreenList | Gumbel) -> None:
    torch.manual_seed(1)
    prompts = torch.randint(1, 298, (48, 4))
    answers = model.generate(
        prompts,
        attention_mask=torch.ones_like(prompts),
        do_sample=True,
        top_k=0,
        num_return_sequences=2,
        max_new_tokens=50,
        logits_processor=[MarkingProcessor(scheme, np.repeat(ROWS, 24, axis=0))],
    ).numpy()
    pairs = [distinct_pairs(list(group), width=2) for group in (answers[:48], answers[48:])]
    own, other = [], []
    for place, account in product((0, 1), (0, 1)):
        found = detect(scheme, tier_key(SECRET, "account", f"acct-{account}"), pairs[place], np.random.default_rng(0))
        assert isinstance(found, WatermarkTest)
        (own if place == account else other).append(found.p_value)
    assert max(own) < 1e-6 < 0.001 < min(other)


def test_scores_given_stay_and_padding_is_no_context() -> None:
    scores = torch.zeros(2, 128)
    tokens = torch.tensor([[0, 0, 7], [0, 6, 7]])
    marked = MarkingProcessor(GreenList(), ROWS, pad_token_id=0)(tokens, scores)
    assert not scores.any()
    assert not marked[0].any()
    expected = mark(GreenList(), ROWS[1:], np.array([[-1, 6, 7]]), np.zeros((1, 128), np.float32))
    assert (marked[1].numpy() == expected[0]).all()
    assert MarkingProcessor(GreenList(), ROWS)(tokens, scores)[0].any()


def test_other_precisions_take_the_way_over_tensors() -> None:
    tokens, scores = torch.tensor([[6, 7], [6, 7]]), torch.zeros(2, 128)
    single, double = (MarkingProcessor(GreenList(), ROWS)(tokens, scores.to(kind)) for kind in (torch.float32, torch.float64))
    assert (single == double).all()


def test_keys_that_do_not_go_with_the_batch_are_refused() -> None:
    with pytest.raises(UsageError, match="3 sequences for the keys of 2 requests"):
        MarkingProcessor(GreenList(), ROWS)(torch.ones(3, 2, dtype=torch.int64), torch.zeros(3, 64))
