"""Every measure of traffic, expressed once, as Ibis expressions over the derived rows.

The same expressions run on each engine that Ibis reaches, also where keys of 64 bits are signed: nothing here compares keys but
for equality, and no key stands in an expression as a number. Hashed keys stand for values; key 0 means *nothing there*.
``hits`` are one row per request and sample of its prompt, those of ``prompt_hits`` or at least all of them that ``shared_samples``
keeps (an engine leaves out others where that is cheap); from them come the *uses* of samples that several accounts share.
"""

import ibis
import ibis.expr.types as ir
from ibis import _

REFUSED = 403
"""Status of a request that was not served because of who asked."""
RELEASE_HOURS = 24
"""For how long after a model's release requests for it count as a reaction to it."""
OPENING_MESSAGES = 3
"""A request with more messages than this carries on a conversation."""
MIN_SHARED_REQUESTS = 6
"""A sample seen in fewer requests than this is no scaffold of anybody."""
_WITHOUT_SIGN = 2**63 - 1
"""Engines without unsigned numbers hold a key's bits as a signed one; without the highest bit both have one order."""


def account_measures(rows: ir.Table) -> ir.Table:
    """Per account: volumes, span (µs since 1970), distinct counts, and the shares of requests with a property (in [0, 1])."""
    return rows.group_by("account").agg(
        **TOTALS,
        hours=_.hour.nunique(),
        texts=_.text.nunique(),
        systems=_.system.nunique(),
        ips=_.ip.nunique(),
        samplings=_.sampling.nunique(),
        **{name: each.mean() for name, each in MEANS.items()},
    )


TOTALS = {
    "account_id": _.account_id.min(),
    "org_id": _.org_id.min(),
    "requests": _.count(),
    "first": _.ts.min(),
    "last": _.ts.max(),
    "input_tokens": _.input_tokens.sum(),
    "output_tokens": _.output_tokens.sum(),
    "served_last": _.ts.max(where=_.status.fill_null(0) != REFUSED),
    "refused_last": _.ts.max(where=_.status == REFUSED),
}
"""Of an account what follows for the whole from the same of its parts."""
_PUT = {
    "output_mean": _.output_tokens,
    "follow_up": _.n_messages > OPENING_MESSAGES,
    "many_choices": _.n > 1,
    "logprobs": _.top_logprobs.notnull(),
    "reasoning": _.reasoning.fill_null(False),
    "with_tools": _.tools > 0,
}
MEANS = {
    "output_limit": _.max_output_tokens,
    "conversations": _.conversation != 0,
    "warm": _.temperature > 0,
    "text_bytes": _.text_bytes,
    **_PUT,
}
"""Of each request what an account's mean is taken of: whole numbers and truths."""
_MANNER = {name: each.mean() for name, each in _PUT.items()}
"""How requests are put and answered: means over requests, of an account or of a part of what it sent."""


def values(rows: ir.Table, attribute: str) -> ir.Table:
    """Per account and value of a key column: how many requests carried it; nothing-there is left out."""
    return rows.filter(_[attribute] != 0).group_by(["account", attribute]).agg(requests=_.count()).rename(value=attribute)


def prompt_hits(rows: ir.Table) -> ir.Table:
    """One row per request and sample of its prompt: ``account, text, sample``."""
    return rows.select("account", "text", sample=_.prompt_samples.unnest())


def system_hits(rows: ir.Table) -> ir.Table:
    """One row per account, system prompt and sample of it: ``account, sample, requests, texts`` (different texts after it)."""
    samples = rows.filter(_.system_samples.notnull()).group_by("system").agg(samples=_.system_samples.arbitrary())
    used = rows.filter(_.system != 0).group_by(["account", "system"]).agg(requests=_.count(), texts=_.text.nunique())
    return used.join(samples, "system").select("account", "requests", "texts", sample=_.samples.unnest())


def system_uses(hits: ir.Table) -> ir.Table:
    """As ``uses``, for samples of system prompts that more than one account has."""
    by_account = hits.group_by(["sample", "account"]).agg(requests=_.requests.sum())
    return by_account.semi_join(_system_shared(hits), "sample")


def system_totals(hits: ir.Table) -> ir.Table:
    """As ``sample_totals``, for system prompts: different contents are taken to differ over accounts too."""
    return hits.semi_join(_system_shared(hits), "sample").group_by("sample").agg(distinct_texts=_.texts.sum())


def _system_shared(hits: ir.Table) -> ir.Table:
    seen = hits.group_by("sample").agg(accounts=_.account.nunique(), requests=_.requests.sum())
    return seen.filter((_.accounts > 1) & (_.requests >= MIN_SHARED_REQUESTS))


def uses(hits: ir.Table) -> ir.Table:
    """Per sample and account: ``requests`` that carry it."""
    return hits.group_by(["sample", "account"]).agg(requests=_.count())


def shared_samples(used: ir.Table) -> ir.Table:
    """The samples of ``uses`` that more than one account uses, often enough to matter."""
    seen = used.group_by("sample").agg(accounts=_.count(), requests=_.requests.sum())
    return seen.filter((_.accounts > 1) & (_.requests >= MIN_SHARED_REQUESTS)).select("sample")


