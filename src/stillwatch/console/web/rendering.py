"""Templates to HTML: the console's own, and those of the report, so that a campaign looks the same in both.

Rules: every text is escaped by Jinja and made visible by the report's finaliser. There is no script and no style inside a page.
"""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

from stillwatch.campaigns.report.page import QUESTIONS, environment
from stillwatch.console.access.role import Right
from stillwatch.console.web.answer import Page
from stillwatch.console.web.messages import SAYINGS
from stillwatch.console.web.static import Static
from stillwatch.console.web.visit import STRANGER, Visit
from stillwatch.vocabulary.printable import visible

_NAMED = re.compile(r"((?:indicator|identity)--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
NAVIGATION = {
    "/overview": "Overview",
    "/campaigns": "Campaigns",
    "/accounts": "Accounts",
    "/attribution": "Attribution",
    "/cases": "Cases",
    "/shares": "Shares",
    "/feed": "Feed",
    "/hub": "Hub",
    "/gateway": "Gateway",
    "/appeals": "Appeals",
    "/ledger": "Ledger",
}
"""The parts of the console, in the order of the work."""

_OF_HUB = ("/hub", "/appeals")
"""The parts that the operator of a hub has."""
_ELSEWHERE = {"/account": "/accounts", "/networks": "/attribution"}
"""Parts by the beginnings of addresses that are not their own."""


def part_of(address: str) -> str:
    """The part of the console to which an address belongs; empty if to none.

    >>> part_of("/networks/actor--1"), part_of("/campaigns/campaign--1/attribution"), part_of("/campaigns"), part_of("/me")
    ('/attribution', '/attribution', '/campaigns', '/me')
    """
    if address.startswith("/campaigns/") and address.endswith("/attribution"):
        return "/attribution"
    first = "/" + address.strip("/").partition("/")[0]
    return _ELSEWHERE.get(first, first)


def linked(text: object) -> Markup:
    """A text in which ids of indicators lead to the feed and ids of members are short; what stands around them is escaped.

    >>> linked("from identity--40e00512-5e72-43c4-96ab-a859bd0c3e2c <b>")
    Markup('from <span title="identity--40e00512-5e72-43c4-96ab-a859bd0c3e2c">member 40e00512</span> &lt;b&gt;')
    """
    parts = _NAMED.split(visible(str(text)))
    return Markup("").join(_link(part) if place % 2 else escape(part) for place, part in enumerate(parts))


def _link(name: str) -> Markup:
    kind, _, rest = name.partition("--")
    if kind == "identity":
        return Markup('<span title="{}">member {}</span>').format(name, rest[:8])
    return Markup('<a href="/feed/{}" title="{}">{} {}</a>').format(name, name, kind, rest[:8])


class Rendering:
    """The templates, with the names of static files."""

    def __init__(self, static: Static) -> None:
        self._static = static

    @cached_property
    def environment(self) -> Environment:
        """The templates with the words and drawings of the report."""
        made = environment(PackageLoader("stillwatch.console"))
        made.globals |= {"static": self._static.address, "questions": QUESTIONS, "Right": Right}
        made.filters.update(part=lambda text: quote(str(text), safe=""), query=urlencode, linked=linked)
        return made

    def html(self, page: Page, visit: Visit, address: str, twin: str, form_token: str) -> str:
        """The page for a visitor; ``twin`` is the address of its JSON."""
        context: Mapping[str, Any] = {
            **page.data,
            **page.shown,
            "title": page.title,
            "person": visit.person,
            "signed_in": visit.person is not STRANGER,
            "whose": visit.desk.whose,
            "part_here": part_of(address),
            "navigation": {each: NAVIGATION[each] for each in _OF_HUB} if visit.desk.only_hub else NAVIGATION,
            "twin": twin,
            "form_token": form_token,
            "said": SAYINGS.get(visit.query.get("said", ""), ""),
            "now": visit.now,
        }
        return self.environment.get_template(page.template).render(context)
