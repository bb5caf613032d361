"""The gateway: what is in force, what it decided, and why."""

from itertools import islice

from stillwatch.console.missing import not_set_up
from stillwatch.console.sources import GatewayRecords
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit

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


def _records(visit: Visit) -> GatewayRecords:
    if visit.desk.gateway is None:
        raise not_set_up("a gateway", "--gateway DIR")
    return visit.desk.gateway
