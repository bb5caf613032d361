"""The techniques of a campaign, from a sample of its requests beside a sample of everybody else's.

Texts are read from the provider's own files for this and are not kept.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

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


def sample_texts(engine: LocalEngine, files: Sequence[Path], census: Census, accounts: Ints) -> list[str]:
    """System prompt and prompt of some requests of some of the accounts (at most 400 of 60)."""
    chosen = np.random.default_rng(4).permutation(accounts)[:_ACCOUNTS]
    wanted = engine.given(pa.table({"account_id": [census.ids[i] for i in chosen]}))
    requests = engine.requests(files, ("account_id", "request_id", "system_prompt", "prompt"))
    found = engine.fetch(requests.semi_join(wanted, "account_id").order_by("request_id").limit(_TEXTS))
    texts = zip(found["system_prompt"].to_pylist(), found["prompt"].to_pylist(), strict=True)
    return ["\n".join(filter(None, pair)) for pair in texts]
