"""``stillwatch gateway correct``: tell others which evidence turned out wrong for somebody who was pardoned.

Rules: what is told is an opinion about each object on which the evidence rests, with the reason that was given for the pardon;
never who was pardoned. It passes guard and people as whatever leaves does. What was told is settled and not told again.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, member
from stillwatch.cli.peers import CollectionName, HubKey, HubMember, Shown
from stillwatch.cli.releasing import DEFAULT_OUTBOX, To, Wish, let_out
from stillwatch.cli.sending import Onward, destination
from stillwatch.cli.streams import print_json, tell
from stillwatch.gateway.records.correction import Correction, Corrections
from stillwatch.sharing.release.outbox import earlier_created, place
from stillwatch.sharing.release.prepared import prepare
from stillwatch.sharing.stix.objects import Object
from stillwatch.sharing.stix.objects import as_json as as_value
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.views import View, opinion

_FILE = "corrections.json"
_STIX_ID = re.compile(r"[a-z][a-z-]*--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def correct(
    gateway: Annotated[Path, typer.Option("--gateway", envvar="STILLWATCH_GATEWAY", help="Folder of the gateway.")] = Path(
        "stillwatch-gateway"
    ),
    view: Annotated[View, typer.Option(help="What we think of the evidence.")] = View.DISPUTED,
    profile: Annotated[str | None, typer.Option(help="The guard's profile.  [default: of the settings]")] = None,
    tlp: Annotated[TLP | None, typer.Option(help="How far it may travel.  [default: of the settings]")] = None,
    to: To = str(DEFAULT_OUTBOX),
    collection: CollectionName = None,
    hub_member: HubMember = None,
    key_file: HubKey = None,
    approve: Annotated[str | None, typer.Option(metavar="NAME", help="Who approves.")] = None,
    second: Annotated[str | None, typer.Option(metavar="NAME", help="The second person, under dual control.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="They have seen it and say yes: do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would leave.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Let out the corrections that wait since accounts were pardoned: opinions on the evidence that others know.

    Example:  stillwatch gateway correct --dry-run
    """
    now = datetime.now(UTC)
    corrections = Corrections(gateway / "corrections.jsonl")
    waiting = corrections.waiting()
    if not waiting:
        if as_json:
            print_json({"corrections": 0, "released": None})
        else:
            tell("no correction waits")
        return
    membership = member(config, now, dry_run=dry_run)
    target, onward = destination(to, DEFAULT_OUTBOX, Onward(to, Shown(hub_member, key_file), collection))
    terms = Terms(membership.identity(now), tlp or membership.tlp, now, created=earlier_created(place(target, _FILE), now))
    told = [as_value(thing) for thing in opinions_on(waiting, view, terms)]
    targets = [target for thing in told for target in thing.get("object_refs", ())]
    prepared = prepare(told, membership.guard(profile), targets)
    wish = Wish(target, approve, second, yes, dry_run, as_json, onward)
    subjects = [thing["id"] for thing in told if thing["type"] == "opinion"]
    let_out(prepared, subjects, _FILE, membership, wish, now, {"corrections": len(waiting)})
    for correction in () if dry_run else waiting:
        corrections.settle(correction.id, int(now.timestamp()))


def opinions_on(corrections: Sequence[Correction], view: View, terms: Terms) -> list[Object]:
    """One opinion on each object that the corrections are about, the member's identity first; of several reasons the latest counts.

    The evidence of a scaffold of an own campaign bears the campaign's id and more after a blank: the campaign is meant. Evidence
    that is no object of STIX (further indicators with names of their own) nobody else knows by its name; it is left out.
    """
    reasons = {name.partition(" ")[0]: correction.because for correction in corrections for name in correction.evidence}
    reasons = {target: because for target, because in reasons.items() if _STIX_ID.fullmatch(target)}
    who: tuple[Object, ...] = (terms.producer,) if terms.producer else ()
    return [*who, *(opinion(view, target, terms, because) for target, because in sorted(reasons.items()))]
