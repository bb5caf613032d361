"""A campaign told in statements: what was observed, what is inferred from it, what speaks against it.

Rules: an observation is what was counted or seen, without a weight; an inference is what the program makes of observations, and
names them; what speaks against the case is told apart and in full, also where it was found too light. Every statement has a
number of its own and points to where it stands: a source (S1, …), a JSON pointer in it (RFC 6901), and the columns of
accounts.parquet that hold its rows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from stillwatch.campaigns.campaign import Campaign, Evidence
from stillwatch.campaigns.report.summary import extent
from stillwatch.campaigns.report.wording import bits, false_discoveries, odds, q_value, share
from stillwatch.case.case import AccountRow, Snapshot

_WORD = re.compile(r"[^a-z0-9]+")


class Observation(msgspec.Struct, frozen=True):
    """Something that was counted or seen: in so many accounts and requests, as it stands at ``where``."""

    ref: str
    statement: str
    accounts: int
    requests: int
    where: str


class Inference(msgspec.Struct, frozen=True):
    """Something that the program concludes, with its weight in words, and the observations that it rests on."""

    ref: str
    statement: str
    weight: str
    rests_on: list[str]
    where: str


class Against(msgspec.Struct, frozen=True):
    """Something that speaks against the case, or bounds what can be said, with its weight in words."""

    ref: str
    kind: str
    statement: str
    weight: str
    where: str


class Told(msgspec.Struct, frozen=True):
    """A case's campaigns in statements."""

    observations: list[Observation]
    inferences: list[Inference]
    against: list[Against]


def told(shots: Sequence[Snapshot], rows: Mapping[int, Sequence[AccountRow]], texts: Mapping[str, str]) -> Told:
    """The statements of these snapshots, numbered through; snapshot n is source S(n+1).

    ``rows``: the account rows by snapshot id; ``texts``: masked texts of scaffolds by fingerprint, where they were asked for.
    """
    observations: list[Observation] = []
    inferences: list[Inference] = []
    against: list[Against] = []
    for number, shot in enumerate(shots, start=1):
        source = f"S{number}#{shot.pointer}"
        columns = {_plain(name) for row in rows.get(shot.id, ()) for name in row.bits}
        mine = list(_observations(shot.campaign, source, columns, texts, len(observations)))
        observations += mine
        inferences += _inferences(shot.campaign, source, mine, len(inferences))
        against += _against(shot, source, len(against))
    return Told(observations, inferences, against)


def _observations(
    campaign: Campaign, source: str, columns: set[str], texts: Mapping[str, str], before: int
) -> Iterator[Observation]:
    """The extent, then what each signal saw, then the scaffolds."""
    found = [(extent(campaign), len(campaign.accounts), campaign.requests, source)]
    for place, sign in enumerate(campaign.evidence):
        found.append((sign.statement, sign.accounts, sign.requests, f"{source}/evidence/{place}{_column(sign, columns)}"))
    for place, scaffold in enumerate(campaign.scaffolds):
        shown = f" Its masked text: {texts[scaffold.fingerprint]}" if scaffold.fingerprint in texts else ""
        statement = f"{share(scaffold.share)} of the requests carry the scaffold {scaffold.fingerprint}.{shown}"
        found.append((statement, scaffold.accounts, round(scaffold.share * campaign.requests), f"{source}/scaffolds/{place}"))
    for number, (statement, accounts, requests, where) in enumerate(found, start=before + 1):
        yield Observation(f"O{number}", statement or "A signal spoke without a statement.", accounts, requests, where)


def _inferences(campaign: Campaign, source: str, seen: Sequence[Observation], before: int) -> Iterator[Inference]:
    """What each observation was weighed at, the two sums, the error rate, and the techniques."""
    signs = list(zip(seen[1 : len(campaign.evidence) + 1], campaign.evidence, strict=True))
    found = [
        (f"{sign.signal}: speaks for {sign.question}.", f"{bits(sign.bits)} bits", [seen_.ref], seen_.where)
        for seen_, sign in signs
        if sign.bits > 0
    ]
    sums = {"coordination": campaign.coordination_bits, "harvest": campaign.harvest_bits}
    for question, total in sums.items():
        refs = [seen_.ref for seen_, sign in signs if sign.question == question]
        found.append((f"Taken together, {question}.", f"{bits(total)} bits: {odds(total)}", refs, f"{source}/{question}_bits"))
    every = [seen_.ref for seen_, _ in signs]
    statement = f"Held to be a campaign, severity {campaign.severity}."
    found.append((statement, f"q {q_value(campaign.q_value)}", every, f"{source}/q_value"))
    for place, technique in enumerate(campaign.techniques):
        statement = f"The requests read as the technique {technique.name} ({technique.id}; {technique.atlas})."
        found.append((statement, f"{share(technique.share)} of requests", every[:0], f"{source}/techniques/{place}"))
    for number, (statement, weight, refs, where) in enumerate(found, start=before + 1):
        yield Inference(f"I{number}", statement, weight, refs, where)


def _against(shot: Snapshot, source: str, before: int) -> Iterator[Against]:
    """Innocent explanations, all of them; observations that speak against; what was not looked at; the rate of error."""
    campaign, run = shot.campaign, shot.run
    file = source.partition("#")[0]
    found = [
        ("innocent explanation", f"{rival.hypothesis}: {rival.statement}", _for_it(rival.bits), f"{source}/alternatives/{place}")
        for place, rival in enumerate(campaign.alternatives)
    ]
    found += [
        ("observation", f"{sign.signal}: {sign.statement}", f"{bits(sign.bits)} bits", f"{source}/evidence/{place}")
        for place, sign in enumerate(campaign.evidence)
        if sign.bits <= 0
    ]
    found += [
        ("not looked at", f"{silent.signal}: {silent.because}", "no weight", f"{file}#/run/abstained/{place}")
        for place, silent in enumerate(run.abstained)
    ]
    if run.rejected_rows:
        found.append(("not looked at", f"{run.rejected_rows:,} rows could not be read.", "no weight", f"{file}#/run/rejected_rows"))
    found.append(("rate of error", false_discoveries(run.fdr), "a bound, declared before the scan", f"{file}#/run/fdr"))
    for number, (kind, statement, weight, where) in enumerate(found, start=before + 1):
        yield Against(f"A{number}", kind, statement, weight, where)


def _for_it(value: float) -> str:
    return f"{bits(value)} bits, {'it explains the traffic' if value > 0 else 'found too light'}"


def _column(sign: Evidence, columns: set[str]) -> str:
    """Where the accounts' own bits of a signal stand, if the signal is measured per account."""
    name = _plain(sign.signal)
    return f"; accounts.parquet, column bits_{name.replace(' ', '_')}" if name in columns else ""


def _plain(name: str) -> str:
    return _WORD.sub(" ", name.casefold()).strip()
