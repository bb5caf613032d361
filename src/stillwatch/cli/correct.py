"""``stillwatch correct``: put right, or take back, one statement that was released."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, member
from stillwatch.cli.peers import CollectionName, HubKey, HubMember, Shown
from stillwatch.cli.releasing import DEFAULT_OUTBOX, To, Wish, let_out
from stillwatch.cli.sending import Onward, destination
from stillwatch.errors import UsageError
from stillwatch.sharing.release.correction import corrected, released
from stillwatch.sharing.release.prepared import prepare
from stillwatch.sharing.stix.bundle import references
from stillwatch.sharing.stix.objects import as_json as as_value
from stillwatch.sharing.stix.objects import timestamp
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.views import note


def correct(
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of the statement.", show_default=False)],
    because: Annotated[str, typer.Option(help="What was wrong, in a sentence that names nobody; it goes along as a note.")],
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it back for good.")] = False,
    confidence: Annotated[int | None, typer.Option(help="How sure we are now, in per cent.", min=0, max=100)] = None,
    valid_until: Annotated[datetime | None, typer.Option(help="An indicator: no longer valid from then on (UTC).")] = None,
    outbox: Annotated[Path, typer.Option(help="Folder of the releases.")] = DEFAULT_OUTBOX,
    profile: Annotated[str | None, typer.Option(help="The guard's profile.  [default: of the settings]")] = None,
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
    """Tell everybody who got a statement of ours that it was wrong: a later version, or its end, with the reason.

    Example:  stillwatch correct indicator--00000000-0000-4000-8000-000000000001 --revoke --because "a shared tool" --dry-run
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=dry_run)
    value = released(name, sorted(outbox.glob("*.json")), membership.id, now)
    again = corrected(value, _changes(revoke, confidence, valid_until, str(value["type"])), now)
    reason = note(because, [name], Terms(membership.identity(now), membership.tlp, now))
    said = as_value(reason) | {"object_marking_refs": value.get("object_marking_refs", list(reason.object_marking_refs or ()))}
    known = {target for thing in (again, said) for _, target in references(thing)}
    prepared = prepare([as_value(membership.identity(now)), again, said], membership.guard(profile), known)
    target, onward = destination(to, DEFAULT_OUTBOX, Onward(to, Shown(hub_member, key_file), collection))
    wish = Wish(target, approve, second, yes, dry_run, as_json, onward)
    let_out(prepared, [name], f"correction-{now:%Y%m%dT%H%M%SZ}-{name}.json", membership, wish, now)


def _changes(revoke: bool, confidence: int | None, valid_until: datetime | None, kind: str) -> dict[str, Any]:
    """What differs in the next version. Raises UsageError if nothing does, or if the statement has no end of validity."""
    if valid_until is not None and kind != "indicator":
        raise UsageError(f"a statement of type {kind} has no end of validity", place="--valid-until", cure="only an indicator has")
    changes: dict[str, Any] = {"revoked": True} if revoke else {}
    changes |= {} if confidence is None else {"confidence": confidence}
    changes |= {} if valid_until is None else {"valid_until": timestamp(valid_until.replace(tzinfo=UTC))}
    if not changes:
        raise UsageError("nothing is corrected", place="correct", cure="give --revoke, --confidence or --valid-until")
    return changes
