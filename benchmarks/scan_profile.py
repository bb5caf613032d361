"""Where the processor seconds of a scan go, by function of Stillwatch: a simulated world, the second scan of it profiled.

    python benchmarks/scan_profile.py [--requests 1500000] [--least 0.05]

The clock is processor time of all threads (user and system), so a function that waits for the engine is charged what the engine
spends meanwhile, and other work on the machine counts little. Times include what a function calls.
"""

import argparse
import cProfile
import pstats
import tempfile
import time
from pathlib import Path

from scan_speed import whole_scan

from stillwatch.traffic.simulate.world import World, write_world


def by_function(profile: cProfile.Profile) -> list[tuple[float, int, str]]:
    """Per function of Stillwatch its processor seconds, its calls, and its place, the dearest first."""
    found = []
    for (file, _, name), (_, calls, _, seconds, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        parts = Path(file).parts
        if "stillwatch" in parts and not name.startswith("<"):
            place = "/".join(parts[len(parts) - parts[::-1].index("stillwatch") :])
            found.append((seconds, calls, f"{place}:{name}"))
    return sorted(found, reverse=True)


def main() -> None:
    """Scan twice and print the profile of the second time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_500_000)
    parser.add_argument("--least", type=float, default=0.05, help="processor seconds from which on a function is shown")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        requests = write_world(World(accounts=max(300, options.requests // 72), seed=1), Path(folder))
        whole_scan(Path(folder))
        profile = cProfile.Profile(time.process_time)
        profile.runcall(whole_scan, Path(folder))
    print(f"{requests:,} requests")
    for seconds, calls, name in by_function(profile):
        if seconds >= options.least:
            print(f"{seconds:8.2f} CPU-s {calls:>7,} calls  {name}")


if __name__ == "__main__":
    main()
