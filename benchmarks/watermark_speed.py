"""Speed of the watermark on one core: the sampling hook against plain samplers, and one test of 1,000,000 scored tokens.

python benchmarks/watermark_speed.py

Hook: batch 8, vocabulary 128,256, the marks taken from a step of the plain sampler in the same run, best of many. The plain sampler is
temperature, softmax and one draw from the whole vocabulary in numpy; where torch is installed, its samplers stand beside it.
Test: distinct pairs of tokens with contexts of two tokens, in the worst case, which is that every context is another.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from stillwatch.forensics.watermark.detection import WatermarkTest, detect
from stillwatch.forensics.watermark.green_list import GreenList
from stillwatch.forensics.watermark.gumbel import Gumbel
from stillwatch.forensics.watermark.hook import mark
from stillwatch.forensics.watermark.keys import marking_keys, tier_key
from stillwatch.forensics.watermark.pairs import distinct_pairs

BATCH, VOCABULARY, PROMPT = 8, 128_256, 500
SCORED = 1_000_000
SECRET = b"a synthetic secret of 32 bytes.."
SCHEMES = (GreenList(), GreenList(gamma=0.25), Gumbel())


def plain_numpy(logits: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Temperature 0.9, softmax, one draw by inversion."""
    chances = np.exp((logits - logits.max(axis=1, keepdims=True)) / np.float32(0.9))
    sums = np.cumsum(chances, axis=1)
    return np.array([np.searchsorted(row, u * row[-1]) for row, u in zip(sums, generator.random(len(sums)), strict=True)])


def milliseconds(call: Callable[[], Any], repeats: int = 40) -> float:
    """The best of many calls, wall clock of one thread."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def torch_samplers(logits: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Torch's ways to draw, if torch is there."""
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    tensor = torch.from_numpy(logits)
    return {
        "torch softmax + multinomial": lambda: torch.multinomial(torch.softmax(tensor / 0.9, -1), 1),
        "torch top-k 50, softmax + multinomial": lambda: torch.multinomial(torch.softmax(tensor.topk(50).values / 0.9, -1), 1),
    }


def measure_hook() -> None:
    """Print the cost of the hook as a share of a step of each sampler."""
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(BATCH, VOCABULARY)).astype(np.float32)
    previous = generator.integers(0, VOCABULARY, (BATCH, PROMPT))
    rows = np.stack([marking_keys(SECRET, cohort="c", account=f"acct-{i}").row() for i in range(BATCH)])
    samplers: dict[str, Callable[[], Any]] = {
        "numpy softmax + draw": lambda: plain_numpy(logits, generator),
        **torch_samplers(logits),
    }
    costs = {name: milliseconds(call) for name, call in samplers.items()}
    for scheme in SCHEMES:
        work = logits.copy()
        cost = milliseconds(lambda scheme=scheme, work=work: mark(scheme, rows, previous, work))
        ratios = "; ".join(f"{cost / plain:.1%} of {name} ({plain:.1f} ms)" for name, plain in costs.items())
        print(f"hook {scheme}: {cost:.2f} ms a step, {ratios}")


def measure_test() -> None:
    """Print the CPU-seconds of one test with 1,000,000 scored tokens, distinct pairs included."""
    generator, key = np.random.default_rng(0), tier_key(SECRET, "account", "acct-1")
    for scheme in SCHEMES:
        detect(scheme, key, distinct_pairs([generator.integers(0, 999, 2_000)], width=2), generator, draws=9)
        tokens = generator.integers(0, VOCABULARY, 2 * SCORED + 2_000)  # half of the contexts are the account's
        start = time.process_time()
        found = detect(scheme, key, distinct_pairs([tokens], width=2), generator)
        seconds = time.process_time() - start
        scored = found.pairs if isinstance(found, WatermarkTest) else 0
        print(f"test {scheme}: {scored:,} scored tokens in {seconds:.1f} CPU-seconds with 999 redrawn keys")


if __name__ == "__main__":
    measure_hook()
    measure_test()
