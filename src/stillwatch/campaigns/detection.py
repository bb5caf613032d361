"""Detection: from the census of a scan to groups of accounts, weighed, with error control.

Steps, each a function that can be run alone: links → communities → candidates → the work of their members → readings of
all signals → both sums of bits → rival explanations → significance over all candidates → verdicts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stillwatch.campaigns import significance
from stillwatch.campaigns.campaign import Alternative
from stillwatch.campaigns.candidates import (
    Candidate,
    communities,
    held_by,
    identity_candidate,
    identity_communities,
    leftovers,
    work_candidate,
)
from stillwatch.campaigns.census import Census, carried
from stillwatch.campaigns.groups import groups_of, reference_accounts
from stillwatch.campaigns.likeness import new_among, same_profile, tied, without_bystanders
from stillwatch.campaigns.links import Things, identity_links, work_links
from stillwatch.campaigns.parting import parted
from stillwatch.campaigns.rivals import rivals
from stillwatch.campaigns.techniques import Texts, with_texts
from stillwatch.campaigns.weighing import FAMILY_CAP, Weighed, total, weigh
from stillwatch.signals.account_signal import account_bits
from stillwatch.signals.catalogue import COORDINATION, GROUP_HARVEST, HARVEST
from stillwatch.signals.population import Floats, Group, Ints, Population, Reading, Silence, Work
from stillwatch.traffic.engines.engine import Engine, Rows

MIN_COORDINATION = 5.0
"""What a group must show beyond running one program, which says hardly more than that it is a group."""
MIN_HARVEST = 2.0
_IDENTITY = ("payment_fingerprint", "device_id", "email_pattern", "client_fingerprint", "ip")
_STEP = 4.0
_MOSTLY_TAKEN = 0.5
"""Share of a group that already stands in stronger ones, beyond which what is left of it is no group of its own."""


@dataclass(frozen=True)
class Verdict:
    """A candidate as weighed: both sums of bits, the reasons, the rivals, and its p- and q-value.

    ``reported`` is the decision at the false discovery rate asked for.
    """

    candidate: Candidate
    group: Group
    weighed: list[Weighed]
    coordination: float
    harvest: float
    rivals: list[Alternative]
    p_value: float
    q_value: float
    reported: bool


@dataclass(frozen=True)
class Detection:
    """All candidates, strongest first; bits per account signal (index = account number); who abstained and why."""

    verdicts: list[Verdict]
    account_bits: dict[str, Floats]
    population: Population
    abstained: dict[str, str]


def detect(engine: Engine, rows: Rows, census: Census, texts: Texts, *, fdr: float) -> Detection:
    """Find the groups of a scan; report those that hold at the false discovery rate ``fdr`` in (0, 1).

    ``texts`` gives some of the texts of groups of accounts, to see which techniques they show.
    """
    candidates = find_candidates(engine, rows, census)
    suspects = np.zeros(len(census), bool)
    for candidate in candidates:
        suspects[candidate.members] = True
    population = replace(_everybody(census), suspects=suspects)
    abstained: dict[str, str] = {}
    bits = _account_bits(population, abstained)
    harvest = harvest_bits(bits, len(census))
    worth = [candidate for candidate in candidates if _worth_weighing(candidate, harvest, census)]
    reference, groups = groups_of(engine, rows, census, worth, reference_accounts(census, suspects))
    population = replace(population, reference=reference)
    parts = list(parted(worth, groups))
    worth, groups = [*worth, *(part for part, _ in parts)], [*groups, *(part for _, part in parts)]
    groups = with_texts(groups, [frozenset(candidate.samples.tolist()) for candidate in worth], population, texts)
    verdicts = [_verdict(candidate, group, census, population, abstained) for candidate, group in zip(worth, groups, strict=True)]
    return Detection(decide(verdicts, fdr, len(candidates) + len(parts)), bits, population, abstained)


def _worth_weighing(candidate: Candidate, harvest: Floats, census: Census) -> bool:
    """Whether the members' own traffic leaves a harvest possible; the others count as looked at, with p = 1."""
    return bool(harvest[candidate.members].mean() > 0 or census.measures["replayed"][candidate.members].any())


def find_candidates(engine: Engine, rows: Rows, census: Census) -> list[Candidate]:
    """Candidates from shared work, then those from identity and likeness that are not already among them."""
    size = len(census)
    found = _work_candidates(engine, rows, census)
    sorts = [Things.of(census.attributes[name]) for name in _IDENTITY if name in census.attributes]
    harvest = harvest_bits(_account_bits(_everybody(census), {}), size)
    for groups in (
        same_profile(census.attributes, harvest),
        identity_communities(identity_links([*sorts, census.replays], size), size),
        tied(census.attributes, size),
    ):
        new = new_among(
            [without_bystanders(members, census.measures, harvest) for members in groups],
            [candidate.members for candidate in found],
        )
        found += [identity_candidate(members, census.measures["scaffold_share"]) for members in new]
    return found


