"""Accounts: the list, and one account with what each signal says of it."""

from stillwatch.console.missing import NotHere
from stillwatch.console.scans.accounts import SORTS
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit

_BITS = "bits_"


def accounts(visit: Visit) -> Answer:
    """The accounts of a campaign, or of the whole scan."""
    result = visit.desk.result
    campaign_id = visit.query.get("campaign") or None
    sort = visit.query["sort"] if visit.query.get("sort") in SORTS else "harvest"
    listing = result.accounts.page(campaign_id, sort, whole(visit.query.get("page", ""), 1))
    data = {"campaign": campaign_id, "accounts": listing.rows, "total": listing.total, "page": listing.page, "pages": listing.pages}
    number, _ = result.by_id.get(campaign_id or "", (None, None))
    return Page("accounts.html", "Accounts", data, {"sort": sort, "sorts": list(SORTS), "number": number})


def account(visit: Visit) -> Answer:
    """One account: its counts, and bits by signal. Raises NotHere."""
    name = visit.query.get("id", "")
    result = visit.desk.result
    row = result.accounts.find(name)
    if row is None:
        raise NotHere("the scan saw no such account", place=name[:120] or "account", cure="look for it in the list of accounts")
    signals = {key.removeprefix(_BITS): value for key, value in row.items() if key.startswith(_BITS)}
    facts = {key: value for key, value in row.items() if not key.startswith(_BITS)}
    number, campaign = result.by_id.get(row["campaign_id"] or "", (None, None))
    data = {"account": facts, "signals": signals}
    shown = {"number": number, "campaign": campaign, "most": max((abs(v) for v in signals.values() if v), default=1.0)}
    return Page("account.html", name, data, shown)
