"""``stillwatch ledger``: check the record of what was shared, read and decided, show it, prove it, export it.

Rules: these commands only read. A check that finds anything ends with status 1, after saying what it found.
"""

import sys
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from stillwatch.cli.group import group
from stillwatch.cli.ledger.tables import print_entries, print_findings, print_proof
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import NoReadableInput, StillwatchError, UsageError
from stillwatch.sharing.ledger.checkpoint import Checkpoint, open_checkpoint
from stillwatch.sharing.ledger.export import encoded, export, line, prove
from stillwatch.sharing.ledger.export_check import check
from stillwatch.sharing.ledger.finding import Finding
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.ledger.note import Signer, Verifier, read_verifier
from stillwatch.sharing.signatures.keys import read_private
from stillwatch.sharing.signatures.whole_file import whole_file

app = group("Check, show, prove and export the record of what was shared, read and decided.")

LedgerPath = Annotated[Path, typer.Option("--ledger", envvar="STILLWATCH_LEDGER", help="File of the ledger.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
SigningKey = Annotated[Path | None, typer.Option("--key", help="PEM file of the log's private key, to sign a checkpoint.")]
Origin = Annotated[str | None, typer.Option(help="Name of the log under which it signs, such as example.com/ledger.")]
Earlier = Annotated[
    int | None, typer.Option("--from", min=0, help="Size of an earlier checkpoint: prove that the log goes on from it.")
]
Since = Annotated[int | None, typer.Option(min=0, max=2**53, help="Index of the first entry.")]
Kind = Annotated[str | None, typer.Option(help="Entries of this kind only, such as release or refusal.")]

DEFAULT_LEDGER = Path("stillwatch-ledger.sqlite")
_SHOWN = 20
_SQLITE = b"SQLite format 3\0"


class NotSound(StillwatchError):
    """A ledger or an export is not what it was."""


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="A ledger, an export or a proof.  [default: --ledger]", show_default=False)
    ] = None,
    ledger: LedgerPath = DEFAULT_LEDGER,
    checkpoint: Annotated[Path | None, typer.Option(help="An earlier checkpoint, or an earlier export with one.")] = None,
    public_key: Annotated[
        list[str] | None, typer.Option(help="Public key of the log: name+id+base64. May stand more than once.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find any change in a ledger or an export; an earlier checkpoint also shows what was cut off or written anew.

    Example:  stillwatch ledger verify --checkpoint june.jsonl --public-key "example.com/ledger+1a2b3c4d+AQ..."
    """
    verifiers = [read_verifier(text) for text in public_key or ()]
    earlier = None if checkpoint is None else _opened(checkpoint, verifiers)
    path = file or ledger
    result, findings = _verified_export(path, verifiers, earlier) if _is_export(path) else _verified_ledger(path, earlier)
    result |= {
        "file": str(path),
        "sound": not findings,
        "findings": [{"fault": f.fault, "statement": f.statement} for f in findings],
    }
    if as_json:
        print_json(result)
    else:
        print_findings(result, Console())
    if findings:
        raise NotSound(
            f"{len(findings)} things do not fit", place=str(path), cure="keep the file as evidence and go on from a copy"
        )


@app.command()
def show(
    ledger: LedgerPath = DEFAULT_LEDGER,
    since: Since = None,
    kind: Kind = None,
    as_json: AsJson = False,
) -> None:
    """Show entries: the last 20, or all from an index on.

    Example:  stillwatch ledger show --since 0 --kind refusal
    """
    with Ledger.read(ledger) as opened:
        size = opened.size
        entries: Iterable[Any] = opened.entries(since or 0, kind)
        if since is None:
            start = max(0, size - _SHOWN) if kind is None else 0
            entries = deque(opened.entries(start, kind), maxlen=_SHOWN)
        if as_json:
            print_json({"size": size, "entries": list(entries)})
        else:
            print_entries(entries, size, Console())


@app.command("prove")
def prove_entry(
    index: Annotated[int | None, typer.Argument(min=0, max=2**53, help="Entry to prove.", show_default=False)] = None,
    ledger: LedgerPath = DEFAULT_LEDGER,
    size: Annotated[
        int | None, typer.Option(min=0, help="Prove it of the log at this size.  [default: now's]", show_default=False)
    ] = None,
    earlier: Earlier = None,
    key: SigningKey = None,
    origin: Origin = None,
    as_json: AsJson = False,
) -> None:
    """Prove an entry, or that the log goes on from an earlier size; `verify` checks what --json prints.

    Example:  stillwatch ledger prove 7 --from 5 --json > proof.json
    """
    if index is None and earlier is None:
        raise UsageError(
            "nothing to prove",
            place="stillwatch ledger prove",
            cure="name an entry by its index, an earlier size with --from, or both",
        )
    with Ledger.read(ledger, _signer(key, origin)) as opened:
        proof = prove(opened, index, size, earlier)
    if as_json:
        sys.stdout.write(line(proof).decode())
    else:
        print_proof(proof, Console())


@app.command("export")
def export_entries(
    ledger: LedgerPath = DEFAULT_LEDGER,
    out: Annotated[Path | None, typer.Option(help="File to write.  [default: standard output]", show_default=False)] = None,
    since: Since = None,
    kind: Kind = None,
    earlier: Earlier = None,
    key: SigningKey = None,
    origin: Origin = None,
    as_json: AsJson = False,
) -> None:
    """Write entries with proofs and a checkpoint as JSON Lines, which an outsider can check without the ledger.

    Example:  stillwatch ledger export --kind release --key log.pem --origin example.com/ledger --out releases.jsonl
    """
    signer = _signer(key, origin)
    with Ledger.read(ledger, signer) as opened:
        if findings := opened.verify():
            raise NotSound(f"nothing is exported: {findings[0]}", place=str(ledger), cure="see `stillwatch ledger verify`")
        lines = export(opened, since or 0, kind, earlier)
        if out is None:
            sys.stdout.writelines(text.decode() for text in lines)
            return
        with whole_file(out, what="the export") as file:
            written = sum(bool(file.write(text)) for text in lines) - 1
    public_key = str(signer.verifier) if signer else None
    if as_json:
        print_json({"out": str(out), "entries": written, "public_key": public_key})
    else:
        signed = f", signed; public key {public_key}" if public_key else ", not signed"
        tell(f"{out}: {written} entries{signed}")


def _verified_ledger(path: Path, earlier: Checkpoint | None) -> tuple[dict[str, Any], list[Finding]]:
    with Ledger.read(path) as opened:
        findings = opened.verify(earlier)
        size, root = (None, None) if findings else (opened.size, encoded(opened.root()))
    return {"what": "ledger", "size": size, "root": root}, findings


def _verified_export(path: Path, verifiers: list[Verifier], earlier: Checkpoint | None) -> tuple[dict[str, Any], list[Finding]]:
    with path.open("rb") as lines:
        checked = check(lines, verifiers, earlier)
    head = checked.head
    result = {"what": "export", "size": head.size, "root": head.root, "entries": head.entries, "complete": head.complete}
    return result | {"signed": checked.signed}, checked.findings


def _is_export(path: Path) -> bool:
    """Whether the file is an export (true) or a ledger (false). Raises NoReadableInput if it is neither."""
    try:
        with path.open("rb") as file:
            beginning = file.read(len(_SQLITE))
    except OSError as error:
        raise NoReadableInput(
            f"it cannot be read ({error.strerror})", place=str(path), cure="name a ledger or an export"
        ) from error
    if beginning[:1] == b"{":
        return True
    if beginning == _SQLITE:
        return False
    raise NoReadableInput("this is neither a ledger nor an export", place=str(path), cure="name a ledger or an export")


def _opened(path: Path, verifiers: list[Verifier]) -> Checkpoint:
    """The checkpoint in a file, which holds the signed note itself or an export with one."""
    if not verifiers:
        raise UsageError(
            "a checkpoint is only worth its signature", place="--checkpoint", cure="give the log's key with --public-key"
        )
    try:
        text = path.read_text("utf-8")
        note = msgspec.json.decode(text.partition("\n")[0])["checkpoint"] if text.startswith("{") else text
    except (OSError, ValueError, KeyError) as error:
        raise NoReadableInput(
            f"no checkpoint: {error}", place=str(path), cure="name a signed note or an export that has one"
        ) from error
    return open_checkpoint(str(note), verifiers)


def _signer(key: Path | None, origin: str | None) -> Signer | None:
    if key is None and origin is None:
        return None
    if key is None or origin is None:
        raise UsageError("a checkpoint is signed with a key under a name", place="--key, --origin", cure="give both or neither")
    return Signer(origin, read_private(key))