def _everybody(census: Census) -> Population:
    """The population before anybody is suspected."""
    nobody = np.zeros(len(census), bool)
    return Population(census.measures, census.attributes, census.units, nobody, Work.empty(), census.window_hours)


def _work_candidates(engine: Engine, rows: Rows, census: Census) -> list[Candidate]:
    """Candidates of all communities, and of what they leave over of the larger communities around them."""
    groups = communities(work_links(census.scaffolds, len(census)), len(census))
    found = _held_together(engine, rows, census, groups)
    left = _held_together(engine, rows, census, leftovers(groups, found))
    return list({candidate.members.tobytes(): candidate for candidate in [*found, *left]}.values())


def _held_together(engine: Engine, rows: Rows, census: Census, groups: Sequence[Ints]) -> list[Candidate]:
    held = [held_by(members, census.scaffolds) for members in groups]
    samples = [census.scaffolds.samples_of(scaffolds) for scaffolds in held]
    label = np.repeat(np.arange(len(groups)), [len(part) for part in samples])
    if not len(label):
        return []
    shares = carried(engine, rows, census.keys, census.measures["texts"], label, np.concatenate(samples))
    texts = census.measures["texts"]
    found = (work_candidate(members, own, *both, texts) for members, own, both in zip(groups, samples, shares, strict=False))
    return [candidate for candidate in found if candidate]


def decide(verdicts: Sequence[Verdict], fdr: float, looked_at: int) -> list[Verdict]:
    """Set q-values over all candidates ``looked_at`` and report what passes; of overlapping ones only the strongest."""
    p = np.ones(max(looked_at, len(verdicts)))
    p[: len(verdicts)] = [verdict.p_value for verdict in verdicts]
    q = significance.q_values(p)
    order = sorted(range(len(verdicts)), key=lambda i: _rank(verdicts[i]))
    out, taken = [], set[int]()
    for i in order:
        verdict = verdicts[i]
        members = set(verdict.candidate.members.tolist())
        if len(members & taken) > _MOSTLY_TAKEN * len(members):
            continue
        reported = (
            q[i] <= fdr
            and verdict.coordination >= MIN_COORDINATION
            and verdict.harvest >= MIN_HARVEST
            and not any(rival.bits > 0 for rival in verdict.rivals)
        )
        out.append(replace(verdict, candidate=verdict.candidate.without(taken), q_value=float(q[i]), reported=reported))
        taken |= members if reported else set()
    return out


def _rank(verdict: Verdict) -> tuple[bool, int, int]:
    """Unexplained ones first, then the strongest (to _STEP bits), of equally strong ones the largest."""
    strength = int((verdict.coordination + verdict.harvest) // _STEP)
    return any(rival.bits > 0 for rival in verdict.rivals), -strength, -len(verdict.candidate.members)


def _verdict(candidate: Candidate, group: Group, census: Census, population: Population, abstained: dict[str, str]) -> Verdict:
    rng = np.random.default_rng(3)
    readings = []
    for signal in [*COORDINATION, *(signal.as_signal() for signal in HARVEST), *GROUP_HARVEST]:
        reading = signal.weigh(group, population, rng)
        if isinstance(reading, Reading):
            readings.append((signal, reading))
        else:
            abstained.setdefault(signal.name, reading.because)
    weighed = weigh(readings)
    coordination, harvest = total(weighed, "coordination"), total(weighed, "harvest")
    p = significance.group_p_value(coordination + harvest)
    return Verdict(candidate, group, weighed, coordination, harvest, rivals(group, census, weighed), p, 1.0, False)


def _account_bits(population: Population, abstained: dict[str, str]) -> dict[str, Floats]:
    out = {}
    for signal in HARVEST:
        bits = account_bits(signal, population)
        if isinstance(bits, Silence):
            abstained.setdefault(signal.name, bits.because)
        else:
            out[signal.name] = bits
    return out


def harvest_bits(account_bits: dict[str, Floats], accounts: int) -> Floats:
    """Bits for a harvest per account: all account signals, with those of one family capped together."""
    families: dict[str, Floats] = {}
    for signal in HARVEST:
        if signal.name in account_bits:
            families[signal.family] = families.get(signal.family, np.zeros(accounts)) + account_bits[signal.name]
    capped = [np.clip(bits, -FAMILY_CAP[family], FAMILY_CAP[family]) for family, bits in families.items()]
    return np.sum(capped, axis=0) if capped else np.zeros(accounts)
