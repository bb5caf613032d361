"""Adding objects: from an envelope's bytes to a status, in one write that is taken whole or not at all.

The steps:

1. the envelope is taken apart; each object is read, and examined by the collection's examiner (before the write lock is taken);
2. under the lock: each is admitted or not, given what the collection has; numbers and dates are given out in the envelope's order;
3. rows, status and the ledger's entries are written; the ledger first, so that nothing is in the hub that is not in the ledger;
4. only when all of it is on the disk is there an answer.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from stillwatch.database.database import Database
from stillwatch.hub.access.directory import Directory
from stillwatch.hub.receipt.candidate import Candidate, Refusal
from stillwatch.hub.receipt.dating import Draw
from stillwatch.hub.receipt.examiner import Examiner
from stillwatch.hub.receipt.marking import Marking, definitions_among, marking, marking_refs
from stillwatch.hub.receipt.reading import Read, read_envelope
from stillwatch.hub.receipt.write import Request, Write
from stillwatch.hub.standing.warning import WarningLists
from stillwatch.hub.store import counter, objects, registry, remarks, statuses
from stillwatch.hub.taxii.resources import Status, as_bytes
from stillwatch.hub.timestamps import moment
from stillwatch.sharing.ledger.ledger import Ledger

_SECOND = 1_000_000
"""So far behind the last date that is given others may stand in the way, in microseconds."""


@dataclass(frozen=True)
class Addition:
    """How objects are added: where to, recorded in which ledger, examined by whom, held against which warning lists.

    ``draw`` gives the random part of their dates.
    """

    database: Database
    ledger: Ledger
    examiner: Examiner
    warning_lists: Callable[[Directory], WarningLists]
    draw: Draw = secrets.randbelow

    def add(self, request: Request, directory: Directory) -> Status:
        """Add what is in an envelope; what became of each object. Raises NotABundle, StoreUnavailable, OutputNotWritten."""
        read = self._examined(read_envelope(request.body, request.collection, moment(request.now)), request)
        candidates = [one for one in read if isinstance(one, Candidate)]
        markings = self._markings(candidates, request, directory)
        lists = self.warning_lists(directory)
        with self.database.writing() as connection:
            writing = Write(request, directory, counter.take(connection), lists, self.draw)
            writing.know(objects.known(connection, request.collection.number, (one.stix_id for one in candidates)))
            if dates := [date for date in request.dates or () if date is not None]:
                span = min(dates), max(dates) + _SECOND
                writing.dating.know(set(objects.dates_between(connection, request.collection.number, *span)))
            for one in read:
                writing.take(one, markings.get(one.position))
            audiences = registry.audience_numbers(connection, writing.audiences(), writing.numbers)
            objects.add(connection, writing.rows(audiences))
            for row, made in writing.remarks():
                remarks.add(connection, row, made)
            status = writing.status()
            statuses.add(
                connection, status.id, request.collection.api_root, request.viewer.member.id, request.now, as_bytes(status)
            )
            writing.numbers.date_added = writing.dating.last
            counter.save(connection, writing.numbers)
            self.ledger.append_many(writing.drafts, moment(request.now))
        return status

    def _examined(self, read: list[Read], request: Request) -> list[Read]:
        """What is left after the examiner; those against whom there are reasons become refusals."""
        if not request.collection.guarded:
            return read
        candidates = [one for one in read if isinstance(one, Candidate)]
        verdicts = self.examiner.examine([one.value for one in candidates], moment(request.now))
        reasons = {one.position: found for one, found in zip(candidates, verdicts, strict=True) if found}
        return [_refused(one, reasons[one.position]) if one.position in reasons else one for one in read]

    def _markings(self, candidates: Sequence[Candidate], request: Request, directory: Directory) -> dict[int, Marking]:
        """For whom each candidate is, by its position."""
        definitions = definitions_among(candidates)
        if missing := sorted(marking_refs(candidates) - definitions.keys()):
            seen = None if request.viewer.is_operator else directory.admitting(request.viewer, request.now)
            with self.database.reading() as connection:
                for body in objects.marking_definitions(connection, request.viewer.member.id, missing, seen):
                    value = msgspec.json.decode(body)
                    definitions.setdefault(value["id"], value)
        return {one.position: marking(one, definitions, request.collection.unmarked, request.named) for one in candidates}


def _refused(one: Read, reasons: tuple[str, ...]) -> Refusal:
    return Refusal(one.position, one.stix_id, one.version or "", reasons)
