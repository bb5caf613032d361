"""The census: every account of a scan with its measures and attributes, as arrays in the order of account keys.

It asks the engine for small results only (one row per account, or per account and value) and puts beside them what the
optional accounts table says.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.campaigns.links import Things
from stillwatch.campaigns.scaffolds import Scaffolds, gather
from stillwatch.signals.plan_use import usual_of_plan
from stillwatch.signals.population import Attribute, Floats, Ints
from stillwatch.signals.shared_attribute import WORDS
from stillwatch.traffic import measures
from stillwatch.traffic.engines.engine import Engine, Rows
from stillwatch.traffic.figures import Figures
from stillwatch.traffic.keys import keys as key_of

_FROM_ROWS = ("user_agent", "client_fingerprint", "sampling", "ip", "prefix")
_FROM_ACCOUNTS = ("payment_fingerprint", "device_id", "email_pattern", "phone_prefix", "referrer")


@dataclass(frozen=True)
class Census:
    """All accounts. ``keys`` ascending; ``ids`` and ``orgs`` (None unknown) beside them; ``units`` numbers the
    organisations that accounts openly belong to; ``authorised`` marks accounts with a contract for bulk use; ``replays``: the
    reasoning blocks that several accounts sent in."""

    keys: npt.NDArray[np.uint64]
    ids: list[str]
    orgs: list[str | None]
    units: Ints
    authorised: npt.NDArray[np.bool_]
    measures: dict[str, Floats]
    attributes: dict[str, Attribute]
    scaffolds: Scaffolds
    replays: Things
    window_hours: float

    def __len__(self) -> int:
        return len(self.keys)


def take_census(engine: Engine, rows: Rows, figures: Figures, accounts: pa.Table | None, events: pa.Table | None = None) -> Census:
    """Ask the engine for all that is known per account. ``figures`` are those of the ``rows``; ``accounts`` follows
    ``schema.ACCOUNTS``, ``events`` ``schema.EVENTS``."""
    table = engine.fetch(figures.accounts()).sort_by("account")
    keys = table["account"].to_numpy()
    known = _beside(table["account_id"].combine_chunks(), accounts)
    numbers = _numbers(table)
    hours = (float(np.max(numbers["last"])) - float(np.min(numbers["first"]))) / 3600 if len(keys) else 0.0
    scaffolds = _scaffolds(engine, figures, keys, numbers["requests"])
    numbers["scaffold_share"] = _scaffold_share(engine, rows, keys, scaffolds, numbers["texts"])
    replays, numbers["replayed"] = _replays(engine, rows, keys, numbers["requests"])
    numbers["window_hours"] = np.full(len(keys), max(hours, 1.0))
    numbers["usual_output"] = np.full(len(keys), _median(numbers["output_mean"]))
    if "created_at" in known:
        numbers["created_at"] = _seconds(known["created_at"])
    stopped = _stopped(numbers.pop("served_last"), numbers.pop("refused_last"), known)
    if not np.isnan(stopped).all():
        numbers["stopped"] = stopped
    numbers["moved"] = _moved(engine, rows, keys, _releases(events, numbers))
    if "plan" in known:
        numbers |= _usual_of_plans(_codes(known["plan"]), numbers)
    orgs = pc.coalesce(*[column for column in (known.get("org_id"), table["org_id"]) if column is not None])
    attributes = {name: _main_value(engine, figures, name, keys) for name in _FROM_ROWS}
    attributes |= {name: Attribute(name, WORDS[name], _codes(known[name])) for name in _FROM_ACCOUNTS if name in known}
    return Census(
        keys=keys,
        ids=table["account_id"].to_pylist(),
        orgs=orgs.to_pylist(),
        units=_units(orgs),
        authorised=_authorised(known, len(keys)),
        measures={name: values for name, values in numbers.items() if not np.isnan(values).all()},
        attributes={name: found for name, found in attributes.items() if (found.codes >= 0).any()},
        scaffolds=scaffolds,
        replays=replays,
        window_hours=hours,
    )


def _numbers(table: pa.Table) -> dict[str, Floats]:
    """All numeric measures as float64, times in seconds since 1970, unknown as NaN."""
    out = {}
    for field in table.schema:
        if pa.types.is_timestamp(field.type):
            out[field.name] = _seconds(table[field.name])
        elif field.name != "account" and not pa.types.is_string(field.type):
            out[field.name] = table[field.name].cast(pa.float64()).to_numpy()
    return out


def _stopped(served: Floats, refused: Floats, known: dict[str, pa.ChunkedArray]) -> Floats:
    """Per account when it was stopped, NaN if it was not: by the table of accounts, else when it was served for the last time if
    refusals came after."""
    gone = np.where(np.nan_to_num(refused) > np.nan_to_num(served), np.fmin(served, refused), np.nan)
    if "state" not in known or "state_ts" not in known:
        return gone
    closed = pc.fill_null(pc.is_in(known["state"], pa.array(["suspended", "closed"])), False).to_numpy()
    return np.where(closed, _seconds(known["state_ts"]), gone)


def _usual_of_plans(plan: Ints, numbers: dict[str, Floats]) -> dict[str, Floats]:
    """What the median account of each one's plan asked for and got."""
    return {
        f"plan_{short}": usual_of_plan(plan, numbers[name])
        for short, name in (("requests", "requests"), ("output", "output_tokens"))
    }


