"""One write to a collection as it grows: what is stored, what the member is told about it, what the ledger records.

A held object (see ``admission.py``) is told and dated like any other, so that nothing shows that it is held.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from stillwatch.hub.access.audience import Audience, terms
from stillwatch.hub.access.directory import Collection, Directory
from stillwatch.hub.access.member import Viewer
from stillwatch.hub.receipt.admission import Admission, KnownVersion, Outcome, admit
from stillwatch.hub.receipt.candidate import Candidate, Refusal
from stillwatch.hub.receipt.contribution import commitment, opening
from stillwatch.hub.receipt.dating import Dating, Draw
from stillwatch.hub.receipt.marking import Marking
from stillwatch.hub.receipt.reading import Read
from stillwatch.hub.standing.remark import AGAINST, Remark, remarks
from stillwatch.hub.standing.warning import WarningLists
from stillwatch.hub.store.counter import Numbers
from stillwatch.hub.store.warning_rows import marked
from stillwatch.hub.taxii.resources import Status, StatusDetail
from stillwatch.hub.timestamps import version_key, written
from stillwatch.sharing.ledger.entry import Draft
from stillwatch.sharing.stix.tlp import TLP

ALONE = "nobody else sees it: nothing on it says who may"
"""What a member is told whose object nobody else can see."""


@dataclass(frozen=True)
class Request:
    """Who adds what where; ``named`` restricts the audience to these members and groups; ``now`` in microseconds.

    ``dates``: when each object was added elsewhere, by its position, if it comes from an archive. ``unknown``: what else was named,
    but nobody bears; those who are named are then fewer than was meant.
    """

    body: bytes
    viewer: Viewer
    collection: Collection
    named: tuple[str, ...] | None
    now: int
    dates: Sequence[int | None] | None = None
    unknown: tuple[str, ...] = ()


class Write:
    """One write as it grows: what is stored, what is said about it, what is recorded."""

    def __init__(self, request: Request, directory: Directory, numbers: Numbers, lists: WarningLists, draw: Draw) -> None:
        self.numbers = numbers
        self.dating = Dating(request.now, numbers.date_added, draw)
        self.drafts = list(_unknown_names(request))
        self._request = request
        self._directory = directory
        self._lists = lists
        self._member = request.viewer.member
        self._admitting = set(directory.admitting(request.viewer, request.now))
        self._known: defaultdict[str, list[KnownVersion]] = defaultdict(list)
        self._stored: list[tuple[Candidate, Marking, dict[str, Any]]] = []
        self._successes: list[StatusDetail] = []
        self._failures: list[StatusDetail] = []

    def know(self, rows: Iterable[Any]) -> None:
        """Take in what the collection has of the same objects."""
        for row in rows:
            own = row.owner == self._member.id
            seen = own or self._request.viewer.is_operator or row.audience in self._admitting
            self._known[row.stix_id].append(KnownVersion(row.spec_version, row.version_key, row.digest, own, seen))

    def take(self, one: Read, mark: Marking | None) -> None:
        """Decide about one object and note the consequences."""
        if isinstance(one, Refusal) or mark is None:
            self._refuse(one, one.message if isinstance(one, Refusal) else "")
            return
        if self._request.dates and (self._request.dates[one.position] or 0) > self._request.now:
            self._refuse(one, "its date_added has not come yet")
            return
        decision = admit(one, self._known[one.stix_id], guarded=self._request.collection.guarded)
        if decision.outcome is Outcome.REFUSED:
            self._refuse(one, decision.reason)
        elif decision.outcome is Outcome.THERE_ALREADY:
            self._successes.append(StatusDetail(one.stix_id, one.version or written(self.dating.start), "it was here already"))
        else:
            self._store(one, mark, decision)

    def audiences(self) -> list[Audience]:
        """Every audience that is needed."""
        return [audience for _, mark, _ in self._stored for audience in (mark.audience, *(cut for cut, _ in mark.cuts))]

    def rows(self, audiences: Mapping[str, int]) -> list[dict[str, Any]]:
        """The rows to store; ``audiences`` are the numbers of the audiences by their terms."""
        for _, mark, row in self._stored:
            row["audience"] = audiences[terms(mark.audience)]
            cuts = [[audiences[terms(audience)], selectors] for audience, selectors in mark.cuts]
            row["cuts"] = msgspec.json.encode(cuts).decode() if cuts else None
        return [row for _, _, row in self._stored]

    def remarks(self) -> Iterator[tuple[Mapping[str, Any], list[Remark]]]:
        """The rows of opinions and sightings, with what they remark."""
        for one, _, row in self._stored:
            if made := list(remarks(one.value)):
                if not self._directory.disputes and any(remark.value in AGAINST for remark in made):
                    self.numbers.changed()
                yield row, made

    def status(self) -> Status:
        """What became of the request."""
        return Status(
            id=str(uuid.uuid4()),
            status="complete",
            request_timestamp=written(self.dating.start),
            total_count=len(self._successes) + len(self._failures),
            success_count=len(self._successes),
            failure_count=len(self._failures),
            pending_count=0,
            successes=self._successes or None,
            failures=self._failures or None,
        )

    def _store(self, one: Candidate, mark: Marking, decision: Admission) -> None:
        alone = mark.audience == Audience(TLP.RED) and self._request.named is None
        date_added = self._date(one.position, mark.audience)
        if decision.outcome is Outcome.HELD:
            mark = Marking(Audience(TLP.RED))
        version = one.version or written(date_added)
        key = one.key or version_key(version)
        row = {
            "seq": self.numbers.next_seq(),
            "collection": self._request.collection.number,
            "stix_id": one.stix_id,
            "type": one.type,
            "spec_version": one.spec_version,
            "version_key": key,
            "version": version,
            "date_added": date_added,
            "owner": self._member.id,
            "revoked": one.revoked,
            "warned": marked(self._lists, dict(one.value)),
            "opening": opening(),
            "digest": one.digest,
            "size": len(one.body),
            "body": one.body,
        }
        self._stored.append((one, mark, row))
        self._known[one.stix_id].append(KnownVersion(one.spec_version, key, one.digest, own=True, seen=True))
        self._successes.append(StatusDetail(one.stix_id, version, _message(alone, str(row["warned"]) if row["warned"] else None)))
        self._record(decision.outcome, one, row)

    def _date(self, position: int, audience: Audience) -> int:
        """When the object was added: now, or when the archive says."""
        given = self._request.dates[position] if self._request.dates else None
        return self.dating.next(audience) if given is None else self.dating.given(given)

    def _record(self, outcome: Outcome, one: Candidate, row: Mapping[str, Any]) -> None:
        made = commitment(row["opening"], self._member.identity or self._member.name, one.digest)
        details = {"version": row["version"], "collection": self._request.collection.id, "sha256": one.digest.hex()}
        if outcome is Outcome.HELD:
            details["held"] = "another member's object, which the contributor cannot see"
        self.drafts.append(Draft("receipt", one.stix_id, details, f"commitment:{made}"))

    def _refuse(self, one: Read, message: str) -> None:
        self._failures.append(StatusDetail(one.stix_id, one.version or written(self.dating.start), message))
        details = {"because": "receipt", "collection": self._request.collection.id, "reason": message}
        self.drafts.append(Draft("refusal", one.stix_id, details, "a member"))


def _unknown_names(request: Request) -> Iterator[Draft]:
    """For the operator's eyes: names in the audience that nobody bears, which the answer does not betray."""
    if request.unknown:
        details = {"because": "no such member or group", "collection": request.collection.id, "names": list(request.unknown)}
        yield Draft("refusal", "audience", details, "a member")


def _message(alone: bool, warned: str | None) -> str | None:
    """What a contributor should know of what was stored."""
    said = [ALONE] if alone else []
    if warned:
        said.append(
            f"many innocent people may stand behind it; it is on the warning lists {', '.join(msgspec.json.decode(warned))}"
        )
    return "; ".join(said) or None
