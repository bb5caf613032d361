"""Write docs/stix/ anew from the types, or with --check say whether it is current."""

import sys
from pathlib import Path

from stillwatch.sharing.stix.publication import files

FOLDER = Path(__file__).parents[1] / "docs" / "stix"


def main() -> int:
    """Write or check; 1 if a file is not current."""
    made = files()
    stale = [name for name, content in made.items() if not (FOLDER / name).is_file() or (FOLDER / name).read_bytes() != content]
    stale += [path.name for path in FOLDER.glob("*.json") if path.name not in made]
    if "--check" in sys.argv:
        print(f"not current, run scripts/stix.py: {', '.join(stale)}" if stale else "docs/stix is current")
        return bool(stale)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
