"""``stillwatch examine``: was this model trained on our answers, and on whose harvest?

The order of work: at serving time ``coins`` and ``record``; later ``twins``; then ``plan``, ``run`` and ``report``. Everything that
must be provable afterwards is entered in the ledger at the moment at which it happens.
"""

import getpass
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from stillwatch.cli.examine.terminal import print_examination, print_plan, shown_questions
from stillwatch.cli.group import group
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import NoReadableInput
from stillwatch.forensics.access.budget import Budget
from stillwatch.forensics.access.cache import Cache
from stillwatch.forensics.access.endpoint import Endpoint, Kind
from stillwatch.forensics.access.opening import Means, served
from stillwatch.forensics.documents import read_lines, write_lines, write_whole
from stillwatch.forensics.examination.examination import examine
from stillwatch.forensics.examination.folder import Folder
from stillwatch.forensics.plan.draft import Draft, read_draft
from stillwatch.forensics.plan.frozen import freeze
from stillwatch.forensics.plan.registration import PLAN, RESULT, SERVING
from stillwatch.forensics.report.page import render
from stillwatch.forensics.twins.coins import coin_list
from stillwatch.forensics.twins.drawing import draw_twins
from stillwatch.forensics.twins.serving import ServedAnswer, record_of
from stillwatch.forensics.twins.verification import record_digest
from stillwatch.sharing.ledger.entry import Draft as EntryDraft
from stillwatch.sharing.ledger.ledger import Ledger
from stillwatch.sharing.signatures.keys import read_private

app = group("Was this model trained on our answers? Plan an examination, run it, report it.")

