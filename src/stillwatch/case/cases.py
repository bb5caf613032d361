"""The store of cases: opened by path or URL, every change under a version, with a name, a time and a place in the history.

Rules: whoever changes a case may name the ``version`` that they saw; with that gone by, it is a Conflict and nothing is written.
Each change is one transaction: the change, its action in the history, and what the ``witness`` does with that action (the
commands enter it in the ledger); if any of them fails, none happened. ``by`` is a person's name, ``now`` a time with its zone.

>>> with Cases.open("sqlite://") as store:
...     store.find()
[]
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from stillwatch.attribution.actor import Actor, profile
from stillwatch.attribution.assessment import Assessment
from stillwatch.attribution.linking import Sighted, networks
from stillwatch.attribution.naming import Naming
from stillwatch.attribution.person import person
from stillwatch.attribution.trait import Trait
from stillwatch.campaigns.campaign import Campaign
from stillwatch.campaigns.report.summary import by_severity
from stillwatch.case import states
from stillwatch.case.case import Attachment, Case, Hold, Purged
from stillwatch.case.entry import line_of, moment, storable, text_of
from stillwatch.case.failures import Held, NotAllowed
from stillwatch.case.source import Scan
from stillwatch.case.states import ENDED, STATES, TRANSITIONS, State
from stillwatch.case.store import keeping, papers, profiles, register, shots
from stillwatch.case.store.migration import MIGRATIONS
from stillwatch.case.store.tables import assessments, attachments, comments, decisions
from stillwatch.case.store.tables import store as store_table
from stillwatch.case.writer import CaseWriter, Witness
from stillwatch.database.database import PATIENCE_SECONDS, Database, is_absent
from stillwatch.errors import NoReadableInput, UsageError

RETENTION_DAYS = 365
"""How long a closed or reversed case is kept if the decision does not say otherwise."""
ATTACHMENT_BYTES = 20 * 1024 * 1024
"""The most that one attachment may have."""


class Cases(CaseWriter):
    """The open store with all that can be done to it; used by several threads, and as a context manager that closes it."""

    @classmethod
    def open(cls, url: str, witness: Witness | None = None, patience_seconds: float = PATIENCE_SECONDS) -> "Cases":
        """The store at a path or URL, begun if there is none, brought up to date if it is older.

        Raises NoReadableInput if something else is there, StoreUnavailable if it is locked, UsageError for what is no URL.
        """
        database = Database.open(url, patience_seconds, erasing=True)
        MIGRATIONS.migrate(database)
        with database.writing() as connection:
            if connection.scalar(select(store_table.c.id)) is None:
                connection.execute(store_table.insert().values(id=1, secret=secrets.token_bytes(32)))
        return cls(database, witness)

    @classmethod
    def existing(cls, url: str, witness: Witness | None = None, patience_seconds: float = PATIENCE_SECONDS) -> "Cases":
        """The store at a path or URL, which must be there. Raises as ``open``, and NoReadableInput if there is none."""
        if is_absent(url):
            cure = "begin one with `stillwatch case add`, or name another with --store"
            raise NoReadableInput("there is no store of cases here", place=url, cure=cure)
        database = Database.open(url, patience_seconds, erasing=True)
        MIGRATIONS.require_head(database)
        return cls(database, witness)

    def add(
        self,
        scan: Scan,
        by: str,
        now: datetime,
        campaigns: Sequence[Campaign] | None = None,
        shared: Mapping[str, Sequence[Trait]] | None = None,
    ) -> list[Case]:
        """Open a case for each campaign of a scan (or for those named); the gravest first. ``shared``: per campaign id, traits
        beyond its scaffolds.

        A campaign that a case has already adds a snapshot to that case if it is told differently now, and changes no state.
        """
        wanted = by_severity(scan.campaigns if campaigns is None else campaigns)
        pointers, more = scan.pointers(), shared or {}
        with self._writing(by, now) as (connection, who, when):
            numbers = [self._add(connection, scan, each, pointers[each.id], more.get(each.id, ()), who, when) for each in wanted]
            return [register.case(connection, number) for number in numbers]

    def assign(self, number: int, assignee: str, by: str, now: datetime, version: int | None = None) -> Case:
        """Give a case to somebody; to nobody if ``assignee`` is empty. Raises NoSuchCase, Conflict."""
        with self._writing(by, now) as (connection, who, when):
            to = person(assignee, "assignee") if assignee.strip() else ""
            self._change(connection, number, version, ("assign", {"to": to}), who, when, {"assignee": to})
            return register.case(connection, number)

    def retitle(self, number: int, title: str, by: str, now: datetime, version: int | None = None) -> Case:
        """Give a case another title. Raises NoSuchCase, Conflict."""
        with self._writing(by, now) as (connection, who, when):
            text = line_of(title, "title")
            self._change(connection, number, version, ("retitle", {"title": text}), who, when, {"title": text})
            return register.case(connection, number)

    def comment(self, number: int, text: str, by: str, now: datetime, version: int | None = None) -> int:
        """Remark something; the comment's id. Raises NoSuchCase, Conflict."""
        with self._writing(by, now) as (connection, who, when):
            register.case(connection, number)
            made = papers.insert(connection, comments, number, who, when, {"text": text_of(text, "comment")})
            self._change(connection, number, version, ("comment", {"comment": made}), who, when)
            return made

    def attach(
        self, number: int, name: str, media_type: str, content: bytes, by: str, now: datetime, version: int | None = None
    ) -> Attachment:
        """Add a file, at most ATTACHMENT_BYTES. Raises NoSuchCase, Conflict, UsageError if it is empty or too large."""
        if not 0 < len(content) <= ATTACHMENT_BYTES:
            cure = f"attach a file of 1 to {ATTACHMENT_BYTES:,} bytes"
            raise UsageError(f"it has {len(content):,} bytes", place=name, cure=cure)
        values: dict[str, Any] = {
            "name": line_of(name.replace("\\", "/").rpartition("/")[2], "name of the attachment"),
            "media_type": line_of(media_type, "media type"),
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        with self._writing(by, now) as (connection, who, when):
            register.case(connection, number)
            made = papers.insert(connection, attachments, number, who, when, {**values, "content": content})
            told = {"attachment": made, "name": values["name"], "sha256": values["sha256"]}
            self._change(connection, number, version, ("attach", told), who, when)
            return Attachment(id=made, by=who, at=when, **values)

    def decide(
        self,
        number: int,
        state: State,
        reason: str,
        by: str,
        now: datetime,
        version: int | None = None,
        retention_days: int = RETENTION_DAYS,
    ) -> Case:
        """Take a case to another state, for a reason; closed and reversed ones are kept ``retention_days`` from now.

        Raises NoSuchCase, Conflict, NotAllowed if its state does not lead there or it was merged into another.
        """
        if state not in STATES or not 0 <= retention_days <= 36_500:
            cure = f"name one of {', '.join(STATES)}, and 0 to 36500 days"
            raise UsageError(f"no such state or time: {state!r:.40}, {retention_days} days", place="decision", cure=cure)
        with self._writing(by, now) as (connection, who, when):
            found = self._unmerged(connection, number)
            if not states.allowed(found.state, state):
                cure = f"decide for {' or '.join(TRANSITIONS[found.state])}"
                raise NotAllowed(f"from {found.state} it cannot become {state}", place=found.name, cure=cure)
            told = {"before": found.state, "after": state, "reason": text_of(reason, "reason")}
            made = papers.insert(connection, decisions, number, who, when, told)
            kept = moment(now + timedelta(days=retention_days)) if state in ENDED else None
            values = {"state": state, "retain_until": kept}
            self._change(connection, number, version, ("decide", {"decision": made, **told}), who, when, values)
            return register.case(connection, number)

    def merge(self, into: int, others: Sequence[int], reason: str, by: str, now: datetime, version: int | None = None) -> Case:
        """Let one case take in others: they stay as they are, closed to changes, and are told with it from now on.

        Raises NoSuchCase, Conflict, NotAllowed if one was merged before, or is to be merged into itself.
        """
        with self._writing(by, now) as (connection, who, when):
            target = self._unmerged(connection, into)
            why = text_of(reason, "reason")
            for number in dict.fromkeys(others):
                other = self._unmerged(connection, number)
                if number == into:
                    raise NotAllowed("a case cannot be merged into itself", place=other.name, cure="name two cases")
                told = {"into": into, "reason": why}
                self._change(connection, number, None, ("merged", told), who, when, {"merged_into": into})
            if not others:
                raise UsageError("nothing to merge", place=target.name, cure="name the cases that it takes in")
            self._change(connection, into, version, ("merge", {"cases": list(others), "reason": why}), who, when)
            return register.standing(connection, into)

    def hold(self, number: int | None, reason: str, by: str, now: datetime, version: int | None = None) -> Hold:
        """Put a litigation hold on a case, or on everything if none is named. Raises NoSuchCase, Conflict."""
        with self._writing(by, now) as (connection, who, when):
            if number is not None:
                register.case(connection, number)
            why = text_of(reason, "reason")
            made = keeping.place(connection, number, who, when, why)
            self._on_hold(connection, number, version, ("hold", {"hold": made, "reason": why}), who, when)
            return Hold(made, number, who, when, why, None, None, None)

    def lift(self, hold: int, reason: str, by: str, now: datetime) -> Hold:
        """Lift a hold. Raises NotAllowed if there is none that stands."""
        with self._writing(by, now) as (connection, who, when):
            found = keeping.hold(connection, hold)
            if found is None or not found.stands:
                raise NotAllowed("no such hold stands", place=f"hold {hold}", cure="see `stillwatch case hold`")
            why = text_of(reason, "reason")
            keeping.lift(connection, hold, who, when, why)
            self._on_hold(connection, found.case, None, ("lift", {"hold": hold, "reason": why}), who, when)
            lifted = keeping.hold(connection, hold)
            assert lifted is not None
            return lifted

    def purge(self, numbers: Sequence[int], reason: str, by: str, now: datetime) -> list[Purged]:
        """Delete these cases for good, with what they took in, all or none.

        Raises Held if a hold stands on any of them, NotAllowed if the time of retention of one is not over.
        """
        with self._writing(by, now) as (connection, who, when):
            why = text_of(reason, "reason")
            groups = [self._deletable(connection, number, when) for number in dict.fromkeys(numbers)]
            left = []
            for case in (each for group in groups for each in group):
                self._change(connection, case.number, None, ("purge", {"reason": why}), who, when)
                left.append(keeping.delete(connection, case, who, when, why))
            return left

    def assess(self, number: int, assessment: Assessment, by: str, now: datetime, version: int | None = None) -> int:
        """Enter an assessment, which holds from now on; its id. Raises NoSuchCase, Conflict."""
        with self._writing(by, now) as (connection, who, when):
            self._unmerged(connection, number)
            content = _encoded(assessment)
            made = papers.insert(connection, assessments, number, who, when, {"assessment": content})
            told = {"assessment": made, "sha256": hashlib.sha256(content).hexdigest(), "dissents": len(assessment.dissents)}
            if assessment.judgement:
                told |= {"hypothesis": assessment.judgement.hypothesis, "analyst": assessment.judgement.analyst}
            self._change(connection, number, version, ("assess", told), who, when)
            return made

    def link(self, provider: str, elsewhere: Sequence[Sighted], by: str, now: datetime) -> list[Actor]:
        """Link all campaigns, with those that others told of, and keep a profile of every network of two or more.

        Profiles carry on: a network that grows keeps its id, and one that went into another is remembered there.
        """
        with self._writing(by, now) as (connection, who, when):
            known = profiles.everyone(connection)
            found = [n for n in networks([*shots.sighted(connection, provider), *elsewhere]) if len(n.campaigns) > 1]
            made = [profile(network, known) for network in found]
            for actor in (each for each in made if each not in known):
                profiles.put(connection, actor, None)
                self._on_cases(connection, actor, ("link", {"actor": actor.id, "campaigns": actor.campaigns}), who, when)
            profiles.drop(connection, [former for actor in made for former in actor.formerly])
            return made

    def name(self, actor_id: str, naming: Naming, by: str, now: datetime, version: int | None = None) -> Actor:
        """Keep a naming on a profile: a new one, or one that was reviewed or withdrawn in place of itself.

        Raises NoReadableInput if there is no such profile, Conflict.
        """
        with self._writing(by, now) as (connection, who, when):
            actor, seen = profiles.actor(connection, actor_id)
            others = [each for each in actor.namings if (each.organisation, each.at) != (naming.organisation, naming.at)]
            changed = msgspec.structs.replace(actor, namings=[*others, naming])
            _encoded(changed)
            profiles.put(connection, changed, seen if version is None else version)
            told = {"actor": actor_id, "organisation": naming.organisation, "stands": naming.stands, "open": naming.open}
            self._on_cases(connection, actor, ("name", told), who, when)
            return changed

    def _deletable(self, connection: Connection, number: int, now: str) -> list[Case]:
        """The case after those that it took in, in the order in which they can be deleted."""
        found = self._unmerged(connection, number)
        group = [*reversed(register.merged_into(connection, number)), found]
        if kept := next((case for case in group if case.held), None):
            raise Held("a litigation hold stands on it", place=kept.name, cure="see `stillwatch case hold`; counsel lifts it")
        if found.retain_until is None or found.retain_until >= now:
            until = f"it is kept until {found.retain_until}" if found.retain_until else f"it is {found.state}"
            raise NotAllowed(f"its time is not over: {until}", place=found.name, cure="close it, and wait for its time")
        return group

    def _add(
        self, connection: Connection, scan: Scan, campaign: Campaign, pointer: str, shared: Sequence[Trait], by: str, now: str
    ) -> int:
        told = {"campaign": campaign.id, "source": scan.path, "sha256": scan.sha256, "pointer": pointer}
        number = register.number_of(connection, campaign.id)
        if number is None:
            number = register.insert(connection, {**_opening(campaign, now), **_figures(campaign)})
            shots.insert(connection, number, scan, campaign, pointer, shared, by, now)
            self._opened(connection, number, told, by, now)
        elif shots.newest_digest(connection, campaign.id) != shots.content_digest(campaign):
            shots.insert(connection, number, scan, campaign, pointer, shared, by, now)
            self._change(connection, number, None, ("rescan", told), by, now, _figures(campaign))
        return number


def _encoded(paper: Assessment | Actor) -> bytes:
    """What people wrote, as JSON. Raises UsageError for half a character, which no JSON holds."""
    try:
        return msgspec.json.encode(paper)
    except UnicodeEncodeError as error:
        raise UsageError("a text holds half a character", place="assessment", cure="write that text anew") from error


def _opening(campaign: Campaign, now: str) -> dict[str, Any]:
    names = ", ".join(each.name for each in sorted(campaign.techniques, key=lambda t: -t.share)[:2]) or "no technique recognised"
    return {
        "title": line_of(f"{len(campaign.accounts):,} accounts: {names}"[:300], "title"),
        "state": "new",
        "assignee": "",
        "opened": now,
        "updated": now,
        "campaign_id": storable(campaign.id),
    }


def _figures(campaign: Campaign) -> dict[str, Any]:
    return {
        "severity": storable(campaign.severity),
        "accounts": len(campaign.accounts),
        "requests": campaign.requests,
        "coordination_bits": campaign.coordination_bits,
        "harvest_bits": campaign.harvest_bits,
        "q_value": campaign.q_value,
        "first_seen": storable(campaign.first_seen),
        "last_seen": storable(campaign.last_seen),
    }
