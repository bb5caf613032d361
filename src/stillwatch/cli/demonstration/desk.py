"""A desk: a folder in which somebody calls ``stillwatch``, each command shown as it would be typed."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from stillwatch.cli.streams import tell
from stillwatch.errors import StillwatchError

STILLWATCH = (sys.executable, "-m", "stillwatch")


class CommandFailed(StillwatchError):
    """A command of the demonstration did not do what it should."""


class Desk:
    """The desk of ``who`` in ``folder``, which is made."""

    def __init__(self, folder: Path, who: str) -> None:
        self.folder, self.who = folder, who
        folder.mkdir(parents=True, exist_ok=True)

    def call(self, *arguments: str, as_json: bool = True, typed: str = "") -> Any:
        """Call a command that reads ``typed``; what it prints, as JSON if it can. Raises CommandFailed."""
        tell(f"   {self.who}$ stillwatch {shlex.join(arguments)}")
        command = [*STILLWATCH, *arguments, *(["--json"] if as_json else [])]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STILLWATCH_")}
        done = subprocess.run(command, cwd=self.folder, env=environment, input=typed, capture_output=True, text=True)
        if done.returncode:
            what = f"stillwatch {shlex.join(arguments)} ended with status {done.returncode}"
            raise CommandFailed(what, place=str(self.folder), cure=done.stderr.strip()[-1500:] or "call it yourself there")
        return json.loads(done.stdout) if as_json else done.stdout

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        """Write a file here."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode)
        path.write_text(text, "utf-8")
        return path
