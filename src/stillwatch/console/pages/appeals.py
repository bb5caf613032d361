"""Appeals: ours, each with all that is known of the account and the steps that clear it; those at the hub, with the time that each
member took; and the pardons that hold."""

from collections.abc import Callable
from typing import Any

from stillwatch.console.appeals.clearing import Wish, cases_of, clear
from stillwatch.console.missing import not_set_up
from stillwatch.console.scans.listing import whole
from stillwatch.console.sources import GatewayRecords
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit
from stillwatch.errors import StillwatchError, UsageError


def appeals(visit: Visit) -> Answer:
    """All appeals, the open ones first; those at the hub; and the pardons."""
    desk = visit.desk
    if desk.gateway is None and desk.hub is None:
        raise not_set_up("a gateway or a hub", "--gateway DIR")
    data = {
        "appeals": desk.appeals.latest(),
        "pardons": desk.gateway.pardons() if desk.gateway else [],
        "at_hub": desk.hub.appeals() if desk.hub else [],
    }
    shown = {"account": visit.query.get("account", ""), "operates": bool(desk.hub and desk.hub.operates), "gateway": desk.gateway}
    return Page("appeals.html", "Appeals", data, shown)


def take_in(visit: Visit) -> Answer:
    """Take in what a customer says. Raises UsageError."""
    number = visit.desk.appeals.open(visit.word("account", 500), visit.word("said"), visit.person.name, visit.now)
    return Redirect(f"/appeals/{number}", "taken-in")


def appeal(visit: Visit) -> Answer:
    """One appeal: what the customer says, what speaks against the account, what would be told to whom. Raises NotHere."""
    found = visit.desk.appeals.find(whole(visit.path["number"], 0))
    scan_row = _or_why(lambda: visit.desk.result.accounts.find(found.account))
    gateway = visit.desk.gateway
    data = {
        "appeal": found,
        "cleared": found.cleared,
        "seconds": {step.receiver: found.seconds(step) for step in found.steps},
        "account": scan_row,
        "explanation": _or_why(lambda: gateway.explain(found.account)) if gateway else None,
        "cases": cases_of(visit.desk, found.account),
    }
    return Page("appeal.html", f"Appeal {found.number}", data)


def decide(visit: Visit) -> Answer:
    """Reject an appeal, uphold it and clear the account everywhere, or try again what failed. Raises RefusedByPolicy."""
    desk, who = visit.desk, visit.person.name
    found = desk.appeals.find(whole(visit.path["number"], 0))
    match visit.word("what"):
        case "reject":
            _recorded(visit, desk.appeals.decide(found.number, "rejected", visit.word("reason"), who, visit.now).number, "rejected")
            return Redirect(f"/appeals/{found.number}", "rejected")
        case "uphold":
            wish = _wish(visit)
            found = desk.appeals.decide(found.number, "upheld", visit.word("reason"), who, visit.now)
            _recorded(visit, found.number, "upheld")
        case "again" if found.state == "upheld":
            wish = _wish(visit)
        case _:
            raise UsageError("no such decision", place="what", cure="use the forms of the page")
    clear(desk, found, wish, who, visit.now)
    done = desk.appeals.find(found.number).cleared
    return Redirect(f"/appeals/{found.number}", "cleared" if done else "partly-cleared")


def take_back(visit: Visit) -> Answer:
    """Take a pardon back. Raises UsageError without a reason."""
    account, why = visit.word("account", 500), visit.word("because")
    if not account or not why:
        raise UsageError("to take a pardon back needs an account and a reason", place="pardon", cure="fill in both")
    _gateway(visit).pardon(account, why, 0, visit.person.name)
    return Redirect("/appeals", "taken-back")


def _gateway(visit: Visit) -> GatewayRecords:
    if visit.desk.gateway is None:
        raise not_set_up("a gateway", "--gateway DIR")
    return visit.desk.gateway


def _wish(visit: Visit) -> Wish:
    """What the form asks for. Raises UsageError for days that are none."""
    days = whole(visit.word("days", 5), 0)
    if not 1 <= days <= 3650:
        raise UsageError("for how many days is it served?", place="days", cure="give 1 to 3650 days")
    chosen = {name.removeprefix("case-"): value for name, value in visit.form.items() if name.startswith("case-")}
    return Wish(days, {whole(number, 0): value == "reverse" for number, value in chosen.items() if value != "leave"})


def _recorded(visit: Visit, number: int, state: str) -> None:
    with visit.desk.open_ledger() as ledger:
        ledger.append("appeal", f"appeal-{number}", {"state": state, "reason": visit.word("reason")}, visit.person.name, visit.time)


def _or_why(ask: Callable[[], Any]) -> Any:
    """What is asked for, or why it cannot be told; a source that is away keeps no appeal from being read."""
    try:
        return ask()
    except StillwatchError as error:
        return {"because": error.what}
