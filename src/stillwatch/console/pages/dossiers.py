"""The dossier of a case, made when it is asked for and handed out to be saved; what was made, and by whom, is in the ledger.

Rules: it is the dossier of `stillwatch case export`, without texts of scaffolds and without a list of requests, which only that
command adds. The digest of its JSON stands in page and paper, so all three are kept beside one another.
"""

import hashlib
from contextlib import closing

import msgspec

from stillwatch import __version__
from stillwatch.case.dossier.dossier import Dossier, Record, compiled
from stillwatch.console.desk import Desk
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Download
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError
from stillwatch.sharing.ledger.ledger import Ledger

FORMATS = ("pdf", "html", "json")


def dossier(visit: Visit) -> Answer:
    """The dossier in the form that is asked for. Raises NoSuchCase, UsageError for a form that is none, OutputNotWritten."""
    form = visit.word("form", 8)
    if form not in FORMATS:
        raise UsageError("no such form of a dossier", place="form", cure=f"choose one of {', '.join(FORMATS)}")
    made = _compiled(visit, whole(visit.path["case"], 0))
    name, content = f"{made.case.name}.{form}", _rendered(made, form)
    with visit.desk.open_ledger() as ledger:
        told = {"files": {name: hashlib.sha256(content).hexdigest()}, "with_text": False}
        ledger.append("export", made.case.name, told, visit.person.name, visit.time)
    return Download(name, content)


def _compiled(visit: Visit, number: int) -> Dossier:
    store = visit.desk.cases
    file = store.file(number)
    rows = {shot.id: list(store.every_account(shot.id)) for shot in file.campaigns}
    records = _records(visit.desk, {file.case.name, *(each.name for each in file.merged)})
    return compiled(file, rows, store.actors(), visit.person.name, __version__, visit.time, ledger=records)


def _rendered(made: Dossier, form: str) -> bytes:
    document = msgspec.json.format(msgspec.json.encode(made), indent=1)
    digest = hashlib.sha256(document).hexdigest()
    if form == "html":
        from stillwatch.case.dossier import page

        return page.render(made, digest).encode()
    if form == "pdf":
        from stillwatch.case.dossier import paper  # heavy, and only this form needs it

        return paper.render(made, digest)
    return document


def _records(desk: Desk, subjects: set[str]) -> list[Record]:
    """The ledger's entries about these cases; none if there is no ledger."""
    if not desk.ledger_path.is_file():
        return []
    with closing(Ledger.read(desk.ledger_path)) as opened:
        return [Record(e.index, e.time, e.kind, e.actor, e.details) for e in opened.entries() if e.subject in subjects]
