"""``stillwatch case attribute``: who is behind it, weighed and judged by people.

The order of work: ``draft`` writes down what the traffic says; an analyst edits it; ``assess`` enters it with a judgement; others
``dissent``. ``link`` finds networks; ``name`` and ``review`` put an organisation on one, by two people.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from stillwatch.attribution.actor import Actor
from stillwatch.attribution.assessment import Assessment, dissented, judged
from stillwatch.attribution.estimative import Confidence
from stillwatch.attribution.hypothesis import network
from stillwatch.attribution.item import Item
from stillwatch.attribution.linking import Sighted
from stillwatch.attribution.naming import Naming, propose, review, withdraw
from stillwatch.campaigns.report.wording import bits, many
from stillwatch.case.case import CaseFile
from stillwatch.case.cases import Cases
from stillwatch.case.drafting import drafted
from stillwatch.cli.case.store import (
    DEFAULT_LEDGER,
    DEFAULT_STORE,
    AsJson,
    By,
    CaseName,
    LedgerPath,
    Reason,
    Seen,
    StoreUrl,
    now,
    numbered,
    reading,
    somebody,
    writing,
)
from stillwatch.cli.case.tables import print_table, say
from stillwatch.cli.group import group
from stillwatch.cli.streams import print_json, tell
from stillwatch.errors import RefusedByPolicy, UsageError
from stillwatch.forensics.documents import read_document, write_whole

app = group("Who is behind it: draft, assess, dissent, show; link campaigns into networks; name by two people.")

NetworkId = Annotated[str, typer.Argument(metavar="NETWORK", help="Id of the network, or the beginning of it.", show_default=False)]


@app.command()
def draft(
    case: CaseName,
    examination: Annotated[Path | None, typer.Option(help="An examination.json, whose verdict becomes an item.")] = None,
    suspect_of: Annotated[
        str | None, typer.Option("--suspect-of", metavar="NETWORK", help="The network that the examined model belongs to.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File to write.  [default: standard output]", show_default=False)] = None,
    store: StoreUrl = DEFAULT_STORE,
) -> None:
    """Write down, as JSON to be edited, the evidence that the case's campaigns give on who is behind them.

    Example:  stillwatch case attribute draft 1 --out assessment.json
    """
    with reading(store) as cases:
        file, actors = cases.file(numbered(cases, case)), cases.actors()
    made = _drafted(file, actors, examination, suspect_of)
    if out is None:
        print_json(made)
    else:
        write_whole(out, msgspec.json.format(msgspec.json.encode(made), indent=1))
        tell(f"{out}: {many(len(made.items), 'item')}; edit it, then enter it with `stillwatch case attribute assess`")


@app.command()
def assess(
    case: CaseName,
    file: Annotated[Path, typer.Argument(help="The assessment, JSON or TOML.", show_default=False)],
    judge: Annotated[str, typer.Option(metavar="HYPOTHESIS", help="For which hypothesis you judge.")],
    confidence: Annotated[Confidence, typer.Option(help="How well founded the judgement is.")],
    reason: Reason,
    by: By = None,
    seen: Seen = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Enter an assessment with your judgement; dissents of the one before stay with the case.

    Example:  stillwatch case attribute assess 1 assessment.json --judge unknown --confidence low --reason "Nothing points on."
    """
    who, when = somebody(by), now()
    entered = judged(read_document(file, Assessment, "assessment"), judge, confidence, reason, who, when)
    with writing(store, ledger) as cases:
        number = numbered(cases, case)
        cases.assess(number, msgspec.structs.replace(entered, subject=f"case-{number}", dissents=[]), who, when, seen)
    _print_assessment(entered, as_json)


