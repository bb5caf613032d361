"""The folder of an examination: the frozen plan, what was answered, the result, the report.

>>> Folder(Path("exam")).report.name
'report.html'
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.forensics.documents import read_document, write_whole
from stillwatch.forensics.examination.result import Examination
from stillwatch.forensics.plan.frozen import Plan, read_plan


@dataclass(frozen=True)
class Folder:
    """Where an examination keeps its files; ``answers`` holds texts and is for the owner's eyes only."""

    path: Path

    @property
    def plan(self) -> Path:
        """The frozen plan."""
        return self.path / "plan.json"

    @property
    def answers(self) -> Path:
        """The cache of what models answered."""
        return self.path / "answers.sqlite"

    @property
    def result(self) -> Path:
        """The result as JSON."""
        return self.path / "examination.json"

    @property
    def report(self) -> Path:
        """The result as a page."""
        return self.path / "report.html"

    def write_plan(self, plan: Plan) -> None:
        """Write a plan where there is none or where nobody has looked yet. Raises UsageError if there is a result already."""
        if self.result.exists():
            raise UsageError(
                "this folder holds an examination already", place=str(self.path), cure="choose another folder with --out"
            )
        write_whole(self.plan, msgspec.json.format(msgspec.json.encode(plan), indent=1))

    def read_plan(self) -> Plan:
        """The plan. Raises NoReadableInput."""
        return read_plan(self.plan)

    def write_result(self, examination: Examination) -> str:
        """Write the result and return its SHA-256, 64 hex digits."""
        content = msgspec.json.format(msgspec.json.encode(examination), indent=1)
        write_whole(self.result, content)
        return hashlib.sha256(content).hexdigest()

    def read_result(self, entered: set[str]) -> Examination:
        """The result, if its digest is among those ``entered`` in the ledger.

        Raises NoReadableInput if there is none, RefusedByPolicy if it is not as a run wrote it.
        """
        examination = read_document(self.result, Examination, "result of an examination")
        if hashlib.sha256(self.result.read_bytes()).hexdigest() not in entered:
            raise RefusedByPolicy(
                "the result is not the one that was entered in the ledger", place=str(self.result), cure="run the examination again"
            )
        return examination
