"""The gateway: what is in force, what it decided, why, and appeals against it: pardons, given for a reason and taken back."""

from itertools import islice

from stillwatch.console.desk import not_set_up
from stillwatch.console.scans.listing import whole
from stillwatch.console.sources import GatewayRecords
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError

_SHOWN = 100


def gateway(visit: Visit) -> Answer:
    """What is in force and the latest decisions, of an account or an action if asked."""
    account, action = visit.query.get("account", ""), visit.query.get("action", "")
    records = _records(visit)
    rows = (
        row
        for row in records.decisions()
        if (not account or row.get("account_id") == account) and (not action or row.get("gateway_action") == action)
    )
    latest = list(islice(rows, _SHOWN))
    shown = {"account": account, "action": action, "live": "live" in visit.query, "query": visit.query}
    return Page("gateway.html", "Gateway", {"status": records.status(), "decisions": latest}, shown)


def account(visit: Visit) -> Answer:
    """What the gateway knows of an account."""
    name = visit.query.get("id", "")
    return Page("gateway_account.html", name, {"account_id": name, "explanation": _records(visit).explain(name)})


def appeals(visit: Visit) -> Answer:
    """Who was served again after a mistake, by whom and why; and a form for the next."""
    return Page("appeals.html", "Appeals", {"pardons": _records(visit).pardons()}, {"account": visit.query.get("account", "")})


def pardon(visit: Visit) -> Answer:
    """Pardon an account, or take a pardon back. Raises UsageError without account, reason or time."""
    name, why, days = visit.word("account", 500), visit.word("because"), whole(visit.word("days", 5), -1)
    if not name or not why or days < 0:
        raise UsageError("a pardon names an account, a reason and a number of days", place="pardon", cure="fill in all three")
    _records(visit).pardon(name, why, days, visit.person.name)
    return Redirect("/appeals", "pardoned" if days else "taken-back")


def _records(visit: Visit) -> GatewayRecords:
    if visit.desk.gateway is None:
        raise not_set_up("a gateway", "--gateway DIR")
    return visit.desk.gateway
