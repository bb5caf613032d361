"""Samples of text from the provider's own logs, masked; each look is recorded before anything is shown.

Rules: a look needs a reason. If it cannot be recorded, nothing is shown. Digits and e-mail addresses are masked, and texts cut.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from stillwatch.campaigns.excerpts import masked
from stillwatch.console.missing import not_set_up
from stillwatch.console.pages.campaign import wanted
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit
from stillwatch.errors import UsageError

MOST = 8


def of_campaign(visit: Visit) -> Answer:
    """Samples of a campaign's requests."""
    number, found, _ = wanted(visit)
    return _shown(visit, found.id, found.accounts, {"back": f"/campaigns/{found.id}", "name": f"campaign {number}"})


def of_account(visit: Visit) -> Answer:
    """Samples of an account's requests."""
    name = visit.word("id", 500)
    return _shown(visit, name, [name], {"back": "", "name": name})


def _shown(visit: Visit, subject: str, accounts: Collection[str], said: dict[str, Any]) -> Answer:
    logs, why, now = visit.desk.logs, visit.word("why", 300), datetime.fromtimestamp(visit.now, UTC)
    if logs is None:
        raise not_set_up("request logs", "--requests LOGS")
    if not why:
        raise UsageError("a look at text needs a reason", place="why", cure="say in a few words what you look for")
    with visit.desk.open_ledger() as ledger:
        entry = ledger.append("text-read", subject, {"because": why, "at_most": MOST}, visit.person.name, now)
    rows = [_masked(row) for row in logs.requests_of(accounts, MOST, now)]
    return Page("samples.html", "Text samples", {"subject": subject, "entry": entry.index, "samples": rows}, said)


def _masked(row: Any) -> dict[str, Any]:
    texts = {name: masked(str(row.get(name) or "")) for name in ("system_prompt", "prompt")}
    return {name: str(row.get(name) or "") for name in ("request_id", "account_id", "ts", "model")} | texts
