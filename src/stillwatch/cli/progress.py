"""Progress of long work on standard error: a line that updates on a terminal, nothing elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from stillwatch.campaigns.scan import Progress as Report


@contextmanager
def shown_progress(wanted: bool) -> Iterator[Report]:
    """A callback for ``scan`` that shows its steps and rows while the block runs."""
    if not wanted or not sys.stderr.isatty():
        yield lambda step, rows: None
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("starting", total=None)

        def report(step: str, rows: int) -> None:
            shown.update(task, description=f"{step}: {rows:,} requests" if rows else step)

        yield report
