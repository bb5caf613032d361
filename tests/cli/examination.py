"""An examination as a provider's folder holds it: served log, records in a ledger, twins, and a draft to be planned; all synthetic."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stillwatch.forensics.documents import write_lines
from stillwatch.forensics.examination.result import Examination
from stillwatch.forensics.twins.pairs import Pair
from stillwatch.forensics.twins.serving import ServedAnswer
from stillwatch.sharing.signatures.keys import write_private
from tests.cli.commands import run
from tests.forensics.synthetic_world import SECRET


@dataclass(frozen=True)
class Provider:
    """A folder in which everything up to the twins is done; ``pairs`` are what they hold."""

    folder: Path
    pairs: list[Pair]

    def copied(self, folder: Path) -> "Provider":
        """The same in another folder, for a test that spoils it or looks at the suspect."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Provider(folder, self.pairs)

    def done(self, *arguments: str) -> str:
        """Standard output of a command that must succeed."""
        finished = run(*arguments, cwd=self.folder)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def examined(self, url: str, out: str = "exam", **choices: Any) -> tuple[Examination, str]:
        """Plan, run and report in the folder ``out``: what examination.json and the page say."""
        self.planned(url, out, **choices)
        self.done("examine", "run", out, "--quiet")
        said = self.done("examine", "report", out, "--json")
        return msgspec.json.decode(said, type=Examination), (self.folder / out / "report.html").read_text()

    def planned(self, url: str, out: str = "exam", **choices: Any) -> None:
        """Write a draft and freeze it in ``out``."""
        draft = {
            "name": "exam",
            "twins": "twins.jsonl",
            "records": "records.jsonl",
            "record_key": (self.folder / "record_key").read_text(),
            "answers_per_prompt": 1,
            "suspect": {"model": "suspect", "url": url, "kind": "completions"},
        }
        (self.folder / "draft.json").write_bytes(msgspec.json.encode(draft | choices))
        self.done("examine", "plan", "draft.json", "--out", out)


def provider(folder: Path, pairs: list[Pair]) -> Provider:
    """Secret, key, served log, signed records in the ledger, twins."""
    (folder / "coins.key").write_bytes(SECRET)
    write_private(Ed25519PrivateKey.generate(), folder / "serving.pem")
    write_lines(folder / "twins.jsonl", pairs)
    log = [
        ServedAnswer(p.request_id, "2026-10-01T00:00:00Z", p.account, p.prompt, p.served, "snapshot-1", p.sampler) for p in pairs
    ]
    write_lines(folder / "served.jsonl", log)
    made = Provider(folder, pairs)
    said = made.done("examine", "record", "served.jsonl", "--secret", "coins.key", "--key", "serving.pem")
    (folder / "record_key").write_text(msgspec.json.decode(said)["record_key"])
    return made
