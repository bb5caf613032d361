"""The marks on torch tensors, on whatever device they are: bit for bit what the numpy kernels choose, without a copy to the host.

Torch has no unsigned 64-bit arithmetic, but its int64 wraps around like it; only shifts to the right need the sign bits masked.
Needs torch (an optional extra of those who serve models), and is imported by the adapters alone.
"""

from typing import NamedTuple

import torch

from stillwatch.forensics.watermark.contexts import Width
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import LIFT, Gumbel
from stillwatch.forensics.watermark.keys import SHARES

_BLOCK = 64
_WORD = 64


def _signed(value: int) -> int:
    return value - (1 << _WORD) if value >> (_WORD - 1) else value


_GOLDEN = _signed(0x9E3779B97F4A7C15)
_MIX = (_signed(0xBF58476D1CE4E5B9), _signed(0x94D049BB133111EB))
_START = tuple(_signed(v) for v in (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573))
_EIGHT_BYTES = 8 << 56


class Step(NamedTuple):
    """One step of a batch: ``rows`` of keys int64 (batch, 8); ``context`` int64 (batch,); ``live``: which rows are to be marked.

    ``temperature`` float (batch,) is the sampler's, where it differs from row to row; only the Gumbel watermark asks for it.
    """

    rows: torch.Tensor
    context: torch.Tensor
    live: torch.Tensor
    temperature: torch.Tensor | None = None


def step_of(rows: torch.Tensor, previous: torch.Tensor, scheme: GreenList | Gumbel) -> Step:
    """The step for ``previous`` tokens int64 (batch, length), padded on the left with −1, as ``hook.mark`` takes them."""
    batch, length = previous.shape
    if length < scheme.width:
        return Step(rows, torch.zeros_like(rows[:, 0]), torch.zeros(batch, dtype=torch.bool, device=previous.device))
    last = previous[:, length - scheme.width :]
    live = (last >= 0).all(dim=1)
    if isinstance(scheme, Gumbel) and length > scheme.width:
        windows = previous.unfold(1, scheme.width, 1)[:, :-1]
        live &= ~(windows == last[:, None, :]).all(dim=2).any(dim=1)
    return Step(rows, context_of(last, scheme.width), live)


def context_of(last: torch.Tensor, width: Width) -> torch.Tensor:
    """The contexts of the last ``width`` tokens, int64 (batch, width), as words (batch,)."""
    context = last[:, -1].clone()
    return context | (last[:, 0] << 32) if width > 1 else context


def mark_tensor(scheme: GreenList | Gumbel, step: Step, logits: torch.Tensor) -> torch.Tensor:
    """Mark floating-point logits (batch, vocabulary) in place and return them."""
    start = _seed(_tier_keys(step), step.context)
    if isinstance(scheme, GreenList):
        green = _green(start, scheme.halvings, logits.shape[1]) & step.live[:, None]
        return logits.add_(green.to(logits.dtype), alpha=scheme.delta)
    return _lift_chosen(scheme, start, step, logits)


def _lift_chosen(scheme: Gumbel, start: torch.Tensor, step: Step, logits: torch.Tensor) -> torch.Tensor:
    temperature = scheme.temperature if step.temperature is None else step.temperature[:, None]
    values, tokens = torch.topk(logits.float(), min(scheme.top, logits.shape[1]), dim=1)
    uniform = (_shifted(_word(start[:, None], tokens), 11).double() + 0.5) / 2.0**53
    weights = torch.exp((values - values[:, :1]).double() / temperature)
    best = torch.argmax(torch.log(uniform) / weights, dim=1, keepdim=True)
    chosen = tokens.gather(1, best)
    lifted = torch.where(step.live[:, None], (values[:, :1] + LIFT).to(logits.dtype), logits.gather(1, chosen))
    return logits.scatter_(1, chosen, lifted)


def _tier_keys(step: Step) -> torch.Tensor:
    """The key of the tier that marks each row's context, (batch, 2)."""
    sixteenth = _shifted(_seed(step.rows[:, :2], step.context), 60)
    tier = (sixteenth >= SHARES[0]).long() + (sixteenth >= SHARES[0] + SHARES[1]).long()
    places = 2 + 2 * tier[:, None] + torch.arange(2, device=tier.device)
    return step.rows.gather(1, places)


def _green(start: torch.Tensor, halvings: int, vocabulary: int) -> torch.Tensor:
    """Which tokens are green, bool (batch, vocabulary)."""
    blocks = -(-vocabulary // _BLOCK)
    words = _word(start[:, None], torch.arange(blocks * halvings, device=start.device)[None, :]).view(len(start), blocks, halvings)
    bits = words[:, :, 0]
    for further in range(1, halvings):
        bits = bits & words[:, :, further]
    spread = (bits[:, :, None] >> torch.arange(_BLOCK, device=start.device)) & 1
    return spread.bool().view(len(start), -1)[:, :vocabulary]


def _word(start: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    z = start + (place + 1) * _GOLDEN
    z = (z ^ _shifted(z, 30)) * _MIX[0]
    z = (z ^ _shifted(z, 27)) * _MIX[1]
    return z ^ _shifted(z, 31)


def _seed(keys: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
    """SipHash-2-4 of 8 bytes, as in ``keyed_hash``."""
    k0, k1 = keys[:, 0], keys[:, 1]
    state = (k0 ^ _START[0], k1 ^ _START[1], k0 ^ _START[2], k1 ^ _START[3] ^ context)
    v0, v1, v2, v3 = _rounds(state, 2)
    v0, v1, v2, v3 = _rounds((v0 ^ context, v1, v2, v3 ^ _EIGHT_BYTES), 2)
    v0, v1, v2, v3 = _rounds((v0 ^ _EIGHT_BYTES, v1, v2 ^ 0xFF, v3), 4)
    return v0 ^ v1 ^ v2 ^ v3


def _rounds(state: tuple[torch.Tensor, ...], count: int) -> tuple[torch.Tensor, ...]:
    v0, v1, v2, v3 = state
    for _ in range(count):
        v0, v2 = v0 + v1, v2 + v3
        v1, v3 = _rotated(v1, 13) ^ v0, _rotated(v3, 16) ^ v2
        v0, v2 = _rotated(v0, 32) + v3, v2 + v1
        v1, v3 = _rotated(v1, 17) ^ v2, _rotated(v3, 21) ^ v0
        v2 = _rotated(v2, 32)
    return v0, v1, v2, v3


def _rotated(value: torch.Tensor, by: int) -> torch.Tensor:
    return (value << by) | _shifted(value, _WORD - by)


def _shifted(value: torch.Tensor, by: int) -> torch.Tensor:
    """A shift to the right that brings in zeros."""
    return (value >> by) & ((1 << (_WORD - by)) - 1)
