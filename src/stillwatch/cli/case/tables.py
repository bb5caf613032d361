"""Cases on a terminal: a table of them, and one with all that belongs to it.

Rules: text from outside is shown, never obeyed. A terminal gets tables; a file or a pipe gets plain lines, one fact each.
"""

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stillwatch.campaigns.report.wording import bits, many, moment
from stillwatch.case.case import Case, CaseFile, Hold
from stillwatch.vocabulary.printable import one_line

_CASES = ("case", "state", "severity", "assigned to", "accounts", "requests", "last changed", "title")


def print_cases(found: Sequence[Case], total: int, console: Console) -> None:
    """Print cases, one a row, and how many more there are."""
    print_table(_CASES, map(_cells, found), console)
    if not found:
        say("No case fits.", console)
    elif total > len(found):
        say(f"… and {many(total - len(found), 'more case')}; see --limit and --skip.", console)


def print_file(file: CaseFile, console: Console) -> None:
    """Print a case with all that belongs to it."""
    for line in _lines(file):
        say(line, console)


def print_holds(found: Sequence[Hold], console: Console) -> None:
    """Print holds, one a row."""
    rows = ((str(h.id), "everything" if h.case is None else f"case-{h.case}", moment(h.at), h.by, h.reason, _end(h)) for h in found)
    print_table(("hold", "on", "placed", "by", "reason", "lifted"), rows, console)
    if not found:
        say("No hold was placed.", console)


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], console: Console) -> None:
    """Print rows: as a table on a terminal, else one line each."""
    if not console.is_terminal:
        for cells in rows:
            say("  ".join(one_line(cell) for cell in cells), console)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for cells in rows:
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    if table.row_count:
        console.print(table)


def say(text: str, console: Console) -> None:
    """Print one line as it is."""
    console.print(Text(one_line(text) if not text.startswith("  ") else f"  {one_line(text)}"), soft_wrap=True)


def _cells(case: Case) -> tuple[str, ...]:
    state = f"{case.state}, held" if case.held else case.state
    figures = f"{case.accounts:,}", f"{case.requests:,}"
    return case.name, state, case.severity, case.assignee or "-", *figures, moment(case.updated), case.title


def _lines(file: CaseFile) -> Iterator[str]:
    case = file.case
    yield f"{case.name}: {case.title}"
    yield f"state: {case.state}{', held' if case.held else ''}, version {case.version}, assigned to {case.assignee or 'nobody'}"
    yield f"kept until: {moment(case.retain_until) if case.retain_until else 'it is open'}"
    if case.merged_into is not None:
        yield f"merged into: case-{case.merged_into}"
    for shot in file.campaigns:
        told = shot.campaign
        yield f"campaign: {told.id}, coordination {bits(told.coordination_bits)} bits, harvest {bits(told.harvest_bits)} bits"
        yield f"  source: {shot.path}#{shot.pointer}, SHA-256 {shot.sha256}"
        for sign in told.evidence:
            yield f"  {bits(sign.bits)} {sign.question}: {sign.statement}"
        for rival in told.alternatives:
            yield f"  innocent: {rival.hypothesis} ({bits(rival.bits)}): {rival.statement}"
    yield from _papers(file)


def _papers(file: CaseFile) -> Iterator[str]:
    for merged in file.merged:
        yield f"took in: {merged.name}: {merged.title}"
    if file.assessment and (judged := file.assessment.assessment.judgement):
        yield f"judged: {judged.hypothesis}: {judged.told}, confidence {judged.confidence}, {judged.analyst}: {judged.reason}"
        for dissent in file.assessment.assessment.dissents:
            yield f"  dissent: {dissent.by} holds {dissent.hypothesis} likelier: {dissent.reason}"
    for decision in file.decisions:
        yield f"decision: {moment(decision.at)}, {decision.by}: {decision.before} to {decision.after}: {decision.reason}"
    for comment in file.comments:
        yield f"remark: {moment(comment.at)}, {comment.by}: {comment.text}"
    for attached in file.attachments:
        yield f"attachment {attached.id}: {attached.name}, {attached.size:,} bytes, SHA-256 {attached.sha256}"
    for hold in file.holds:
        yield f"hold {hold.id}: {moment(hold.at)}, {hold.by}: {hold.reason} ({_end(hold)})"
    for action in file.history:
        yield f"action {action.place} of case-{action.case}: {moment(action.at)}, {action.summary}"


def _end(hold: Hold) -> str:
    return f"lifted {moment(hold.lifted_at)} by {hold.lifted_by}" if hold.lifted_at else "it stands"
