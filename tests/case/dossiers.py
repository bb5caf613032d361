"""A synthetic case with everything that a dossier shows."""

from pathlib import Path

from stillwatch.attribution.assessment import Assessment, dissented, judged
from stillwatch.attribution.traffic_items import items_of
from stillwatch.case.cases import Cases
from stillwatch.case.dossier.dossier import Dossier, Record, compiled
from stillwatch.case.entry import storable
from stillwatch.case.source import read_scan
from tests.case.synthetic import ANN, BO, NOW, campaign, scanned


def full(folder: Path, text: str = "A synthetic remark.", statement: str = "") -> Dossier:
    """A dossier of a case that was merged, assessed, dissented from, decided, held; ``text`` stands wherever people enter text."""
    with Cases.open(str(folder / "cases.sqlite")) as store:
        store.add(read_scan(scanned(folder / "out", campaign(1, statement=statement), campaign(2))), ANN, NOW)
        store.merge(1, [2], text, ANN, NOW)
        store.comment(1, text, BO, NOW)
        store.attach(1, text.replace("\n", " ")[:200], "text/plain", b"synthetic", BO, NOW)
        store.decide(1, "triaged", text, ANN, NOW)
        store.hold(1, text, BO, NOW)
        text = storable(text)
        drawn = Assessment(subject="case-1", items=items_of(campaign(1), "S1#/campaigns/0"))
        made = judged(drawn, "unknown", "moderate", text, ANN, NOW)
        store.assess(1, dissented(made, "reseller", text, BO, NOW), ANN, NOW)
        file = store.file(1)
        rows = {shot.id: store.accounts(shot.id) for shot in file.campaigns}
        return compiled(
            file, rows, store.actors(), ANN, "0.0", NOW, ledger=[Record(3, "2026-11-02T09:00:00Z", "decision", ANN, {})]
        )
