"""Replays of a policy over past traffic: asked for, listed, and each with its result; nobody is acted upon."""

from stillwatch.console.desk import Desk
from stillwatch.console.missing import not_set_up
from stillwatch.console.replays.replays import Replay
from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page, Redirect
from stillwatch.console.web.visit import Visit


def replays(visit: Visit) -> Answer:
    """All replays, and a form with the policy in force, or with that of an earlier replay, to be edited and tried."""
    desk = visit.desk
    runs = desk.replays
    earlier = whole(visit.query.get("from", ""), 0)
    policy = runs.find(earlier).policy if earlier else _in_force(desk)
    data = {"replays": [_told(each) for each in runs.latest()], "policy": policy}
    return Page("replays.html", "Gateway replay", data, {"logs": bool(desk.settings.requests)})


def replay(visit: Visit) -> Answer:
    """One replay: whom the policy in force and the edited one would have hit, and for whom they differ. Raises NotHere."""
    found = visit.desk.replays.find(whole(visit.path["number"], 0))
    return Page("replay.html", f"Replay {found.number}", {"replay": found, "unfinished": found.unfinished})


def ask(visit: Visit) -> Answer:
    """Let a policy be tried. Raises UsageError for a text that is no policy, StoreUnavailable if too many wait."""
    if not visit.desk.settings.requests:
        raise not_set_up("request logs", "--requests LOGS")
    policy = visit.form.get("policy", "").replace("\r\n", "\n")
    return Redirect(f"/gateway/replays/{visit.desk.replays.ask(policy, visit.person.name, visit.now)}", "asked")


def _in_force(desk: Desk) -> str:
    if desk.gateway is None:
        raise not_set_up("a gateway", "--gateway DIR")
    return desk.gateway.policy()


def _told(replay: Replay) -> dict[str, object]:
    return {name: getattr(replay, name) for name in ("number", "asker", "asked", "state", "ended")}
