"""The marks on tensors are those of the numpy kernels, bit for bit. Run where torch is installed (docs/laboratory.md says how)."""

import numpy as np
import pytest

from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keys import marking_keys

torch = pytest.importorskip("torch", reason="torch is an optional extra of those who serve models")

from stillwatch.forensics.watermark.tensors import mark_tensor, step_of  # noqa: E402

SECRET = b"a synthetic secret of 32 bytes.."
SCHEMES = (GreenList(), GreenList(width=1, gamma=0.25), GreenList(gamma=0.125), Gumbel(), Gumbel(width=1, temperature=0.7))
ROWS = np.stack([marking_keys(SECRET, cohort="c", account=f"acct-{i}").row() for i in range(40)])


def previous_tokens(generator: np.random.Generator) -> np.ndarray:
    previous = generator.integers(0, 70_000, (40, 12))
    previous[3] = -1
    previous[4, :11] = -1
    previous[5, -2:] = previous[5, 3:5]  # came before at both widths
    return previous


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
def test_tensors_are_marked_as_arrays_are(scheme: GreenList | Gumbel) -> None:
    generator = np.random.default_rng(0)
    previous, logits = previous_tokens(generator), generator.normal(size=(40, 1_003)).astype(np.float32)
    step = step_of(torch.from_numpy(ROWS.view(np.int64)), torch.from_numpy(previous), scheme)
    on_tensor = mark_tensor(scheme, step, torch.from_numpy(logits.copy()))
    assert (on_tensor.numpy() == mark(scheme, ROWS, previous, logits.copy())).all()


@pytest.mark.parametrize("scheme", SCHEMES[:1] + SCHEMES[3:4], ids=str)
def test_half_precision_keeps_the_choice(scheme: GreenList | Gumbel) -> None:
    generator = np.random.default_rng(0)
    logits = torch.from_numpy(generator.normal(size=(40, 500)).astype(np.float32)).to(torch.bfloat16)
    step = step_of(torch.from_numpy(ROWS.view(np.int64)), torch.from_numpy(previous_tokens(generator)), scheme)
    whole, half = mark_tensor(scheme, step, logits.float()), mark_tensor(scheme, step, logits.clone())
    lifted = (whole - logits.float()) > 1
    assert ((half.float() - logits.float() > 1) == lifted).all()


def test_a_step_without_enough_tokens_marks_nothing() -> None:
    step = step_of(torch.zeros(2, 8, dtype=torch.int64), torch.zeros(2, 1, dtype=torch.int64), GreenList(width=2))
    assert not step.live.any()
    assert not mark_tensor(GreenList(width=2), step, torch.zeros(2, 64)).any()


def test_each_row_may_have_its_own_temperature() -> None:
    scheme, logits = Gumbel(temperature=1.0), torch.from_numpy(np.random.default_rng(0).normal(size=(40, 300)).astype(np.float32))
    previous = torch.arange(80).view(40, 2)
    step = step_of(torch.from_numpy(ROWS.view(np.int64)), previous, scheme)
    cold = mark_tensor(Gumbel(temperature=0.2), step, logits.clone())
    mixed = step._replace(temperature=torch.tensor([0.2] * 20 + [1.0] * 20))
    result = mark_tensor(scheme, mixed, logits.clone())
    assert (result[:20] == cold[:20]).all()
    assert (result[20:] == mark_tensor(scheme, step, logits.clone())[20:]).all()