LedgerPath = Annotated[Path, typer.Option("--ledger", envvar="STILLWATCH_LEDGER", help="File of the ledger.")]
Actor = Annotated[str, typer.Option(help="Who does this, for the ledger.  [default: the user's name]", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Secret = Annotated[Path, typer.Option("--secret", help="File with the coin secret, 32 bytes or more (openssl rand -out FILE 32).")]
FolderPath = Annotated[Path, typer.Argument(help="Folder of the examination.", show_default=False)]

DEFAULT_LEDGER = Path("stillwatch-ledger.sqlite")


@app.command()
def coins(request_id: Annotated[str, typer.Argument(help="Id of the request.", show_default=False)], secret: Secret) -> None:
    """Print the sampler seeds of a request: the first draws the answer to serve, the second its twin.

    Example:  stillwatch examine coins req-17 --secret coins.key
    """
    found = coin_list(_secret(secret), request_id)
    print_json({"request_id": request_id, "seeds": found.seeds, "commitment": found.commitment})


@app.command()
def record(
    served_log: Annotated[Path, typer.Argument(help="JSON Lines of sampled requests as served.", show_default=False)],
    secret: Secret,
    key: Annotated[Path, typer.Option(help="PEM file of the Ed25519 key that signs records.")],
    out: Annotated[Path, typer.Option(help="File for the records.")] = Path("records.jsonl"),
    ledger: LedgerPath = DEFAULT_LEDGER,
    actor: Actor = "",
) -> None:
    """Sign a serving record for each sampled request and enter its digest in the ledger; no text is kept.

    A log that has grown may be given again: digests that the ledger holds are not entered twice.

    Example:  stillwatch examine record served.jsonl --secret coins.key --key serving.pem --out records.jsonl
    """
    signer, secret_bytes = read_private(key), _secret(secret)
    records = [
        record_of(one, coin_list(secret_bytes, one.request_id).commitment, signer)
        for one in read_lines(served_log, ServedAnswer, "served answers")
    ]
    digests = {record_digest(one): one.request_id for one in records}
    with Ledger.open(ledger) as book:
        held = {entry.details.get("digest") for entry in book.entries(kind=SERVING)}
        new = [EntryDraft(SERVING, name, {"digest": found}, _actor(actor)) for found, name in digests.items() if found not in held]
        book.append_many(new, _now())
    write_lines(out, records)
    print_json(
        {"records": len(records), "new": len(new), "file": str(out), "record_key": signer.public_key().public_bytes_raw().hex()}
    )


@app.command()
def twins(
    served_log: Annotated[Path, typer.Argument(help="JSON Lines of sampled requests as served.", show_default=False)],
    secret: Secret,
    url: Annotated[str, typer.Option(help="OpenAI-compatible end point of the snapshot that served.")],
    model: Annotated[str, typer.Option(help="The snapshot's name there.")],
    kind: Annotated[Kind, typer.Option(help="How it is asked.")] = "chat",
    key_env: Annotated[str, typer.Option(help="Variable that holds the end point's key.")] = "",
    out: Annotated[Path, typer.Option(help="File for the pairs; it must not leave.")] = Path("twins.jsonl"),
) -> None:
    """Draw the withheld twin of each served answer with the committed seed and the same sampler.

    Example:  stillwatch examine twins served.jsonl --secret coins.key --url http://localhost:8000/v1 --model snapshot-1
    """
    endpoint = Endpoint(model, url=url, kind=kind, key_env=key_env)
    answers = read_lines(served_log, ServedAnswer, "served answers")
    cache = Cache(out.with_suffix(".cache.sqlite"))
    with served(endpoint, _means(cache, None)) as teacher, shown_questions(True) as progress:
        pairs = draw_twins(answers, _secret(secret), teacher, endpoint.parallel, lambda done: progress("twins", done))
    cache.close()
    write_lines(out, pairs)
    print_json({"pairs": len(pairs), "file": str(out)})


@app.command()
def plan(
    draft: Annotated[Path, typer.Argument(help="Draft of the plan, TOML or JSON.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder of the examination.")] = Path("examination"),
    ledger: LedgerPath = DEFAULT_LEDGER,
    actor: Actor = "",
    as_json: AsJson = False,
) -> None:
    """Freeze a plan: pairs, order, hypotheses, measures and what can be shown; enter its digest in the ledger.

    Example:  stillwatch examine plan draft.toml --out examination
    """
    written = read_draft(draft)
    frozen = freeze(written, _now(), mark_commitment=_mark_commitment(written))
    details = {"digest": frozen.digest, "suspect": frozen.draft.suspect.model, "alpha": frozen.draft.alpha, "coins": frozen.coins}
    Folder(out).write_plan(frozen)
    with Ledger.open(ledger) as book:
        book.append(PLAN, frozen.draft.name, details, _actor(actor), _now())
    if as_json:
        print_json({"digest": frozen.digest, **msgspec.to_builtins(frozen)})
    else:
        print_plan(frozen, Console())


@app.command()
def run(
    folder: FolderPath,
    budget: Annotated[
        float | None, typer.Option(help="Most that the calls may cost, in the currency of the plan's prices.")
    ] = None,
    ledger: LedgerPath = DEFAULT_LEDGER,
    actor: Actor = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
    as_json: AsJson = False,
) -> None:
    """Carry out a frozen plan. A run that broke off goes on where it was.

    Example:  stillwatch examine run examination --budget 20
    """
    place = Folder(folder)
    frozen = place.read_plan()
    cache = Cache(place.answers)
    with Ledger.open(ledger) as book, shown_questions(not quiet) as progress:
        found = examine(frozen, _means(cache, budget), book, actor=_actor(actor), clock=_now, progress=progress)
        digest = place.write_result(found)
        book.append(
            RESULT, found.name, {"digest": digest, "plan": found.plan_digest, "level": found.verdict.level}, _actor(actor), _now()
        )
    cache.close()
    if as_json:
        print_json(found)
    elif not quiet:
        print_examination(found, Console())


@app.command()
def report(folder: FolderPath, ledger: LedgerPath = DEFAULT_LEDGER, as_json: AsJson = False) -> None:
    """Write the report as one self-contained page, from a result that the ledger knows.

    Example:  stillwatch examine report examination
    """
    place = Folder(folder)
    with Ledger.read(ledger) as book:
        entered = {str(entry.details.get("digest")) for entry in book.entries(kind=RESULT)}
    found = place.read_result(entered)
    write_whole(place.report, render(found).encode("utf-8", "replace"))
    if as_json:
        print_json(found)
    else:
        print_examination(found, Console())
        tell(f"Report: {place.report.resolve()}")


def _mark_commitment(draft: Draft) -> str:
    if draft.watermark is None:
        return ""
    from stillwatch.forensics.examination.mark import committed  # compiled code that only a mark needs

    return committed(draft.watermark, os.environ)


def _secret(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoReadableInput(
            f"the secret cannot be read ({error.strerror})", place=str(path), cure="name the file that holds it"
        ) from error


def _means(cache: Cache, limit: float | None) -> Means:
    return Means(cache, Budget(limit), time.sleep, os.environ)


def _actor(given: str) -> str:
    return given or getpass.getuser()


def _now() -> datetime:
    return datetime.now(UTC)
