"""Prompts fingerprinted per CPU-second: synthetic prompts of about 400 characters, one thread.

python benchmarks/fingerprint_speed.py
"""

import time

import numpy as np

from stillwatch.traffic.fingerprint import sketches
from stillwatch.traffic.simulate.prose import write


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    rows = 100_000
    texts = write(np.full(rows, 9), np.zeros(rows, np.int64), rng.integers(0, 600, rows), rng)
    sketches(texts.slice(0, 10))
    start = time.process_time()
    found = sketches(texts)
    seconds = time.process_time() - start
    length = sum(map(len, texts.slice(0, 1000).to_pylist())) / 1000
    print(
        f"{rows / seconds:,.0f} prompts of {length:.0f} characters a CPU-second; {len(found.samples.values) / rows:.1f} samples each"
    )


if __name__ == "__main__":
    main()
