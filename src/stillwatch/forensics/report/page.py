"""The page: an examination as one self-contained HTML file for a person.

Rules: nothing is fetched, nothing runs: no script, no address, one style sheet whose hash the page's content security policy names.
Every text is escaped by Jinja and made visible. A finding without a number shows none; every finding shows what it does not show.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from stillwatch.forensics.examination.result import Examination, Examined
from stillwatch.forensics.finding import Finding
from stillwatch.forensics.report import drawing, wording
from stillwatch.forensics.report.explanations import Explanation, innocent, not_shown, not_shown_at_all
from stillwatch.vocabulary.printable import visible


@dataclass(frozen=True)
class Section:
    """One finding as the page shows it."""

    number: int
    examined: Examined
    shown: bool
    innocent: tuple[Explanation, ...]
    not_shown: tuple[str, ...]
    bar: Markup
    growth: Markup


def render(examination: Examination) -> str:
    """The page as HTML."""
    environment = _environment()
    css = _source(environment, "report.css")
    sections = [_section(number, one, examination.alpha) for number, one in enumerate(examination.findings, start=1)]
    return environment.get_template("page.html").render(
        e=examination,
        headline=wording.headline(examination.verdict.level, examination.suspect),
        sections=sections,
        not_shown=not_shown_at_all(*([one.examined.finding.mechanism for one in part] for part in (_shown(sections), sections))),
        words=wording,
        css=Markup(css),
        css_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
    )


def _shown(sections: Sequence[Section]) -> list[Section]:
    return [section for section in sections if section.shown]


def _section(number: int, examined: Examined, alpha: float) -> Section:
    finding = examined.finding
    shown = finding.level != "insufficient"
    return Section(
        number,
        examined,
        shown,
        innocent(finding.mechanism) if shown else (),
        not_shown(finding.mechanism, shown=shown),
        _bar(finding),
        drawing.growth(examined.wealth, alpha),
    )


def _bar(finding: Finding) -> Markup:
    """The preference drawn, for the mechanisms that measure one."""
    if not finding.mechanism.startswith("twins") or finding.effect is None or finding.interval is None:
        return Markup("")
    return drawing.preference_bar(finding.effect, finding.interval.lower, finding.interval.upper)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("stillwatch.forensics.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalised,
    )


def _finalised(value: object) -> object:
    """What an expression of a template puts on the page: markup as it is, text made visible."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _source(environment: Environment, name: str) -> str:
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]
