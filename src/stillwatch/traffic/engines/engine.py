"""What an engine is: measures are Ibis expressions and kernels are functions from Arrow batch to Arrow batch; it says how they run.

An engine holds the tables; what it hands back to this process is small: a row per account, per account and value, or a sample.
The definitions (``derive``, ``measures``) are the same for all engines, and so are the results. ``local`` runs in this process,
``spark`` on a cluster.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias

import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.traffic.engines.delivery import Delivery, Publication
from stillwatch.traffic.engines.history import History
from stillwatch.traffic.intake import Intake, take_in

Rows: TypeAlias = ir.Table
"""A table expression, as a rule over derived rows."""
Progress = Callable[[int], None]
"""Called with the number of rows done so far."""
Place: TypeAlias = Path | str
"""Where something is for an engine: a file or folder, or a name or URL of its own."""


@dataclass(frozen=True)
class Taken:
    """What the intake let through: ``requests`` each once, in places that the engine can read, and how many rows it rejected.

    ``notes`` are sentences for the person who runs the scan.
    """

    requests: tuple[Place, ...]
    rejected_rows: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What is to be taken in, and how: the options of the command, and the ``workshop`` folder for what is made on the way.

    Rejected rows go to ``rejected.jsonl`` in the workshop. ``now`` bounds plausible times.
    """

    requests: tuple[str, ...]
    workshop: Path
    now: datetime
    log_format: str = "auto"
    account_from: str | None = None

    @property
    def rejected(self) -> Path:
        """The file for rejected rows."""
        return self.workshop / "rejected.jsonl"

    def by_local_readers(self, requests: Sequence[str], progress: Progress | None = None) -> Intake:
        """The part of the input that ``requests`` names as canonical Parquet, by the readers of this process."""
        staging = self.workshop / "staging"
        staging.mkdir(exist_ok=True)
        return take_in(
            requests,
            staging=staging,
            rejected=self.rejected,
            now=self.now,
            log_format=self.log_format,
            account_from=self.account_from,
            progress=progress,
        )


class Engine(Protocol):
    """One place to run a scan. Each method raises EngineFailed if the engine cannot do it, with the reason."""

    @property
    def name(self) -> str:
        """As ``--engine`` and ``campaigns.json`` have it."""

    def take_in(self, asked: Asked, progress: Progress | None = None) -> Taken:
        """Find the requests and reject what cannot be read. Raises NoReadableInput if nothing can."""

    def derived(self, requests: Sequence[Place], progress: Progress | None = None) -> Rows:
        """Run the ``derive`` kernel over all requests, once; the derived rows."""

    def history(self, place: Place) -> History:
        """What earlier scans left at ``place``. Raises UsageError if something else is there, or the engine keeps none there."""

    def delivery(self, out: Place) -> Delivery:
        """What moves the files of a result to ``out``. Raises UsageError if the engine cannot reach such a place."""

    def publication(self, name: str, kinds: tuple[str, ...]) -> Publication:
        """What puts a table of each of ``kinds`` under ``name_kind``.

        Raises UsageError if the engine has no catalog, or the name is taken.
        """

    def hits(self, rows: Rows) -> Rows:
        """``measures.prompt_hits`` of derived rows; an engine may leave out samples that one account alone uses, or hardly any."""

    def keep(self, name: str, expression: ir.Table) -> Rows:
        """Evaluate a table expression once and keep the result under ``name``."""

    def fetch(self, expression: ir.Table) -> pa.Table:
        """The rows of a (small) table expression, in memory and in no order of their own."""

    def given(self, rows: pa.Table) -> Rows:
        """A small table of the caller's as a table expression."""

    def requests(self, requests: Sequence[Place], columns: Sequence[str]) -> Rows:
        """The requests themselves, with ``columns`` of them (null where there are none)."""

    def check_unchanged(self) -> None:
        """Raise EngineFailed if what was taken in is not any more what it was then."""
