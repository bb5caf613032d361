"""Prompts fingerprinted per CPU-second, beside two MinHash libraries in the same run: synthetic prompts of about 400 characters.

    python benchmarks/fingerprint_speed.py [--prompts 100000]

One thread. The libraries (rensa, in Rust; datasketch, in Python with numpy) are given each prompt's runs of five words and make a
signature of 128 numbers, as their guides do; whoever is not installed is left out (``pip install rensa datasketch``). datasketch, the
slowest, gets a twentieth of the prompts. The three do not compute the same thing: what is compared is the price of recognising a
text in another one.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pyarrow as pa

from stillwatch.traffic.fingerprint import sketches
from stillwatch.traffic.simulate.prose import write

_WORDS = 5
_NUMBERS = 128


def runs(text: str) -> list[str]:
    """All runs of _WORDS words of a text; the text itself if it has fewer."""
    words = text.split()
    return [" ".join(words[i : i + _WORDS]) for i in range(max(1, len(words) - _WORDS + 1))]


def with_rensa(texts: Sequence[str]) -> None:
    """A MinHash of each text by rensa."""
    minhash = import_module("rensa").RMinHash
    for text in texts:
        made = minhash(num_perm=_NUMBERS, seed=1)
        made.update(runs(text))
        made.digest()


def with_datasketch(texts: Sequence[str]) -> None:
    """A MinHash of each text by datasketch."""
    minhash = import_module("datasketch").MinHash
    for text in texts:
        made = minhash(num_perm=_NUMBERS)
        made.update_batch([run.encode() for run in runs(text)])


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=100_000)
    rows = parser.parse_args().prompts
    rng = np.random.default_rng(0)
    texts: pa.Array = write(np.full(rows, 9), np.zeros(rows, np.int64), rng.integers(0, 600, rows), rng)
    length = sum(map(len, texts.slice(0, 1000).to_pylist())) / min(rows, 1000)
    sketches(texts.slice(0, 10))
    seconds = cpu_seconds(partial(sketches, texts))
    samples = len(sketches(texts.slice(0, 1000)).samples.values) / min(rows, 1000)
    print(f"stillwatch  {rows / seconds:>9,.0f} prompts of {length:.0f} characters a CPU-second; {samples:.1f} samples each")
    others: list[tuple[str, Callable[[Sequence[str]], None], int]] = [
        ("rensa", with_rensa, rows),
        ("datasketch", with_datasketch, rows // 20),
    ]
    for name, work, count in others:
        if find_spec(name) is None:
            print(f"{name:<11} not installed")
            continue
        given = texts.slice(0, count).to_pylist()
        work(given[:10])
        print(f"{name:<11} {count / cpu_seconds(partial(work, given)):>9,.0f} prompts a CPU-second")


if __name__ == "__main__":
    main()
