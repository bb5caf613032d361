"""``stillwatch share``: let others know of a campaign that `scan` found, as far as policy and people allow."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from stillwatch.campaigns.campaign import Campaign, Campaigns
from stillwatch.campaigns.report.summary import by_severity
from stillwatch.cli.logs import batches, taken_in
from stillwatch.cli.members import DEFAULT_CONFIG, AsJson, Config, member
from stillwatch.cli.peers import CollectionName, HubKey, HubMember, Shown, TokenUrl
from stillwatch.cli.releasing import DEFAULT_OUTBOX, To, Wish, let_out
from stillwatch.cli.sending import Onward, destination
from stillwatch.errors import NoReadableInput, UsageError
from stillwatch.sharing.feed.identifiers import attributes, tokens_of
from stillwatch.sharing.release.membership import Membership
from stillwatch.sharing.release.outbox import earlier_created, place, revocations
from stillwatch.sharing.release.prepared import prepare
from stillwatch.sharing.release.traces import COLUMNS, Traces
from stillwatch.sharing.stix.bundle import references
from stillwatch.sharing.stix.disclosure import Disclosure, from_campaign
from stillwatch.sharing.stix.objects import as_json as as_value
from stillwatch.sharing.stix.reading import told
from stillwatch.sharing.stix.terms import Terms
from stillwatch.sharing.stix.tlp import TLP
from stillwatch.sharing.stix.writing import objects_of
from stillwatch.sharing.tokens.token import Token
from stillwatch.traffic.accounts import load_accounts


def share(
    campaign: Annotated[str, typer.Argument(help="Its id, the beginning of it, or its number in the scan.", show_default=False)],
    scanned: Annotated[Path, typer.Option("--from", help="Folder that scan wrote.")] = Path("stillwatch-out"),
    requests: Annotated[
        list[str] | None, typer.Option(help="Request logs, to add clients and networks of the campaign. May stand more than once.")
    ] = None,
    accounts: Annotated[Path | None, typer.Option(help="Table of accounts, to add tokens of what they share.")] = None,
    profile: Annotated[str | None, typer.Option(help="The guard's profile.  [default: of the settings]")] = None,
    tlp: Annotated[TLP | None, typer.Option(help="How far it may travel.  [default: of the settings]")] = None,
    to: To = str(DEFAULT_OUTBOX),
    collection: CollectionName = None,
    hub_member: HubMember = None,
    key_file: HubKey = None,
    token_url: TokenUrl = None,
    approve: Annotated[str | None, typer.Option(metavar="NAME", help="Who approves.")] = None,
    second: Annotated[str | None, typer.Option(metavar="NAME", help="The second person, under dual control.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="They have seen it and say yes: do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would leave.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Withdraw for good what was shared of it before.")] = False,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Show what we know of a campaign and exactly what would leave, get it approved, and write a signed STIX bundle.

    Example:  stillwatch share 1 --from stillwatch-out --dry-run
    """
    now = datetime.now(UTC)
    membership = member(config, now, dry_run=dry_run)
    found = _campaign(campaign, scanned)
    name = f"{found.id}.json"
    outbox, onward = destination(to, DEFAULT_OUTBOX, Onward(to, Shown(hub_member, key_file, token_url=token_url), collection))
    if revoke:
        told = revocations(place(outbox, name), now)
    else:
        disclosure = _disclosure(found, requests or (), accounts, membership, now)
        terms = Terms(membership.identity(now), tlp or membership.tlp, now, created=earlier_created(place(outbox, name), now))
        told = [as_value(thing) for thing in objects_of(disclosure, terms)]
    known = {target for thing in told for _, target in references(thing)} if revoke else ()
    prepared = prepare(told, membership.guard(profile), known)
    let_out(prepared, [found.id], name, membership, Wish(outbox, approve, second, yes, dry_run, as_json, onward), now)


def _campaign(wanted: str, scanned: Path) -> Campaign:
    """The campaign of a scan's result. Raises NoReadableInput if there is no result, UsageError if not one campaign is named."""
    path = scanned / "campaigns.json"
    try:
        result = msgspec.json.decode(path.read_bytes(), type=Campaigns)
    except (OSError, msgspec.DecodeError) as error:
        cure = "name the folder that scan wrote with --from"
        raise NoReadableInput(f"no result of a scan ({error})", place=str(path), cure=cure) from error
    ordered = by_severity(result.campaigns)
    numbered = {str(number): each for number, each in enumerate(ordered, start=1)}
    matching = [each for each in ordered if each.id.startswith((wanted, f"campaign--{wanted}"))] if len(wanted) >= 4 else []
    found = [numbered[wanted]] if wanted in numbered else matching
    if len(found) != 1:
        what = f"{len(found)} campaigns begin with this" if found else "the scan found no such campaign"
        ids = ", ".join(each.id for each in ordered[:5]) or "none was found"
        raise UsageError(what, place=wanted, cure=f"name one of {ids}")
    return found[0]


def _disclosure(
    campaign: Campaign, requests: Sequence[str], accounts: Path | None, membership: Membership, now: datetime
) -> Disclosure:
    """What the scan knows of the campaign, with clients and networks from the logs and tokens, where these were asked for."""
    tokens = _tokens(campaign, accounts, membership) if accounts else []
    if not requests:
        return from_campaign(campaign, map(told, tokens))
    traces = Traces(campaign.accounts)
    with taken_in(requests, "auto", None, now) as intake:
        for batch in batches(intake, COLUMNS):
            traces.add(batch)
    return from_campaign(campaign, map(told, tokens), traces.clients(), traces.networks())


def _tokens(campaign: Campaign, accounts: Path, membership: Membership) -> list[Token]:
    tokeniser = membership.tokeniser()
    if tokeniser is None:
        cure = "set token_seed and token_epoch in the settings, or leave --accounts out"
        raise UsageError("no key makes tokens", place="--accounts", cure=cure)
    return tokens_of(campaign.accounts, attributes(load_accounts(accounts)), tokeniser)
