"""Templates: the fixed texts of a group, each by itself.

All accounts of a group may use several templates, and then nothing in who sent what tells their samples apart; in which texts they
stand together does. So the samples that hold a group together are parted by their company in a sample of its texts (Jaccard
coefficient, single linkage). Each template can then be told to others, and met, without the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from stillwatch.campaigns.candidates import Candidate
from stillwatch.campaigns.census import Census
from stillwatch.signals.population import Ints
from stillwatch.traffic import measures
from stillwatch.traffic.engines.engine import Engine, Rows

SHOWN = 8
_ACCOUNTS, _REQUESTS = 60, 20
_SAMPLES = 2_000
_TOGETHER = 0.5
_MINOR = 0.1
"""A template that stands in less than this part of the texts of the group's first one is a filling that recurs."""


@dataclass(frozen=True)
class Template:
    """Its samples, ascending; the share of the group's texts that carry one of them, in [0, 1]; and how many accounts sent such."""

    samples: tuple[int, ...]
    share: float
    accounts: int


def templates_of(engine: Engine, rows: Rows, census: Census, candidates: Sequence[Candidate]) -> list[list[Template]]:
    """The templates of each candidate, the most used first, at most SHOWN; none where no fixed text holds it together."""
    parted = [_part(hits) for hits in _hits(engine, rows, census, candidates)]
    label = np.repeat(np.arange(len(parted)), [len(parts) for parts in parted])
    flat = [samples for parts in parted for samples in parts]
    if not flat:
        return [[] for _ in candidates]
    texts, accounts = _carried(engine, rows, census, flat, [candidates[i] for i in label.tolist()])
    found: list[list[Template]] = [[] for _ in candidates]
    for number, samples, count, using in zip(label.tolist(), flat, texts, accounts, strict=True):
        every = census.measures["texts"][candidates[number].members].sum()
        found[number].append(Template(tuple(sorted(samples.tolist())), min(1.0, float(count / every)), int(using)))
    return [_most_used(templates) for templates in found]


def _most_used(templates: list[Template]) -> list[Template]:
    templates = sorted(templates, key=lambda template: (-template.share, template.samples))
    return [template for template in templates if template.share >= _MINOR * templates[0].share][:SHOWN]


def _hits(engine: Engine, rows: Rows, census: Census, candidates: Sequence[Candidate]) -> Iterator[pa.Table]:
    """Per candidate ``text, sample``: which of its samples stand in which of some texts of some of its accounts."""
    chosen = [np.random.default_rng(5).permutation(candidate.members)[:_ACCOUNTS] for candidate in candidates]
    accounts = _labelled(chosen, "account", census.keys)
    samples = _labelled([candidate.samples for candidate in candidates], "sample")
    found = engine.fetch(
        measures.sample_hits(rows, engine.hits(rows), engine.given(samples), engine.given(accounts), _REQUESTS)
    ).sort_by("label")
    ends = np.searchsorted(found["label"].to_numpy(), np.arange(len(candidates) + 1))
    yield from (found.slice(start, end - start) for start, end in pairwise(ends))


def _labelled(parts: Sequence[npt.NDArray[np.int64 | np.uint64]], name: str, of: npt.NDArray[np.uint64] | None = None) -> pa.Table:
    values = np.concatenate([np.empty(0, np.int64 if of is not None else np.uint64), *parts])
    label = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return pa.table({"label": label, name: values if of is None else of[values]})


def _part(hits: pa.Table) -> list[npt.NDArray[np.uint64]]:
    """The samples of ``hits``, those together that mostly stand in the same texts."""
    samples, column, uses = np.unique(hits["sample"].to_numpy(), return_inverse=True, return_counts=True)
    text = np.unique(hits["text"].to_numpy(), return_inverse=True)[1]
    often = np.argsort(-uses, kind="stable")[:_SAMPLES]
    matrix = coo_array((np.ones(len(text)), (text, column)), shape=(len(text), len(samples))).tocsc()[:, often]
    matrix.data[:] = 1.0
    together = (matrix.T @ matrix).tocoo()
    union = uses[often][together.row] + uses[often][together.col] - together.data
    close = together.data >= _TOGETHER * union
    graph = coo_array((np.ones(close.sum()), (together.row[close], together.col[close])), shape=(len(often), len(often)))
    number, group = connected_components(graph, directed=False)
    return [samples[often[group == part]] for part in range(number)]


def _carried(
    engine: Engine, rows: Rows, census: Census, samples: Sequence[npt.NDArray[np.uint64]], candidates: Sequence[Candidate]
) -> tuple[Ints, Ints]:
    """Per template the texts of its candidate's accounts that carry one of its samples, and how many accounts sent some."""
    found = engine.fetch(measures.carrying(rows, engine.hits(rows), engine.given(_labelled(samples, "sample"))))
    label, account = found["label"].to_numpy(), np.searchsorted(census.keys, found["account"].to_numpy())
    members = np.concatenate([number * len(census) + candidate.members for number, candidate in enumerate(candidates)])
    own = np.isin(label * len(census) + account, members)
    texts = np.bincount(label[own], found["texts"].to_numpy()[own], len(samples)).astype(np.int64)
    return texts, np.bincount(label[own], minlength=len(samples))
