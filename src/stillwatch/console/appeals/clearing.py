"""Clearing: an upheld appeal told to every receiver at once: the gateway, those who know evidence of it, the hub, the cases.

Rules: each receiver is a step of its own; one that fails keeps no other from being told, stays with its reason, and is tried again
from the page. Others learn which evidence was wrong and why, never about whom. What leaves passes guard and people: under dual
control the correction waits for the second person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from stillwatch.case.case import Case
from stillwatch.case.states import State, allowed
from stillwatch.console.appeals.appeal import Appeal
from stillwatch.console.desk import Desk
from stillwatch.console.missing import not_set_up
from stillwatch.console.release import drafts, releasing
from stillwatch.errors import StillwatchError


@dataclass(frozen=True)
class Told:
    """What a receiver was told, whether that is all, and where to look."""

    told: str
    link: str = ""
    done: bool = True


@dataclass(frozen=True)
class Wish:
    """What the person who upholds asks for: for how many days the account is served; per case, whether it is reversed whole."""

    days: int
    cases: Mapping[int, bool]


def clear(desk: Desk, appeal: Appeal, wish: Wish, by: str, now: int) -> None:
    """Tell every receiver that was not told yet."""
    steps: dict[str, Callable[[], Told]] = {
        "gateway": lambda: _gateway(desk, appeal, wish, by),
        "other members": lambda: _others(desk, appeal, by, now),
    }
    for number, whole in wish.cases.items():
        steps[f"case-{number}"] = lambda number=number, whole=whole: _case(desk, appeal, number, whole, by, now)  # type: ignore[misc]
    done = {step.receiver for step in appeal.steps if step.done}
    for receiver, step in steps.items():
        if receiver not in done:
            _try(desk, appeal.number, receiver, step)


def cases_of(desk: Desk, account: str) -> list[Case]:
    """The cases that an account is in; none where no cases are kept."""
    if desk.settings.cases is None:
        return []
    store = desk.cases
    return [store.case(number) for number in sorted({row.case for row in store.account(account)})]


def _try(desk: Desk, number: int, receiver: str, step: Callable[[], Told]) -> None:
    try:
        told = step()
    except StillwatchError as error:
        told = Told(f"{error.what} ({error.place}): {error.cure}", done=False)
    desk.appeals.note(number, receiver, done=told.done, told=told.told, link=told.link)


def _gateway(desk: Desk, appeal: Appeal, wish: Wish, by: str) -> Told:
    if desk.gateway is None:
        raise not_set_up("a gateway", "--gateway DIR")
    desk.gateway.pardon(appeal.account, appeal.reason or "", wish.days, by)
    return Told(f"it is served for {wish.days} days, whatever speaks against it", f"/gateway/account?id={appeal.account}")


def _others(desk: Desk, appeal: Appeal, by: str, now: int) -> Told:
    """The correction: proposed, approved where one person may, and sent to the hub."""
    subject = f"appeal-{appeal.number}"
    earlier = [each for each in desk.proposals.about(subject) if each.state != "declined"]
    if earlier:
        found = earlier[0]
    else:
        draft = drafts.of_corrections(desk, subject, datetime.fromtimestamp(now, UTC))
        if draft is None:
            return Told("nobody else knows evidence that spoke against it")
        found = desk.proposals.find(releasing.propose(desk, draft, by, now))
    link = f"/shares/{found.sha256}"
    if found.state == "waiting" and releasing.own_is_not_enough(desk.membership, found, by):
        return Told("the correction waits for a second person", link, done=False)
    if found.state == "waiting":
        releasing.approve(desk, found.sha256, by, now)
    if not desk.exchange or not desk.exchange.url:
        return Told("the correction is in the outbox; no hub is set up to send it to", link)
    said = releasing.send_on(desk, found.sha256) if found.sent is None else found.sent
    return Told(f"the correction is with the hub, which took {said.get('taken', 0)} objects", link)


def _case(desk: Desk, appeal: Appeal, number: int, whole: bool, by: str, now: int) -> Told:
    """Reverse a case, or remark in it that one account of it was cleared."""
    store, when = desk.cases, datetime.fromtimestamp(now, UTC)
    found, link = store.case(number), f"/cases/{number}"
    if found.merged_into:
        return _case(desk, appeal, found.merged_into, whole, by, now)
    if not whole:
        store.comment(number, f"Appeal {appeal.number} upheld for {appeal.account}: {appeal.reason}", by, when)
        return Told("it is remarked in the case", link)
    if found.state == "reversed":
        return Told("the case was reversed before", link)
    state: State = "reversed" if allowed(found.state, "reversed") else "closed"
    store.decide(number, state, f"Appeal {appeal.number} upheld: {appeal.reason}", by, when)
    return Told(f"the case is {state}", link)
