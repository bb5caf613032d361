"""An examination on a terminal: plans and results as tables, and progress while models are asked.

Rules: a person at a terminal gets a table; a file or a pipe gets plain lines. Names and answers are shown, never obeyed.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich import box
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from stillwatch.forensics.examination.result import Examination, Examined
from stillwatch.forensics.plan.frozen import Plan
from stillwatch.forensics.report.wording import count, headline, number, percent
from stillwatch.vocabulary.printable import visible

_FORESIGHT = ("mechanism", "of", "share of training data", "pairs", "power")
_FINDINGS = ("mechanism", "level", "p", "e", "counted", "statement")


def print_plan(plan: Plan, console: Console) -> None:
    """What was frozen, and what can be shown with it."""
    _print(
        console,
        f"Plan {visible(plan.draft.name)}: {count(plan.pairs)} pairs of {count(plan.accounts)} accounts; digest {plan.digest}",
    )
    for reason, left_out in plan.dropped.items():
        _print(console, f"left out: {left_out} pairs, {reason}")
    rows = [(row.mechanism, row.of, percent(row.share), str(row.pairs), percent(row.power)) for row in plan.foresight]
    _print_rows(console, _FORESIGHT, rows)


def print_examination(examination: Examination, console: Console) -> None:
    """The verdict, then every finding."""
    _print(console, f"{headline(examination.verdict.level, examination.suspect)} (level of evidence: {examination.verdict.level})")
    _print(console, examination.verdict.reason)
    for warning in _warnings(examination):
        _print(console, f"warning: {warning}")
    _print_rows(console, _FINDINGS, [_row(examined) for examined in examination.findings])
    for way, traced in (("twins", examination.trace), ("watermark codes", examination.codes)):
        if traced:
            named = ", ".join(traced.named) or "none"
            _print(console, f"accounts named by {way} at a false discovery rate of {examination.fdr:g}: {named}")
    for comparison in examination.safeguards.values():
        _print(console, f"safeguards: {comparison.statement}")
    if examination.loss:
        _print(console, f"loss: {examination.loss.statement}")


def _warnings(examination: Examination) -> Iterator[str]:
    if not examination.standing.registered:
        yield "this is not the plan that was frozen"
    if examination.standing.changed_after_looking:
        yield "the plan was changed after looking: a lead at most"
    if examination.standing.reused_by:
        yield f"the same coins were used in {', '.join(examination.standing.reused_by)}: only e-values count"
    yield from examination.notes


def _row(examined: Examined) -> tuple[str, ...]:
    finding = examined.finding
    counted = f"{count(finding.counted)} {finding.counted_in}"
    return finding.mechanism, finding.level, number(finding.p_value), number(finding.e_value), counted, finding.statement


def _print_rows(console: Console, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not console.is_terminal:
        for row in rows:
            _print(console, "; ".join(f"{heading}: {cell}" for heading, cell in zip(headings, row, strict=True)))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    console.print(table)


def _print(console: Console, line: str) -> None:
    console.print(visible(line), markup=False, highlight=False, emoji=False, soft_wrap=True)


@contextmanager
def shown_questions(wanted: bool) -> Iterator[Callable[[str, int], None]]:
    """A callback that counts answers by step on standard error while the block runs; silent where nobody looks."""
    if not wanted or not sys.stderr.isatty():
        yield lambda step, answered: None
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("starting", total=None)
        totals: dict[str, int] = {}

        def report(step: str, answered: int) -> None:
            totals[step] = totals.get(step, 0) + answered
            shown.update(task, description=f"{step}: {totals[step]:,} answers")

        yield report