def sample_totals(hits: ir.Table, shared: ir.Table) -> ir.Table:
    """Per sample: the different ``texts`` that carry it over all accounts (fewer than the sum of uses where texts recur)."""
    return hits.semi_join(shared, "sample").group_by("sample").agg(distinct_texts=_.text.nunique())


def carriers(rows: ir.Table, hits: ir.Table, chosen: ir.Table) -> ir.Table:
    """Which texts carry a sample of which label: ``label, account, text``, with repetitions.

    ``chosen`` has the columns ``label`` and ``sample`` (shared ones), and ``account`` too if a sample counts for that account only.
    """
    keys = [name for name in chosen.columns if name != "label"]
    prompts = hits.join(chosen, keys).select("label", "account", "text")
    known = _systems(rows).join(chosen, "sample").drop("sample").distinct()
    under = rows.join(known, [name for name in known.columns if name != "label"]).select("label", "account", "text")
    return prompts.union(under)


def sample_hits(rows: ir.Table, hits: ir.Table, chosen: ir.Table, accounts: ir.Table, per_account: int) -> ir.Table:
    """Which samples stand in which texts: ``label, text, sample``, each once.

    ``chosen`` has the columns ``label`` and ``sample`` (shared ones), ``accounts`` ``label`` and ``account``; of each account at
    most ``per_account`` requests are looked at (the least keys).
    """
    place = ibis.row_number().over(group_by="account", order_by=_.request & _WITHOUT_SIGN)
    mine = rows.semi_join(accounts, "account").select("account", "text", "system", place=place).filter(_.place < per_account)
    sent = mine.join(accounts, "account").select("label", "account", "text", "system")
    texts = sent.select("label", "account", "text").distinct()
    prompts = hits.semi_join(chosen, "sample").join(texts, ["account", "text"]).join(chosen, ["label", "sample"])
    known = _systems(rows).join(chosen, "sample").select("system", "label", "sample")
    systems = sent.join(known, ["system", "label"])
    return prompts.select("label", "text", "sample").union(systems.select("label", "text", "sample")).distinct()


def _systems(rows: ir.Table) -> ir.Table:
    """The samples of each system prompt: ``system, sample``."""
    known = rows.filter(_.system_samples.notnull()).group_by("system").agg(samples=_.system_samples.arbitrary())
    return known.select("system", sample=_.samples.unnest())


def carrying(rows: ir.Table, hits: ir.Table, chosen: ir.Table) -> ir.Table:
    """Per ``label`` and account the number of different ``texts`` that carry one of the label's samples, and of ``hits``.

    A request's prompt gives a hit for each sample of the label that it carries, its system prompt one.
    """
    return carriers(rows, hits, chosen).group_by(["label", "account"]).agg(texts=_.text.nunique(), hits=_.count())


def carried_texts(rows: ir.Table, hits: ir.Table, chosen: ir.Table, accounts: ir.Table) -> ir.Table:
    """Per ``label`` the different texts of the given ``accounts`` that carry one of its samples."""
    return carriers(rows, hits, chosen).distinct().semi_join(accounts, "account").select("label", "text").distinct()


def carried_manner(rows: ir.Table, texts: ir.Table, accounts: ir.Table) -> ir.Table:
    """Per ``label`` and account how many requests have the label's ``texts`` (``label, text``), and the manner of these alone."""
    mine = rows.semi_join(accounts, "account").join(texts, "text")
    return mine.group_by(["label", "account"]).agg(carrying=_.count(), **_MANNER)


def work(rows: ir.Table, accounts: ir.Table, per_account: int) -> ir.Table:
    """Requests of the given ``accounts``: ``account, hour, text, topic, opens`` (not known to carry on a conversation), of each at
    most ``per_account`` (the least keys)."""
    place = ibis.row_number().over(group_by="account", order_by=_.request & _WITHOUT_SIGN)
    opens = (_.n_messages <= OPENING_MESSAGES).fill_null(True)
    chosen = rows.semi_join(accounts, "account").select("account", "hour", "text", "topic", opens=opens, place=place)
    return chosen.filter(_.place < per_account).drop("place")


def replayed_blocks(rows: ir.Table) -> ir.Table:
    """Reasoning blocks that more than one account sent in: ``value, account, requests``."""
    sent = rows.filter(_.reasoning_blocks.notnull()).select("account", value=_.reasoning_blocks.unnest())
    several = sent.group_by("value").agg(accounts=_.account.nunique()).filter(_.accounts > 1)
    return sent.semi_join(several, "value").group_by(["value", "account"]).agg(requests=_.count())


def asked_for(rows: ir.Table, hour: int) -> ir.Table:
    """Per account and model (a key) the requests in the RELEASE_HOURS from ``hour`` (since 1970)."""
    return rows.filter((_.hour >= hour) & (_.hour < hour + RELEASE_HOURS)).group_by(["account", "model"]).agg(requests=_.count())


def hourly(rows: ir.Table, accounts: ir.Table) -> ir.Table:
    """Per hour since 1970 the ``requests`` and active ``accounts`` among the given ones."""
    mine = rows.semi_join(accounts, "account")
    return mine.group_by("hour").agg(requests=mine.count(), accounts=mine.account.nunique())
