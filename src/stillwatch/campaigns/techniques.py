"""What candidates' texts say, techniques and coverage, from a sample of their requests beside a sample of everybody else's.

Texts are read from the provider's own files for this and are not kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from stillwatch.campaigns.campaign import Technique
from stillwatch.campaigns.census import Census
from stillwatch.signals.population import Floats, Group, Ints, Population
from stillwatch.signals.technique import beyond, text_shares
from stillwatch.signals.topic_coverage import coverage
from stillwatch.traffic.engines.engine import Engine, Place
from stillwatch.traffic.fingerprint import sketches
from stillwatch.vocabulary.taxonomy import taxonomy


class Sent(NamedTuple):
    """One text, with the number of the account that sent it."""

    account: int
    text: str


Texts = Callable[[Sequence[Ints]], list[list[Sent]]]
"""From groups of account numbers to some of the texts that each sent."""
_ACCOUNTS = 60
_TEXTS = 200
_READ = 60
"""Texts of a group that are read for techniques; the first ones are of as many accounts as possible."""
_ENOUGH = 8


def with_texts(groups: Sequence[Group], samples: Sequence[frozenset[int]], population: Population, texts: Texts) -> list[Group]:
    """The groups with what their texts say: shares of techniques, and how often they come back to their subjects.

    ``samples`` are those of each group's scaffolds (none: all texts count).
    """
    members = [group.members for group in groups]
    ordinary = np.setdiff1d(np.arange(len(population)), np.concatenate([np.empty(0, np.int64), *members]))
    *own, others = texts([*members, ordinary])
    usual = text_shares(taxonomy(), [sent.text for sent in others])
    carrying = [_carrying(part, held) for part, held in zip(own, samples, strict=True)]
    return [
        replace(
            group,
            techniques=_shares(group, population, [sent.text for sent in part[:_READ]], usual),
            coverage=coverage(_parallel(part), _parallel(others)),
        )
        for group, part in zip(groups, carrying, strict=True)
    ]


def _parallel(sent: Sequence[Sent]) -> tuple[Ints, list[str]]:
    return np.array([one.account for one in sent], np.int64), [one.text for one in sent]


def _carrying(texts: Sequence[Sent], samples: frozenset[int]) -> Sequence[Sent]:
    found = sketches(pa.array([sent.text for sent in texts], pa.string())).samples
    hits = np.isin(found.flatten().to_numpy(), np.fromiter(samples, np.uint64, len(samples)))
    carrying = np.unique(pc.list_parent_indices(found).to_numpy()[hits])
    return [texts[i] for i in carrying] if len(carrying) >= _ENOUGH else texts


def _shares(group: Group, population: Population, own: Sequence[str], usual: dict[str, float]) -> dict[str, tuple[float, float]]:
    known, measures = taxonomy(), group.measures(population)
    shares = text_shares(known, own)
    background = population.background(group.members)
    found = {}
    for technique in known.techniques:
        if technique.id in shares and own:
            found[technique.name] = shares[technique.id], usual[technique.id]
        elif technique.measure in measures:
            everyone = population.measures[technique.measure][background]
            found[technique.name] = _mean(measures[technique.measure]), _mean(everyone)
    return found


def _mean(values: Floats) -> float:
    return 0.0 if np.isnan(values).all() else float(np.nanmean(values))


def techniques_of(group: Group) -> list[Technique]:
    """The techniques that stand out in a group, the most frequent first."""
    named = {technique.name: technique for technique in taxonomy().techniques}
    found = [
        Technique(named[name].id, name, round(own, 3), named[name].atlas)
        for name, (own, usual) in group.techniques.items()
        if beyond(own, usual)
    ]
    return sorted(found, key=lambda technique: -technique.share)


def sample_texts(engine: Engine, requests: Sequence[Place], census: Census, groups: Sequence[Ints]) -> list[list[Sent]]:
    """System prompt and prompt of some requests of some accounts of each group (at most 200 of 60, in turns), in one pass."""
    chosen = [np.random.default_rng(4).permutation(accounts)[:_ACCOUNTS] for accounts in groups]
    number = np.concatenate([np.empty(0, np.int64), *chosen])
    label = np.repeat(np.arange(len(groups)), [len(accounts) for accounts in chosen])
    accounts = engine.given(pa.table({"label": label, "number": number, "account_id": [census.ids[i] for i in number]}))
    asked = engine.requests(requests, ("account_id", "request_id", "system_prompt", "prompt"))
    sent = asked.join(accounts, "account_id")
    sent = sent.mutate(turn=ibis.row_number().over(group_by=["label", "number"], order_by="request_id")).filter(_.turn < _TEXTS)
    placed = sent.mutate(place=ibis.row_number().over(group_by="label", order_by=["turn", "request_id"])).filter(_.place < _TEXTS)
    found = engine.fetch(placed.order_by("label", "place").select("label", "number", "system_prompt", "prompt"))
    texts: list[list[Sent]] = [[] for group in groups]
    for group, account, *parts in zip(*(found[name].to_pylist() for name in found.column_names), strict=True):
        texts[group].append(Sent(account, "\n".join(filter(None, parts))))
    return texts
