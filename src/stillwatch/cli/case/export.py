"""``stillwatch case export``: the dossier of a case, as a page, a paper and JSON.

Rules: the files are written whole; the JSON last, whose digest the others carry. Masked texts of scaffolds are read from the
scan's own file, only when asked for, and that is entered in the ledger. Nothing of a request but its id, time and account is
written.
"""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from stillwatch import __version__
from stillwatch.case.case import CaseFile
from stillwatch.case.dossier import page
from stillwatch.case.dossier.dossier import Dossier, Record, compiled
from stillwatch.case.source import masked_texts
from stillwatch.cli.case.store import (
    DEFAULT_LEDGER,
    DEFAULT_STORE,
    AsJson,
    By,
    CaseName,
    LedgerPath,
    StoreUrl,
    now,
    numbered,
    reading,
    somebody,
)
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import OutputNotWritten
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.signatures.whole_file import whole_file


class Format(StrEnum):
    """A form of the dossier."""

    HTML = "html"
    PDF = "pdf"
    JSON = "json"


def export(
    case: CaseName,
    out: Annotated[Path, typer.Option(help="Folder for the dossier.")] = Path("stillwatch-dossier"),
    formats: Annotated[list[Format] | None, typer.Option("--format", help="html, pdf or json.  [default: all]")] = None,
    requests: Annotated[
        list[str] | None, typer.Option(help="Request logs, for a list of the request ids. May stand more than once.")
    ] = None,
    show_text: Annotated[bool, typer.Option("--show-text", help="With the masked texts of scaffolds; this is recorded.")] = False,
    by: By = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Write a case down for counsel: what was observed, what is inferred, what speaks against it, who decided what.

    Example:  stillwatch case export 1 --out dossier
    """
    when, who = now(), somebody(by)
    with reading(store) as cases:
        file = cases.file(numbered(cases, case))
        rows = {shot.id: list(cases.every_account(shot.id)) for shot in file.campaigns}
        actors = cases.actors()
    annex = _request_ids(requests, file, when) if requests else {}
    texts = _texts(file, ledger, who, when) if show_text else {}
    records = _records(ledger, {file.case.name, *(each.name for each in file.merged)})
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in annex.items()}
    dossier = compiled(file, rows, actors, who, __version__, when, texts=texts, ledger=records, annexes=digests)
    written = _written(dossier, annex, out, formats or list(Format))
    with Ledger.open(ledger) as recorder:
        recorder.append("export", file.case.name, {"files": written, "with_text": bool(texts)}, who, when)
    if as_json:
        print_json({"case": file.case.name, "out": str(out), "files": written})
    else:
        for name, digest in written.items():
            tell(f"{out / name}: SHA-256 {digest}")


def _written(dossier: Dossier, annex: dict[str, bytes], out: Path, formats: Sequence[Format]) -> dict[str, str]:
    """Write the files; their SHA-256 by name. Raises OutputNotWritten."""
    document = msgspec.json.format(msgspec.json.encode(dossier), indent=1)
    digest = hashlib.sha256(document).hexdigest()
    name = dossier.case.name
    content = dict(annex)
    if Format.HTML in formats:
        content[f"{name}.html"] = page.render(dossier, digest).encode()
    if Format.PDF in formats:
        from stillwatch.case.dossier import paper  # heavy, and only this command needs it

        content[f"{name}.pdf"] = paper.render(dossier, digest)
    if Format.JSON in formats:
        content[f"{name}.json"] = document
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputNotWritten(f"no folder can be made ({error.strerror})", place=str(out), cure="choose another --out") from error
    for file, data in content.items():
        with whole_file(out / file, what="the dossier", mode=0o600) as opened:
            opened.write(data)
    return {file: hashlib.sha256(data).hexdigest() for file, data in content.items()}


def _request_ids(requests: Sequence[str], file: CaseFile, when: datetime) -> dict[str, bytes]:
    """The id, time and account of every request of the case's accounts in these logs, as JSON Lines, by the name of the file."""
    from stillwatch.cli.logs import batches, taken_in  # heavy, and seldom asked for

    members = {account for shot in file.campaigns for account in shot.campaign.accounts}
    lines: list[bytes] = []
    with taken_in(requests, "auto", None, when) as intake:
        for batch in batches(intake, ("request_id", "ts", "account_id")):
            lines += [msgspec.json.encode(row) + b"\n" for row in batch.to_pylist() if row["account_id"] in members]
    return {f"{file.case.name}-requests.jsonl": b"".join(lines)}


def _texts(file: CaseFile, ledger: Path, who: str, when: datetime) -> dict[str, str]:
    """The masked texts of the case's scaffolds, as far as the scans' files have them; that they were read is recorded first."""
    with Ledger.open(ledger) as recorder:
        told = {"what": "masked texts of scaffolds", "campaigns": [shot.campaign.id for shot in file.campaigns]}
        recorder.append("text-read", file.case.name, told, who, when)
    found: dict[str, str] = {}
    for shot in file.campaigns:
        found |= masked_texts(Path(shot.path), shot.campaign.id)
    if not found:
        tell("The scans have no texts; `stillwatch scan --show-text` puts them, masked, into campaigns.json.")
    return found


def _records(ledger: Path, subjects: set[str]) -> list[Record]:
    """The ledger's entries about these cases; none if there is no ledger."""
    if not ledger.is_file():
        return []
    with closing(Ledger.read(ledger)) as opened:
        return [Record(e.index, e.time, e.kind, e.actor, e.details) for e in opened.entries() if e.subject in subjects]
