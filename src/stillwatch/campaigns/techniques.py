"""The techniques of a campaign, from a sample of its requests beside a sample of everybody else's.

Texts are read from the provider's own files for this and are not kept.
"""

from collections.abc import Sequence
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
from ibis import _

from stillwatch.campaigns.campaign import Technique
from stillwatch.campaigns.census import Census
from stillwatch.signals.population import Ints
from stillwatch.signals.technique import beyond, text_shares
from stillwatch.traffic.engine import LocalEngine
from stillwatch.vocabulary.taxonomy import taxonomy

_ACCOUNTS = 60
_TEXTS = 400


def techniques_of(own_texts: Sequence[str], other_texts: Sequence[str], census: Census, members: Ints) -> list[Technique]:
    """The techniques that the members' requests show beyond what others' do, the most frequent first."""
    known = taxonomy()
    own, usual = text_shares(known, own_texts), text_shares(known, other_texts)
    others = np.setdiff1d(np.arange(len(census)), members)
    for technique in known.techniques:
        if technique.measure in census.measures and len(others):
            shares = census.measures[technique.measure]
            own[technique.id], usual[technique.id] = float(shares[members].mean()), float(shares[others].mean())
    found = [
        Technique(technique.id, technique.name, round(own[technique.id], 3), technique.atlas)
        for technique in known.techniques
        if technique.id in own and beyond(own[technique.id], usual[technique.id])
    ]
    return sorted(found, key=lambda technique: -technique.share)


def sample_texts(engine: LocalEngine, files: Sequence[Path], census: Census, groups: Sequence[Ints]) -> list[list[str]]:
    """System prompt and prompt of some requests of some accounts of each group (at most 400 of 60), in one pass."""
    chosen = [np.random.default_rng(4).permutation(accounts)[:_ACCOUNTS] for accounts in groups]
    label = np.repeat(np.arange(len(groups)), [len(accounts) for accounts in chosen])
    accounts = engine.given(pa.table({"label": label, "account_id": [census.ids[i] for part in chosen for i in part]}))
    requests = engine.requests(files, ("account_id", "request_id", "system_prompt", "prompt"))
    placed = requests.join(accounts, "account_id").mutate(place=ibis.row_number().over(group_by="label", order_by="request_id"))
    found = engine.fetch(placed.filter(_.place < _TEXTS).order_by("label", "place").select("label", "system_prompt", "prompt"))
    texts: list[list[str]] = [[] for group in groups]
    for number, *parts in zip(*(found[name].to_pylist() for name in found.column_names), strict=True):
        texts[number].append("\n".join(filter(None, parts)))
    return texts
