"""Measures in parts that add up: what is kept of each part of a history, so that no scan counts the rows of earlier ones again.

Of every part there are *sums* (a row per account) and *counted* values (a row per account, attribute and value). Those of all
parts give ``measures.account_measures`` and ``measures.values`` of all rows. Different texts do not add up: each part counts
only those of an account that no earlier part has.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

from stillwatch.traffic.measures import MEANS, TOTALS

COUNTED = ("user_agent", "client_fingerprint", "sampling", "ip", "prefix", "system", "hour")
"""The attributes whose values are counted."""
_DISTINCT = {"hours": "hour", "systems": "system", "ips": "ip", "samplings": "sampling"}


def sums(rows: ir.Table, new: ir.Table) -> ir.Table:
    """Per account what adds up; ``new``: ``account, system, text`` of the texts that no earlier part has of the account."""
    texts = new.group_by("account").agg(texts=_.count())
    added = rows.group_by("account").agg(
        **TOTALS,
        **{f"{name}_sum": each.cast("int64").sum().cast("int64") for name, each in MEANS.items()},
        **{f"{name}_of": each.count() for name, each in MEANS.items()},
    )
    return added.left_join(texts, "account").drop("account_right").mutate(texts=_.texts.fill_null(0))


def added_sums(parts: ir.Table) -> ir.Table:
    """The sums of several parts, one row per account again."""
    least, greatest = ("account_id", "org_id", "first"), ("last", "served_last", "refused_last")
    others = [name for name in parts.columns if name not in ("account", *least, *greatest)]
    return parts.group_by("account").agg(
        **{name: _[name].min() for name in least},
        **{name: _[name].max() for name in greatest},
        **{name: _[name].sum().cast("int64") for name in others},
    )


def counted(rows: ir.Table, new: ir.Table) -> ir.Table:
    """``account, attribute, value, requests, texts``: the texts that are ``new`` are counted under their system prompt."""
    counts = [rows.group_by("account", value=_[name].cast("uint64")).agg(requests=_.count()) for name in COUNTED]
    texts = new.group_by(["account", "system"]).agg(texts=_.count())
    named = [
        table.mutate(attribute=ibis.literal(name)).select("account", "attribute", "value", "requests")
        for name, table in zip(COUNTED, counts, strict=True)
    ]
    both = ibis.union(*named).left_join(texts, [_.account == texts.account, _.value == texts.system, _.attribute == "system"])
    return both.select("account", "attribute", "value", "requests", texts=_.texts.fill_null(0))


def added_counts(parts: ir.Table) -> ir.Table:
    """The counted values of several parts, one row per account, attribute and value again."""
    return parts.group_by(["account", "attribute", "value"]).agg(
        requests=_.requests.sum().cast("int64"), texts=_.texts.sum().cast("int64")
    )


def account_measures(sums: ir.Table, counts: ir.Table) -> ir.Table:
    """``measures.account_measures`` from the sums and counted values of all parts."""
    different = counts.group_by("account").agg(**{name: (_.attribute == of).sum() for name, of in _DISTINCT.items()})
    means = {name: _[f"{name}_sum"] / _[f"{name}_of"].nullif(0) for name in MEANS}
    both = sums.inner_join(different, "account").mutate(**means)
    return both.drop(*(f"{name}_{end}" for name in MEANS for end in ("sum", "of")))


def values(counts: ir.Table, attribute: str) -> ir.Table:
    """``measures.values`` from the counted values of all parts."""
    return counts.filter((_.attribute == attribute) & (_.value != 0)).select("account", "value", "requests")


def system_hits(rows: ir.Table, counts: ir.Table) -> ir.Table:
    """``measures.system_hits`` from the counted values of all parts; ``rows`` have the samples of system prompts."""
    used = counts.filter((_.attribute == "system") & (_.value != 0)).rename(system="value")
    samples = rows.filter(_.system_samples.notnull()).group_by("system").agg(samples=_.system_samples.arbitrary())
    return used.join(samples, "system").select("account", "requests", "texts", sample=_.samples.unnest())
