"""The examples do what they say, as programs of their own."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_two_providers(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLES / "two_providers.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "Done."
    confirmed = [line for line in lines if line.strip().startswith("correction at") and "confirmed None" not in line]
    assert len(confirmed) == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["evaluator", "hub", "provider-a", "provider-b"]