def _median(values: Floats) -> float:
    return float("nan") if np.isnan(values).all() else float(np.nanmedian(values))


def _seconds(times: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.divide(times.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).cast(pa.float64()), 1e6))


def _beside(ids: pa.Array, accounts: pa.Table | None) -> dict[str, pa.ChunkedArray]:
    """The columns of the accounts table that say something, in the order of ``ids``."""
    if accounts is None:
        return {}
    place = pc.index_in(ids, accounts["account_id"].combine_chunks())
    rows = accounts.take(place)
    return {name: rows[name] for name in rows.column_names if rows[name].null_count < len(rows)}


def _scaffolds(engine: Engine, figures: Figures, keys: npt.NDArray[np.uint64], requests: Floats) -> Scaffolds:
    found, totals = map(engine.fetch, figures.samples())
    system_found, system_totals = _system_uses(engine, figures)
    return gather(
        pa.concat_tables([found, system_found.select(found.column_names).cast(found.schema)]),
        pa.concat_tables([totals, system_totals.select(totals.column_names).cast(totals.schema)]),
        keys,
        requests,
    )


def _replays(engine: Engine, rows: Rows, keys: npt.NDArray[np.uint64], requests: Floats) -> tuple[Things, Floats]:
    """The shared reasoning blocks, and per account the share of its requests that bring one in."""
    found = engine.fetch(measures.replayed_blocks(rows))
    account = np.searchsorted(keys, found["account"].to_numpy())
    value = np.unique(found["value"].to_numpy(), return_inverse=True)[1]
    share = np.bincount(account, found["requests"].to_numpy(), len(keys)) / requests
    return Things(value, account), np.minimum(share, 1.0)


