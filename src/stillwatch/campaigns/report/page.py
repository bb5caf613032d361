"""The page: a scan's result as one self-contained HTML file for a person.

Rules: nothing is fetched, nothing runs: no script, no address, one style sheet whose hash the page's content security
policy names. Every text is escaped by Jinja and made visible by `printable`. What the page merges or omits, it says.

>>> run = Run("0", "", "", "local", 0, 0, 0, ("", ""), 0.01, [])
>>> "No campaign was found" in render(Campaigns(run, []), {})
True
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import zip_longest

from jinja2 import BaseLoader, ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillwatch.campaigns.campaign import Campaign, Campaigns, Evidence, Run
from stillwatch.campaigns.detail import Detail, Shared
from stillwatch.campaigns.report import graph, summary, timeline, waterfall, wording
from stillwatch.vocabulary.printable import visible

QUESTIONS = {
    "coordination": "Coordination: is one hand behind accounts that pretend to be many?",
    "harvest": "Harvest: is this traffic a training set in the making?",
}
"""The two questions that every group of accounts is asked; each has a sum of bits of its own."""


@dataclass(frozen=True)
class Section:
    """All that the page shows of one campaign; ``number`` is its place on the page, from 1."""

    number: int
    campaign: Campaign
    waterfalls: dict[str, waterfall.Waterfall]
    scale: waterfall.Scale
    uncounted: list[Evidence]
    timeline: timeline.Timeline | None
    graph: graph.Graph | None
    shared: list[Shared]
    account_requests: list[tuple[str, int | None]]

    @property
    def name(self) -> str:
        """What the page calls the campaign."""
        return f"campaign {self.number}"


def render(result: Campaigns, details: Mapping[str, Detail]) -> str:
    """The page as HTML; ``details`` by campaign id, a campaign without detail is shown without timeline and graph."""
    ordered = summary.by_severity(result.campaigns)
    pages = environment()
    css = style_sheet()
    return pages.get_template("page.html").render(
        run=result.run,
        facts=facts(result.run),
        headline=summary.headline(ordered),
        sections=[section(number, c, details.get(c.id)) for number, c in enumerate(ordered, start=1)],
        explained=summary.by_severity(result.explained),
        questions=QUESTIONS,
        css=Markup(css),
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    )


def section(number: int, campaign: Campaign, detail: Detail | None) -> Section:
    """What is shown of a campaign at this place on a page; without a detail, no timeline and no graph."""
    totals = {"coordination": campaign.coordination_bits, "harvest": campaign.harvest_bits}
    falls = {
        question: waterfall.waterfall([e for e in campaign.evidence if e.question == question], total)
        for question, total in totals.items()
    }
    shared = detail.shared if detail else []
    return Section(
        number,
        campaign,
        falls,
        waterfall.common_scale(falls.values()),
        [e for e in campaign.evidence if e.question not in totals],
        timeline.timeline(detail.timeline) if detail else None,
        graph.account_graph(shared, len(campaign.accounts)),
        graph.by_weight(shared),
        list(zip_longest(campaign.accounts, detail.account_requests if detail else [])),
    )


def facts(run: Run) -> dict[str, str]:
    """What a scan read, when, and with what, in words."""
    first, last = run.window
    return {
        "Requests": wording.number(run.requests),
        "Accounts": wording.number(run.accounts),
        "Window": f"{wording.moment(first)} to {wording.moment(last)}",
        "Rows that could not be read": f"{wording.number(run.rejected_rows)}{_rejected_share(run)}",
        "Scanned": f"{wording.moment(run.started)} to {wording.moment(run.finished)}",
        "Made by": f"Stillwatch {run.version}, engine {run.engine}",
    }


def _rejected_share(run: Run) -> str:
    if not run.rejected_rows:
        return ""
    return f" ({wording.share(run.rejected_rows / (run.rejected_rows + run.requests))} of all; see rejected.jsonl)"


def environment(*loaders: BaseLoader) -> Environment:
    """The templates of the report, after those of ``loaders``, with all the words and drawings that they use."""
    made = Environment(
        loader=ChoiceLoader([*loaders, PackageLoader("stillwatch.campaigns.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalised,
    )
    made.globals |= {"words": wording, "summary": summary, "waterfall": waterfall}
    made.globals |= {"draw_timeline": timeline.draw, "draw_graph": graph.draw}
    return made


def _finalised(value: object) -> object:
    """What an expression of a template puts on the page: markup as it is, text made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def style_sheet() -> str:
    """The style sheet of the report."""
    return resources.files("stillwatch.campaigns.report").joinpath("templates/report.css").read_text("utf-8")