@app.command()
def dissent(
    case: CaseName,
    hypothesis: Annotated[str, typer.Option(help="Which hypothesis you hold likelier.")],
    reason: Reason,
    by: By = None,
    seen: Seen = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Record that you do not agree with the judgement, and why.

    Example:  stillwatch case attribute dissent 1 --hypothesis reseller --reason "Two stacks, many rhythms." --by "Bo Analyst"
    """
    who, when = somebody(by), now()
    with writing(store, ledger) as cases:
        number = numbered(cases, case)
        entered = dissented(_entered(cases.file(number)), hypothesis, reason, who, when)
        cases.assess(number, entered, who, when, seen)
    _print_assessment(entered, as_json)


@app.command()
def show(case: CaseName, store: StoreUrl = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """Show the assessment: every hypothesis, the judgement, dissent, and what it hangs on.

    Example:  stillwatch case attribute show 1
    """
    with reading(store) as cases:
        file = cases.file(numbered(cases, case))
    _print_assessment(_entered(file), as_json)


@app.command()
def link(
    provider: Annotated[str, typer.Option(help="What we call ourselves.")] = "us",
    feed: Annotated[Path | None, typer.Option(help="A feed, to link with what others told of.")] = None,
    by: By = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Link campaigns, over time and providers, into networks by the rare things that they share.

    Example:  stillwatch case attribute link --feed stillwatch-feed.sqlite
    """
    when = now()
    with writing(store, ledger) as cases:
        elsewhere = _elsewhere(feed, cases.sighted(provider), when) if feed else []
        found = cases.link(provider, elsewhere, somebody(by), when)
    _print_actors(found, as_json)


@app.command()
def actors(store: StoreUrl = DEFAULT_STORE, as_json: AsJson = False) -> None:
    """List the networks that are known, with what holds them together and whom two people named.

    Example:  stillwatch case attribute actors
    """
    with reading(store) as cases:
        _print_actors(cases.actors(), as_json)


@app.command()
def name(
    network_id: NetworkId,
    organisation: Annotated[str, typer.Argument(help="The organisation that you hold to be behind it.", show_default=False)],
    reason: Reason,
    by: By = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Propose an organisation behind a network; it does not stand until a second person has reviewed it.

    Example:  stillwatch case attribute name network--1a2b "Synthetic Example Org" --reason "Its invoice was in the mailbox."
    """
    who, when = somebody(by), now()
    with writing(store, ledger) as cases:
        actor, version = _actor(cases, network_id)
        changed = cases.name(actor.id, propose(organisation, reason, who, when), who, when, version)
    _print_actors([changed], as_json)


@app.command("review")
def review_name(
    network_id: NetworkId,
    reason: Reason,
    agree: Annotated[bool | None, typer.Option("--agree/--decline", help="What you say to it.")] = None,
    by: By = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Review the name that somebody else proposed.

    Example:  stillwatch case attribute review network--1a2b --agree --reason "I have read the invoice." --by "Bo Reviewer"
    """
    if agree is None:
        raise UsageError("neither yes nor no", place="review", cure="give --agree or --decline")
    who, when = somebody(by), now()
    with writing(store, ledger) as cases:
        actor, version = _actor(cases, network_id)
        waiting = _latest(actor, [naming for naming in actor.namings if naming.open])
        changed = cases.name(actor.id, review(waiting, agree, reason, who, when), who, when, version)
    _print_actors([changed], as_json)


@app.command("withdraw")
def withdraw_name(
    network_id: NetworkId,
    reason: Reason,
    by: By = None,
    store: StoreUrl = DEFAULT_STORE,
    ledger: LedgerPath = DEFAULT_LEDGER,
    as_json: AsJson = False,
) -> None:
    """Take back the name of an organisation; one person is enough, and the record keeps it.

    Example:  stillwatch case attribute withdraw network--1a2b --reason "The invoice was forged."
    """
    who, when = somebody(by), now()
    with writing(store, ledger) as cases:
        actor, version = _actor(cases, network_id)
        standing = _latest(actor, [naming for naming in actor.namings if naming.stands or naming.open])
        changed = cases.name(actor.id, withdraw(standing, reason, who, when), who, when, version)
    _print_actors([changed], as_json)


def _elsewhere(feed: Path, own: list[Sighted], when: datetime) -> list[Sighted]:
    from stillwatch.console.elsewhere import told_elsewhere  # this loads the whole of sharing

    return told_elsewhere(feed, when, own)


def _drafted(file: CaseFile, actors: list[Actor], examination: Path | None, suspect_of: str | None) -> Assessment:
    made = drafted(file, actors)
    if examination is None:
        return made
    against = list(made.networks)
    if suspect_of and suspect_of not in {each.id for each in against}:
        against.append(network(suspect_of, next((a.name for a in actors if a.id == suspect_of), "the suspect's network")))
    return msgspec.structs.replace(made, items=[*made.items, _examined(examination, suspect_of)], networks=against)


def _examined(path: Path, suspect_of: str | None) -> Item:
    from stillwatch.attribution.forensic_items import item_of as forensic_item  # these load the whole of an examination
    from stillwatch.forensics.examination.result import Examination

    found = read_document(path, Examination, "examination")
    return forensic_item(found, f"{path.name}, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}", suspect_of)


def _entered(file: CaseFile) -> Assessment:
    if file.assessment is None:
        cure = "draft one with `stillwatch case attribute draft` and enter it with `assess`"
        raise RefusedByPolicy("nobody has assessed it yet", place=file.case.name, cure=cure)
    return file.assessment.assessment


def _actor(cases: Cases, name: str) -> tuple[Actor, int]:
    """The network that a person names, by the beginning of its id or by its working name."""
    found = [each for each in cases.actors() if each.id.startswith(name) or each.name.casefold() == name.casefold()]
    if len(found) != 1:
        what = "several networks fit" if found else "there is no such network"
        raise UsageError(what, place=name, cure="see `stillwatch case attribute actors`")
    return cases.actor(found[0].id)


def _latest(actor: Actor, namings: list[Naming]) -> Naming:
    if not namings:
        raise RefusedByPolicy("no name waits or stands there", place=actor.id, cure="see `stillwatch case attribute actors`")
    return namings[-1]


def _print_assessment(assessment: Assessment, as_json: bool) -> None:
    weighed, found = assessment.weighed(), assessment.sensitivity()
    if as_json:
        weights = [
            {"hypothesis": w.hypothesis.id, "bits": w.bits, "probability": w.probability, "told": w.told} for w in weighed.values()
        ]
        print_json({"assessment": assessment, "weights": weights, "sensitivity": found})
        return
    console = Console()
    rows: list[tuple[str, ...]] = [(w.hypothesis.id, w.hypothesis.name, f"{bits(w.bits)} bits", w.told) for w in weighed.values()]
    print_table(("hypothesis", "which is", "relative to unknown", "likelihood"), rows, console)
    low, high = found.span
    say(f"It leads: {found.leader}; if any one item or group were false, it would keep {low:.0%} to {high:.0%}.", console)
    say(f"It hangs on: {', '.join(found.linchpins) or 'no single item'}", console)
    if judged_ := assessment.judgement:
        departs = "; departs from the computation" if judged_.departs else ""
        say(
            f"{judged_.analyst} judges for {judged_.hypothesis}, {judged_.confidence} confidence{departs}: {judged_.reason}",
            console,
        )
    for each in assessment.dissents:
        say(f"dissent: {each.by} holds {each.hypothesis} likelier: {each.reason}", console)


def _print_actors(found: list[Actor], as_json: bool) -> None:
    if as_json:
        print_json({"actors": [_actor_as_json(actor) for actor in found]})
        return
    console = Console()
    rows = [(a.id, a.name, str(len(a.campaigns)), ", ".join(a.providers), _weakest(a), _named(a)) for a in found]
    print_table(("network", "working name", "campaigns", "seen at", "weakest link", "named by two people"), rows, console)
    if not found:
        say("No network: no two campaigns share enough that is rare.", console)


def _actor_as_json(actor: Actor) -> dict[str, Any]:
    standing = actor.organisation
    return {**msgspec.to_builtins(actor), "organisation": standing.organisation if standing else None}


def _weakest(actor: Actor) -> str:
    return "-" if actor.weakest_link is None else f"{bits(actor.weakest_link)} bits"


def _named(actor: Actor) -> str:
    if standing := actor.organisation:
        return f"{standing.organisation} ({standing.analyst}, {standing.reviewer})"
    return "a name waits for a second person" if any(naming.open for naming in actor.namings) else "nobody"
