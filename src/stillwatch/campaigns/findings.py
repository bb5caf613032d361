"""Findings: verdicts written out as campaigns, with what people need to follow them."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from stillwatch.campaigns.campaign import Campaign, Evidence, Scaffold
from stillwatch.campaigns.census import Census
from stillwatch.campaigns.detail import Bin, Detail, Shared
from stillwatch.campaigns.detection import Verdict
from stillwatch.campaigns.excerpts import excerpt
from stillwatch.campaigns.techniques import techniques_of
from stillwatch.campaigns.templates import Template
from stillwatch.signals.population import Ints
from stillwatch.traffic.engines.engine import Engine, Rows
from stillwatch.traffic.fingerprint import VERSION, sketch
from stillwatch.traffic.measures import hourly

_NAMESPACE = uuid.UUID("0d5c6f0a-52a4-5a0b-8a60-3f5a9c1de9aa")
_SAMPLES_SHOWN = 12
_HUBS = 6
_TEXTS_SHOWN = 12


def fingerprint(samples: Sequence[int]) -> str:
    """A scaffold's fingerprint as text: version, then its least samples in hex (at most 12)."""
    return f"swf{VERSION}:" + ".".join(f"{sample:016x}" for sample in sorted(samples)[:_SAMPLES_SHOWN])


def campaign_id(accounts: Sequence[str]) -> str:
    """The id of a campaign: the same for the same accounts."""
    return f"campaign--{uuid.uuid5(_NAMESPACE, chr(10).join(sorted(accounts)))}"


def iso(seconds: float) -> str:
    """A time in seconds since 1970 as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def campaign(verdict: Verdict, census: Census, templates: Sequence[Template], shown: Sequence[str] = ()) -> Campaign:
    """A verdict as a campaign of the result document; templates are shown, masked, as far as the texts ``shown`` carry them."""
    members = verdict.candidate.members
    measures = census.measures

    def total(name: str) -> int:
        return int(np.nansum(measures[name][members])) if name in measures else 0

    accounts = [census.ids[i] for i in members]
    return Campaign(
        id=campaign_id(accounts),
        accounts=accounts,
        org_ids=sorted({org for i in members if (org := census.orgs[i])}),
        first_seen=iso(float(measures["first"][members].min())),
        last_seen=iso(float(measures["last"][members].max())),
        requests=total("requests"),
        input_tokens=total("input_tokens"),
        output_tokens=total("output_tokens"),
        coordination_bits=round(float(verdict.coordination), 2),
        harvest_bits=round(float(verdict.harvest), 2),
        q_value=float(f"{verdict.q_value:.3g}"),
        severity=severity(verdict),
        techniques=techniques_of(verdict.group),
        evidence=[
            Evidence(
                item.signal.name,
                round(float(item.bits), 2),
                item.reading.statement,
                item.reading.accounts,
                item.reading.requests,
                item.signal.question,
            )
            for item in sorted(verdict.weighed, key=lambda item: -abs(item.bits))
        ],
        scaffolds=[_scaffold(template, shown) for template in templates],
        alternatives=verdict.rivals,
    )


def severity(verdict: Verdict) -> str:
    """*high* from 50 accounts with 20 bits on, *low* below 15 accounts or 14 bits, else *medium*."""
    accounts, bits = len(verdict.candidate.members), verdict.coordination + verdict.harvest
    if accounts >= 50 and bits >= 20:
        return "high"
    return "low" if accounts < 15 or bits < 14 else "medium"


def _scaffold(template: Template, shown: Sequence[str]) -> Scaffold:
    text = excerpt(_carrying(frozenset(template.samples), shown))
    return Scaffold(fingerprint(template.samples), round(template.share, 4), template.accounts, text)


def _carrying(samples: frozenset[int], shown: Sequence[str]) -> list[str]:
    """Some of the texts that carry the one of the samples that most of them carry (a template may be in several wordings)."""
    carried = [(text, samples & sketch(text)) for text in shown]
    common = Counter(sample for _, found in carried for sample in found).most_common(1)
    return [text for text, found in carried if common and common[0][0] in found][:_TEXTS_SHOWN]


def _held(verdict: Verdict, census: Census) -> list[tuple[int, Ints]]:
    """The scaffolds that hold the group together, with their rows among the members; the most used first."""
    scaffolds = census.scaffolds
    wanted = np.unique(scaffolds.of[np.searchsorted(scaffolds.samples, verdict.candidate.samples)])
    inside = np.isin(scaffolds.account, verdict.candidate.members)
    found = [(int(number), np.flatnonzero((scaffolds.scaffold == number) & inside)) for number in wanted]
    return sorted(found, key=lambda entry: -float(scaffolds.share[entry[1]].sum()))


def detail(engine: Engine, rows: Rows, verdict: Verdict, census: Census, name: str) -> Detail:
    """The timeline and what the members share, for the report."""
    members = verdict.candidate.members
    wanted = engine.given(pa.table({"account": census.keys[members]}))
    bins = engine.fetch(hourly(rows, wanted)).sort_by("hour").to_pylist()
    return Detail(
        campaign_id=name,
        timeline=[Bin(iso(entry["hour"] * 3600), entry["requests"], entry["accounts"]) for entry in bins],
        shared=list(_shared(verdict, census)),
        account_requests=census.measures["requests"][members].astype(int).tolist(),
    )


def _shared(verdict: Verdict, census: Census) -> Iterator[Shared]:
    members = verdict.candidate.members
    place = {int(account): i for i, account in enumerate(members)}
    for count, (_, rows) in enumerate(_held(verdict, census)[:_HUBS], 1):
        accounts = [place[int(i)] for i in np.unique(census.scaffolds.account[rows])]
        yield Shared("scaffold", f"scaffold {count}", accounts, float(np.log2(len(census) / max(1, len(accounts)))))
    for attribute in census.attributes.values():
        codes = attribute.codes[members]
        values, counts = np.unique(codes[codes >= 0], return_counts=True)
        for number, value in enumerate(values[np.argsort(-counts, kind="stable")][:_HUBS], 1):
            sharing = np.flatnonzero(codes == value)
            rarity = float(np.log2(len(census) / max(1, (attribute.codes == value).sum())))
            if len(sharing) >= 3 and rarity >= 1:
                yield Shared(attribute.word, f"{attribute.word} {number}", sharing.tolist(), rarity)


def account_table(census: Census, bits: dict[str, npt.NDArray[np.float64]], columns: dict[str, object]) -> pa.Table:
    """One row per account: identifiers, ``columns`` (harvest_bits, p_value, …), volumes, and bits per signal."""
    measures = census.measures
    zeros = np.zeros(len(census))
    base = {
        "requests": measures["requests"].astype(np.int64),
        "input_tokens": np.nan_to_num(measures.get("input_tokens", zeros)).astype(np.int64),
        "output_tokens": np.nan_to_num(measures.get("output_tokens", zeros)).astype(np.int64),
        "first_seen": pa.array((measures["first"] * 1e6).astype(np.int64), pa.timestamp("us", "UTC")),
        "last_seen": pa.array((measures["last"] * 1e6).astype(np.int64), pa.timestamp("us", "UTC")),
    }
    signals = {f"bits_{name.replace(' ', '_').replace(',', '')}": values for name, values in bits.items()}
    return pa.table({"account_id": census.ids, **columns, **base, **signals})