def _releases(events: pa.Table | None, numbers: dict[str, Floats]) -> list[tuple[int, str]]:
    """The releases of models within the window: hour since 1970, and model."""
    if events is None or not len(numbers["first"]):
        return []
    first, last = numbers["first"].min() // 3600 - measures.RELEASE_HOURS, numbers["last"].max() // 3600
    rows = events.filter(pc.equal(events["kind"], "model_release")).select(["ts", "subject"]).to_pylist()
    found = [(int(row["ts"].timestamp()) // 3600, row["subject"]) for row in rows]
    return [(hour, model) for hour, model in found if first <= hour <= last]


def _moved(engine: Engine, rows: Rows, keys: npt.NDArray[np.uint64], releases: list[tuple[int, str]]) -> Floats:
    """Per account the largest share of a release day's requests that asked for the released model; NaN without any request."""
    out = np.full(len(keys), np.nan)
    for hour, released in releases:
        model = key_of(pa.array([released], pa.string()))[0]
        found = engine.fetch(measures.asked_for(rows, hour))
        account, requests = np.searchsorted(keys, found["account"].to_numpy()), found["requests"].to_numpy()
        of_model = np.bincount(account, requests * (found["model"].to_numpy() == model), len(keys))
        if of_model.any():
            all_models = np.bincount(account, requests, len(keys))
            active = all_models > 0
            out[active] = np.fmax(out[active], of_model[active] / all_models[active])
    return out


def _scaffold_share(engine: Engine, rows: Rows, keys: npt.NDArray[np.uint64], scaffolds: Scaffolds, texts: Floats) -> Floats:
    """Per account the share of its texts that carry a scaffold on which it leans."""
    scaffold, account = scaffolds.scaffold[scaffolds.leans], scaffolds.account[scaffolds.leans]
    order = np.argsort(scaffolds.of, kind="stable")
    counts = np.bincount(scaffolds.of, minlength=len(scaffolds))
    starts = np.cumsum(counts) - counts
    repeated = np.repeat(np.arange(len(scaffold)), counts[scaffold])
    within = np.arange(len(repeated)) - np.repeat(np.cumsum(counts[scaffold]) - counts[scaffold], counts[scaffold])
    sample = scaffolds.samples[order[starts[scaffold[repeated]] + within]]
    label = np.zeros(len(sample), np.int64)
    share, _ = next(carried(engine, rows, keys, texts, label, sample, keys[account[repeated]]))
    return share


def carried(
    engine: Engine,
    rows: Rows,
    keys: npt.NDArray[np.uint64],
    texts: Floats,
    label: Ints,
    sample: npt.NDArray[np.uint64],
    account: npt.NDArray[np.uint64] | None = None,
) -> Iterator[tuple[Floats, Floats]]:
    """Per label the share of each account's texts that carry a sample of it, in [0, 1], and hits per such text.

    One label after the other, so that what is in memory grows with accounts and not with labels times accounts. ``label`` and
    ``sample`` are parallel; with ``account`` (keys) a sample counts for that account only.
    """
    columns = {"label": label, "sample": sample} | ({"account": account} if account is not None else {})
    found = engine.fetch(measures.carrying(rows, engine.hits(rows), engine.given(pa.table(columns)))).sort_by("label")
    place = np.searchsorted(keys, found["account"].to_numpy())
    carrying, hits = found["texts"].to_numpy(), found["hits"].to_numpy()
    ends = np.searchsorted(found["label"].to_numpy(), np.arange(int(label.max(initial=0)) + 2))
    for part in map(slice, ends[:-1], ends[1:]):
        share, density = np.zeros((2, len(keys)))
        share[place[part]] = np.minimum(carrying[part] / texts[place[part]], 1.0)
        density[place[part]] = hits[part] / carrying[part]
        yield share, density


def _system_uses(engine: Engine, figures: Figures) -> tuple[pa.Table, pa.Table]:
    hits = engine.keep("system_hits", figures.system_hits())
    return engine.fetch(measures.system_uses(hits)), engine.fetch(measures.system_totals(hits))


def _main_value(engine: Engine, figures: Figures, name: str, keys: npt.NDArray[np.uint64]) -> Attribute:
    """Each account's most frequent value (the least key on a tie) as a code."""
    found = engine.fetch(figures.values(name))
    account, value, count = (found[column].to_numpy() for column in ("account", "value", "requests"))
    order = np.lexsort((value, -count, account))
    account, value = account[order], value[order]
    first = np.ones(len(account), bool)
    first[1:] = account[1:] != account[:-1]
    codes = np.full(len(keys), -1, np.int64)
    codes[np.searchsorted(keys, account[first])] = np.unique(value[first], return_inverse=True)[1]
    return Attribute(name, WORDS[name], codes)


def _codes(column: pa.ChunkedArray) -> Ints:
    """A number per value, -1 where there is none."""
    coded = column.combine_chunks().dictionary_encode()
    return np.asarray(pc.fill_null(coded.indices, -1).to_numpy().astype(np.int64))


def _units(orgs: pa.ChunkedArray) -> Ints:
    """One number per organisation, and one of its own for every account without."""
    codes = pc.fill_null(orgs.combine_chunks().dictionary_encode().indices, -1).to_numpy().astype(np.int64)
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    return np.asarray(codes)


def _authorised(known: dict[str, pa.ChunkedArray], size: int) -> npt.NDArray[np.bool_]:
    if "authorisation" not in known:
        return np.zeros(size, bool)
    return np.asarray(pc.fill_null(pc.not_equal(known["authorisation"], ""), False))
