"""The frozen plan: the draft, and everything that follows from it before anybody looks at the suspect.

Steps: read the twins; leave out pairs by rule; put the rest into the order that seed and request ids fix; state the hypotheses, the
measures and what can be shown; take the digest, which is what the ledger holds.

Rules: the digest covers the files by their content, so a changed file is a changed plan.

>>> order(["req-1", "req-2", "req-3"], seed=0) == order(["req-3", "req-1", "req-2"], seed=0)
True
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from stillwatch import __version__
from stillwatch.errors import NoReadableInput
from stillwatch.forensics.documents import read_document
from stillwatch.forensics.plan.draft import Draft
from stillwatch.forensics.plan.foresight import Foresight, foresee
from stillwatch.forensics.twins.measures import MEASURES
from stillwatch.forensics.twins.pairs import Kept, Pair, keep, read_pairs

SCHEMA = "stillwatch.examination-plan/1"
_COIN_DIGITS = 16


class Hypothesis(msgspec.Struct, frozen=True):
    """What is asked, by which mechanism, and how it is tested, as sentences."""

    mechanism: str
    question: str
    test: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen plan; ``coins`` are digests by which a later examination can see that these pairs were used.

    ``mark_commitment`` fixes the watermark's secret without showing it.
    """

    draft: Draft
    created: str
    version: str
    twins_digest: str
    records_digest: str
    pairs: int
    dropped: dict[str, int]
    accounts: int
    order_digest: str
    hypotheses: list[Hypothesis]
    measures: list[str]
    foresight: list[Foresight]
    coins: list[str]
    mark_commitment: str = ""
    schema: str = SCHEMA

    @property
    def digest(self) -> str:
        """SHA-256 of the plan's JSON with sorted keys, 64 hex digits."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


def freeze(draft: Draft, now: datetime, *, mark_commitment: str = "") -> Plan:
    """The plan that follows from a draft with absolute paths; ``mark_commitment`` is that of the watermark's secret, if any.

    Raises NoReadableInput if the twins cannot be read.
    """
    kept = scoped_pairs(draft)
    ordered = order([pair.request_id for pair in kept.pairs], seed=draft.seed)
    accounts = Counter(pair.account for pair in kept.pairs)
    return Plan(
        draft=draft,
        created=now.astimezone(UTC).isoformat(timespec="seconds"),
        version=__version__,
        twins_digest=file_digest(draft.twins),
        records_digest=file_digest(draft.records) if draft.records else "",
        pairs=len(kept.pairs),
        dropped=kept.dropped,
        accounts=len(accounts),
        order_digest=hashlib.sha256("\n".join(ordered).encode()).hexdigest(),
        hypotheses=_hypotheses(draft),
        measures=list(MEASURES),
        foresight=foresee(
            {mechanism: draft.planning.of(mechanism) for mechanism in draft.mechanisms},
            pairs=len(kept.pairs),
            clusters={name: sum(account in accounts for account in members) for name, members in draft.clusters.items()},
            accounts=len(accounts),
            alpha=draft.alpha,
        ),
        coins=sorted(coin_name(pair) for pair in kept.pairs),
        mark_commitment=mark_commitment,
    )


def read_plan(path: Path) -> Plan:
    """A frozen plan. Raises NoReadableInput."""
    return read_document(path, Plan, "frozen plan")


def scoped_pairs(draft: Draft) -> Kept:
    """The pairs of the accounts in scope that the rules keep. Raises NoReadableInput."""
    pairs = [pair for pair in read_pairs(Path(draft.twins)) if not draft.accounts or pair.account in draft.accounts]
    if not pairs:
        raise NoReadableInput("no pair is of an account in scope", place=draft.twins, cure="check the accounts of the draft")
    return keep(pairs)


def in_order(pairs: Sequence[Pair], *, seed: int) -> list[Pair]:
    """The pairs in the declared order."""
    by_request = {pair.request_id: pair for pair in pairs}
    return [by_request[request] for request in order(list(by_request), seed=seed)]


def order(request_ids: Sequence[str], *, seed: int) -> list[str]:
    """Request ids by the SHA-256 of seed and id: an order that nobody chose and everybody can repeat."""
    return sorted(request_ids, key=lambda request: hashlib.sha256(f"{seed}:{request}".encode()).digest())


def coin_name(pair: Pair) -> str:
    """A short digest of the pair's chance: of its committed coins, or of the request where there are none."""
    chance = pair.coins.commitment if pair.coins else f"request {pair.account} {pair.request_id}"
    return hashlib.sha256(chance.encode()).hexdigest()[:_COIN_DIGITS]


def file_digest(path: str) -> str:
    """SHA-256 of a file, 64 hex digits. Raises NoReadableInput."""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise NoReadableInput(f"cannot be read ({error.strerror})", place=path, cure="check the path in the draft") from error


def _hypotheses(draft: Draft) -> list[Hypothesis]:
    suspect = draft.suspect.model
    rule = f"sign flips of all pairs at {draft.alpha:g}"
    if draft.stop_at is not None:
        rule = f"bets in the declared order, until wealth of {draft.stop_at:g} or the last pair"
    found = [Hypothesis(mechanism, question(mechanism, suspect), rule) for mechanism in draft.mechanisms]
    if draft.watermark:
        found.append(Hypothesis("watermark-text", f"{suspect} was trained on answers that we marked", f"exact, at {draft.alpha:g}"))
        if draft.watermark.account_codes:
            codes = f"{suspect} was trained on answers marked with an account's own code"
            found.append(
                Hypothesis(
                    "watermark-text",
                    codes,
                    f"bets where it could remember them, accounts named at a false discovery rate of {draft.fdr:g}",
                )
            )
    if draft.controls or draft.control_answers:
        found.append(Hypothesis("population-style", question("population-style", suspect), "rank among controls; a lead at most"))
    if draft.identity_names:
        names = " or ".join(draft.identity_names)
        found.append(Hypothesis("identity", f"{suspect} calls itself {names}", "count; worth nothing as evidence"))
    return found


def question(mechanism: str, suspect: str) -> str:
    """What a mechanism asks of the suspect, as the finding repeats it."""
    if mechanism == "population-style":
        return f"{suspect} writes more like our model than other models do"
    if mechanism == "population-likelihood":
        return f"{suspect} finds our model's answers likelier than other models do"
    return f"{suspect} learned from the answers that were served to the examined accounts"
