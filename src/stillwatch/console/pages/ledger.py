"""The ledger: its entries, page by page, and whether it is sound."""

from stillwatch.console.scans.listing import whole
from stillwatch.console.web.answer import Answer, Page
from stillwatch.console.web.visit import Visit
from stillwatch.sharing.ledger.ledger import Ledger

_PAGE = 100


def ledger(visit: Visit) -> Answer:
    """The latest entries, or those before an index; of one kind if asked. With ``verify`` every byte is checked."""
    kind = visit.query.get("kind") or None
    with Ledger.read(visit.desk.ledger_path) as opened:
        size = opened.size
        before = min(size, whole(visit.query.get("before", ""), size))
        start = 0 if kind else max(0, before - _PAGE)
        entries = [entry for entry in opened.entries(start, kind) if entry.index < before][-_PAGE:]
        findings = opened.verify() if "verify" in visit.query else None
        root = opened.root().hex()
    data = {"size": size, "root": root, "entries": entries[::-1], "verified": findings is not None, "findings": findings or []}
    return Page("ledger.html", "Ledger", data, {"kind": kind, "first": entries[0].index if entries else 0})
