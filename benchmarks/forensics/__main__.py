"""Run the laboratory and write its figures.

python -m benchmarks.forensics --out lab [--quick] [--workers 2]

Writes ``figures.json``, ``figures.md`` and ``models/`` into the folder. Needs torch (docs/laboratory.md says how). Ends with status 1
if a target is not reached; a quick run is too small for most, so it only shows them.
"""

import argparse
import sys
from pathlib import Path

import msgspec

from benchmarks.forensics.page import page
from benchmarks.forensics.run import run
from benchmarks.forensics.targets import targets


def main() -> None:
    """Run, write, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("lab"), help="folder for figures and models (lab)")
    parser.add_argument("--quick", action="store_true", help="a small laboratory, to see that everything runs")
    parser.add_argument("--workers", type=int, default=2, help="processes that teach students (2)")
    chosen = parser.parse_args()
    figures = run(chosen.out, quick=chosen.quick, workers=chosen.workers, say=lambda line: print(line, file=sys.stderr, flush=True))
    reached = targets(figures)
    document = {"targets": reached, "figures": figures}
    (chosen.out / "figures.json").write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1))
    (chosen.out / "figures.md").write_text(page(figures, reached))
    for each in reached:
        print(f"{'reached' if each.reached else 'MISSED '}  {each.name}: {each.measured} (wanted: {each.wanted})")
    sys.exit(0 if chosen.quick or all(each.reached for each in reached) else 1)


if __name__ == "__main__":
    main()
