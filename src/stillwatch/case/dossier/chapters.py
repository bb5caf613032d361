"""The dossier in chapters: sentences and tables in the order in which counsel reads them, the same for page and paper.

Rules: observation, inference and what speaks against stand in chapters of their own; each chapter says at its head what it is. A
table that is cut says how many rows are left out and where they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stillwatch.attribution.actor import Actor
from stillwatch.attribution.grade import Grade
from stillwatch.attribution.hypothesis import ALWAYS
from stillwatch.attribution.naming import Naming
from stillwatch.campaigns.report.wording import bits, many, moment
from stillwatch.case.dossier.dossier import Behind, Dossier

ROWS = 300
"""The most rows of a table of accounts or actions that page and paper show; the JSON has all."""


@dataclass(frozen=True)
class Table:
    """Headings and rows; ``widths`` are relative. ``caption`` says what is in it."""

    headings: tuple[str, ...]
    widths: tuple[int, ...]
    rows: Sequence[tuple[str, ...]]
    caption: str = ""


@dataclass(frozen=True)
class Chapter:
    """A title, what the chapter is, and its tables; ``words`` are paragraphs before them."""

    title: str
    about: str
    words: Sequence[str] = ()
    tables: Sequence[Table] = field(default_factory=tuple)


def title(dossier: Dossier) -> str:
    """What the document is called."""
    return f"Dossier {dossier.case.name}"


def chapters(dossier: Dossier) -> list[Chapter]:
    """All chapters, in order."""
    return [chapter(dossier) for chapter in _CHAPTERS]


def _summary(d: Dossier) -> Chapter:
    case = d.case
    facts = [
        ("Case", f"{case.name}: {case.title}"),
        ("State", f"{case.state}, version {case.version}, opened {moment(case.opened)}, last changed {moment(case.updated)}"),
        ("Assigned to", case.assignee or "nobody"),
        ("Extent", f"{many(case.accounts, 'account')}, {many(case.requests, 'request')}, severity {case.severity}"),
        ("Took in", ", ".join(each.name for each in d.merged) or "no other case"),
        ("Litigation hold", "stands" if case.held else "none stands"),
        ("Kept until", moment(case.retain_until) if case.retain_until else "not limited while the case is open"),
        ("Last decision", _last_decision(d)),
        ("Who is behind it", _judged(d.behind)),
        ("Made", f"{moment(d.made)} by {d.by}, with Stillwatch {d.version}"),
    ]
    about = (
        "This document records what was observed in traffic, what was inferred from it and by whom, and what speaks against it. "
        "It proves nothing by itself: an indication is not a finding of law, and each provider decides alone."
    )
    return Chapter("Summary", about, (), (Table(("", ""), (2, 9), facts),))


def _last_decision(d: Dossier) -> str:
    if not d.decisions:
        return "none yet"
    last = d.decisions[-1]
    return f"{last.after}, by {last.by} on {moment(last.at)}: {last.reason}"


def _judged(behind: Behind | None) -> str:
    if behind is None or behind.judgement is None:
        return "not judged; unknown, a reseller, an authorised user and a look-alike all remain possible"
    judged = behind.judgement
    names = {weight.hypothesis: weight.name for weight in behind.weights}
    departs = "; departs from what was computed" if judged.departs else ""
    dissent = f"; {many(len(behind.dissents), 'dissent')}" if behind.dissents else ""
    return f"{names[judged.hypothesis]}: {judged.told}, confidence {judged.confidence}, {judged.analyst}{departs}{dissent}"


def _observed(d: Dossier) -> Chapter:
    about = "What was counted or seen, without a conclusion. Each line points into a source of the chapter on custody."
    rows = [(o.ref, o.statement, f"{o.accounts:,}", f"{o.requests:,}", o.where) for o in d.observations]
    table = Table(("no.", "observed", "accounts", "requests", "where it stands"), (1, 9, 2, 2, 6), rows)
    return Chapter("Observations", about, (), (table,))


def _inferred(d: Dossier) -> Chapter:
    about = (
        "What the program concludes from the observations. Weights are bits: log2 of how much more often hostile traffic looks "
        "like this than innocent traffic. They are judgements of a model, not observations."
    )
    rows = [(i.ref, i.statement, i.weight, ", ".join(i.rests_on) or "-", i.where) for i in d.inferences]
    table = Table(("no.", "inferred", "weight", "rests on", "where it stands"), (1, 7, 5, 3, 5), rows)
    return Chapter("Inferences", about, (), (table,))


def _opposed(d: Dossier) -> Chapter:
    about = "Innocent explanations, also those that were found too light; signs against; what was not looked at; the rate of error."
    rows = [(a.ref, a.kind, a.statement, a.weight, a.where) for a in d.against]
    table = Table(("no.", "kind", "what speaks against", "weight", "where it stands"), (1, 3, 8, 4, 5), rows)
    return Chapter("What speaks against it", about, (), (table,))


def _attributed(d: Dossier) -> Chapter:
    about = (
        "A judgement by named people over competing hypotheses. Likelihoods are told in the words and ranges of ICD 203; "
        "confidence is how well founded the judgement is, which is another thing."
    )
    if d.behind is None:
        words = [f"Nobody has weighed this yet. What always stands: {'; '.join(each.name for each in ALWAYS)}."]
        return Chapter("Who is behind it", about, words, tuple(_networks(d.actors)))
    tables = (_weights(d.behind), _items(d.behind), _what_if(d.behind), *_dissents(d), *_networks(d.actors))
    return Chapter("Who is behind it", about, _judgement(d.behind), tables)


def _judgement(behind: Behind) -> list[str]:
    names = {weight.hypothesis: weight.name for weight in behind.weights}
    low, high = (f"{value * 100:.0f}" for value in behind.span)
    computed = (
        f"By computation {names[behind.leader]} leads; if any one item or group were false, it would hold {low} to {high} % of the "
        f"probability. It hangs on {', '.join(behind.linchpins) or 'no single item'}."
    )
    if behind.judgement is None:
        return [computed, "Nobody has judged this yet."]
    judged = behind.judgement
    departs = " The judgement departs from the computation." if judged.departs else ""
    said = f"{judged.analyst} judged on {moment(judged.at)}, with {judged.confidence} confidence, for {names[judged.hypothesis]}"
    return [computed, f"{said}: {judged.told}. Reason: {judged.reason}{departs}"]


def _weights(behind: Behind) -> Table:
    rows = [(weight.name, f"{bits(weight.bits)} bits", weight.told) for weight in behind.weights]
    return Table(("hypothesis", "relative to unknown", "likelihood"), (6, 3, 8), rows, "Hypotheses")


def _items(behind: Behind) -> Table:
    rows = []
    for item in behind.items:
        weights = ", ".join(f"{name} {bits(value)} of {bits(item.bits[name])}" for name, value in item.effective().items())
        why = f"struck: {item.struck}" if item.struck else item.because
        rows.append(
            (item.id, item.statement, f"{item.grade}: {Grade.read(item.grade).words}", item.group, weights or "0", why, item.source)
        )
    headings = ("item", "what it says", "grade", "group", "bits that count, of bits", "because", "source")
    return Table(headings, (3, 6, 4, 3, 4, 5, 4), rows, "Items of evidence; those of one group rest on one root and count once")


def _what_if(behind: Behind) -> Table:
    names = {weight.hypothesis: weight.name for weight in behind.weights}
    rows = [
        (each.struck, each.what, names[each.leader], f"{each.probability * 100:.0f} %", "yes" if each.changes else "no")
        for each in behind.without
    ]
    headings = ("if this were false", "what it is", "then leads", f"left to {names[behind.leader]}", "changes the judgement's word")
    return Table(headings, (5, 2, 5, 4, 4), rows, "What if an item, or a group, were false?")


def _dissents(d: Dossier) -> list[Table]:
    assert d.behind is not None
    rows = [(each.by, moment(each.at), each.hypothesis, each.reason, "now") for each in d.behind.dissents]
    rows += [(each.by, moment(each.at), each.hypothesis, each.reason, "an earlier assessment") for each in d.earlier]
    return [Table(("by", "on", "holds likelier", "because", "from"), (3, 3, 3, 8, 3), rows, "Dissent")] if rows else []


def _networks(actors: Sequence[Actor]) -> list[Table]:
    rows = [
        (
            actor.name,
            actor.id,
            many(len(actor.campaigns), "campaign"),
            "; ".join(actor.links),
            "; ".join(map(_named, actor.namings)),
        )
        for actor in actors
    ]
    headings = ("network", "id", "campaigns", "held together by", "named by people")
    return [Table(headings, (2, 4, 2, 8, 6), [(*row[:4], row[4] or "nobody") for row in rows], "Networks")] if rows else []


def _named(naming: Naming) -> str:
    said = f"{naming.organisation}: proposed by {naming.analyst} on {moment(naming.at)} ({naming.reason})"
    if naming.agreed is not None:
        said += f", {'agreed' if naming.agreed else 'declined'} by {naming.reviewer} ({naming.review_reason})"
    if naming.withdrawn_at:
        return f"{said}, withdrawn by {naming.withdrawn_by} ({naming.withdrawn_because})"
    return said if naming.stands else f"{said}; it does not stand"


def _decided(d: Dossier) -> Chapter:
    rows = [
        (f"D{n}", moment(each.at), each.by, f"{each.before} to {each.after}", each.reason) for n, each in enumerate(d.decisions, 1)
    ]
    tables = [Table(("no.", "on", "by", "state", "reason"), (1, 4, 3, 4, 10), rows)] if rows else []
    return Chapter("Decisions", "Who decided what, when and why.", () if rows else ["Nothing was decided yet."], tables)


def _remarked(d: Dossier) -> Chapter:
    remarks = [(moment(each.at), each.by, each.text) for each in d.comments]
    files = [(str(each.id), each.name, each.media_type, f"{each.size:,}", each.by, each.sha256) for each in d.attachments]
    tables = [Table(("on", "by", "remark"), (4, 3, 14), remarks, "Remarks")] if remarks else []
    if files:
        tables.append(Table(("id", "name", "type", "bytes", "by", "SHA-256"), (1, 4, 3, 2, 3, 8), files, "Attachments"))
    return Chapter("Remarks and attachments", "What people added.", () if tables else ["Nothing was added."], tables)


def _kept(d: Dossier) -> Chapter:
    about = "Where everything came from, who handled it, and how to see that nothing was changed since."
    sources = [
        (s.ref, s.path, s.sha256, s.accounts_sha256 or "not there", f"{moment(s.taken)}, {s.by}", f"{s.made_with}; {s.campaign_id}")
        for s in d.sources
    ]
    headings = ("no.", "campaigns.json", "SHA-256", "of accounts.parquet beside it", "taken in", "made with; campaign")
    tables = [Table(headings, (1, 5, 6, 6, 4, 6), sources, "Sources")]
    if d.annexes:
        tables.append(Table(("annex", "SHA-256"), (5, 10), list(d.annexes.items()), "Annexes"))
    holds = [
        (
            f"{h.id}",
            "everything" if h.case is None else f"case-{h.case}",
            f"{moment(h.at)}, {h.by}",
            h.reason,
            _lifted(h.lifted_at, h.lifted_by),
        )
        for h in d.holds
    ]
    if holds:
        tables.append(Table(("hold", "on", "placed", "reason", "lifted"), (1, 3, 5, 8, 5), holds, "Litigation holds"))
    tables += [_history(d), *_ledger(d)]
    return Chapter("Chain of custody", about, [_soundness(d)], tables)


def _lifted(at: str | None, by: str | None) -> str:
    return f"{moment(at)}, {by}" if at else "it stands"


def _soundness(d: Dossier) -> str:
    if d.history_faults:
        return f"The history does NOT fit together: {'; '.join(d.history_faults)}."
    return (
        "Each action is bound to the one before it by SHA-256; the history was checked when this was made and fits together. "
        "The ledger holds the digests too, and `stillwatch ledger verify` checks it."
    )


def _history(d: Dossier) -> Table:
    shown = d.history[-ROWS:]
    rows = [(f"case-{a.case}", str(a.place), moment(a.at), a.by, a.action, a.digest) for a in shown]
    cut = f"; the first {len(d.history) - ROWS:,} are in the JSON" if len(d.history) > ROWS else ""
    return Table(("case", "no.", "on", "by", "action", "SHA-256"), (2, 1, 4, 3, 2, 9), rows, f"Actions{cut}")


def _ledger(d: Dossier) -> list[Table]:
    rows = [(str(each.index), moment(each.time), each.kind, each.actor) for each in d.ledger[-ROWS:]]
    return [Table(("entry", "on", "kind", "by"), (1, 4, 3, 4), rows, "Entries of the ledger about this case")] if rows else []


def _accounts(d: Dossier) -> Chapter:
    about = (
        "The rows of accounts.parquet, by which the provider finds the requests in its own logs. Bits per signal are in the JSON."
    )
    rows = [
        (
            r.account_id,
            str(r.row),
            r.campaign_id,
            _figure(r.figures, "requests"),
            _figure(r.figures, "harvest_bits"),
            _span(r.figures),
        )
        for r in d.accounts[:ROWS]
    ]
    cut = f"The first {ROWS:,} of {len(d.accounts):,}; all are in the JSON" if len(d.accounts) > ROWS else ""
    headings = ("account", "row", "campaign", "requests", "harvest bits", "first and last request")
    words = [] if rows else ["No table of accounts was beside the source."]
    return Chapter("Annex: accounts", about, words, [Table(headings, (5, 1, 6, 2, 2, 6), rows, cut)] if rows else [])


def _figure(figures: dict[str, object], name: str) -> str:
    value = figures.get(name)
    return (
        f"{value:,.1f}"
        if isinstance(value, float)
        else "-"
        if value is None
        else f"{value:,}"
        if isinstance(value, int)
        else str(value)
    )


def _span(figures: dict[str, object]) -> str:
    return " to ".join(str(figures[name]) for name in ("first_seen", "last_seen") if figures.get(name))


_CHAPTERS: tuple[Callable[[Dossier], Chapter], ...] = (
    _summary,
    _observed,
    _inferred,
    _opposed,
    _attributed,
    _decided,
    _remarked,
    _kept,
    _accounts,
)
