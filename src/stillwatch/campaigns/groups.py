"""The groups to weigh: each candidate with the requests of its members, and ordinary accounts to compare them with.

Of a candidate that scaffolds hold together, only the requests that carry them count as its work: what its members ask besides
(a reseller's customers, decoys) says nothing about how the work was dealt out, or how it was put.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.campaigns.candidates import Candidate
from stillwatch.campaigns.census import Census
from stillwatch.signals.population import Floats, Group, Ints, Work
from stillwatch.traffic import measures
from stillwatch.traffic.engines.engine import Engine, Rows
from stillwatch.traffic.fingerprint import TOPIC_SIZE

_MEMBERS = 400
_REQUESTS = 120


def reference_accounts(census: Census, suspects: npt.NDArray[np.bool_]) -> Ints:
    """Up to 400 ordinary accounts with a few requests each."""
    busy = census.measures["requests"] >= 4
    ordinary = np.flatnonzero(busy & ~suspects)
    if len(ordinary) < 30:
        ordinary = np.flatnonzero(busy)
    return np.sort(np.random.default_rng(1).permutation(ordinary)[:_MEMBERS])


def groups_of(
    engine: Engine, rows: Rows, census: Census, candidates: Sequence[Candidate], reference: Ints
) -> tuple[Work, list[Group]]:
    """The work of the ``reference`` accounts, and every candidate as a group (the work of a random part of large ones)."""
    chosen = [np.random.default_rng(2).permutation(candidate.members)[:_MEMBERS] for candidate in candidates]
    wanted = engine.given(pa.table({"account": census.keys[np.unique(np.concatenate([*chosen, reference]))]}))
    everything = _work(engine.fetch(measures.work(rows, wanted, _REQUESTS)), census)
    carried = _carried(engine, rows, candidates, wanted)
    manner = _manner(engine, rows, census, candidates, carried, wanted)
    texts = {int(label): carried["text"].to_numpy()[places] for label, places in _places(carried["label"].to_numpy())}
    groups = []
    for number, (candidate, members) in enumerate(zip(candidates, chosen, strict=True)):
        work = everything.of(members)
        work = work.rows(np.isin(work.text, texts[number])) if number in texts else work
        groups.append(Group(candidate.members, work, candidate.share, candidate.outside, manner[number]))
    return everything.of(reference), groups


def _work(found: pa.Table, census: Census) -> Work:
    found = found.sort_by([(name, "ascending") for name in ("account", "hour", "text")])
    return Work(
        np.searchsorted(census.keys, found["account"].to_numpy()),
        found["hour"].to_numpy().astype(np.int64),
        found["text"].to_numpy(),
        np.frombuffer(b"".join(found["topic"].to_pylist()), np.int8).reshape(-1, TOPIC_SIZE),
        found["opens"].to_numpy(),
    )


def _carried(engine: Engine, rows: Rows, candidates: Sequence[Candidate], accounts: Rows) -> pa.Table:
    """The texts that carry the scaffolds of each candidate that scaffolds hold together: ``label, text``."""
    label = np.repeat(np.arange(len(candidates)), [len(candidate.samples) for candidate in candidates])
    sample = np.concatenate([np.empty(0, np.uint64), *(candidate.samples for candidate in candidates)])
    chosen = engine.given(pa.table({"label": label.astype(np.int64), "sample": sample}))
    return engine.fetch(measures.carried_texts(rows, engine.hits(rows), chosen, accounts))


def _manner(
    engine: Engine, rows: Rows, census: Census, candidates: Sequence[Candidate], carried: pa.Table, accounts: Rows
) -> list[dict[str, Floats]]:
    """Per candidate the manner of its members' requests with its scaffolds; NaN for members that were not asked about."""
    found = engine.fetch(measures.carried_manner(rows, engine.given(carried), accounts))
    names = [name for name in found.column_names if name not in ("label", "account")]
    account, label = np.searchsorted(census.keys, found["account"].to_numpy()), found["label"].to_numpy()
    out: list[dict[str, Floats]] = [{} for candidate in candidates]
    for number, places in _places(label):
        members = candidates[number].members
        inside = places[np.isin(account[places], members)]
        for name in names:
            values = np.full(len(members), np.nan)
            values[np.searchsorted(members, account[inside])] = found[name].cast(pa.float64()).to_numpy()[inside]
            out[number][name] = values
    return out


def _places(labels: Ints) -> list[tuple[int, Ints]]:
    """Each label with the places where it stands."""
    return [(int(label), np.flatnonzero(labels == label)) for label in np.unique(labels)]
