"""Templates to HTML: the console's own, and those of the report, so that a campaign looks the same in both.

Rules: every text is escaped by Jinja and made visible by the report's finaliser. There is no script and no style inside a page.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader

from stillwatch.campaigns.report.page import QUESTIONS, environment
from stillwatch.console.access.role import Right
from stillwatch.console.web.answer import Page
from stillwatch.console.web.messages import SAYINGS
from stillwatch.console.web.static import Static
from stillwatch.console.web.visit import STRANGER, Visit

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


class Rendering:
    """The templates, with the names of static files."""

    def __init__(self, static: Static) -> None:
        self._static = static

    @cached_property
    def environment(self) -> Environment:
        """The templates with the words and drawings of the report."""
        made = environment(PackageLoader("stillwatch.console"))
        made.globals |= {"static": self._static.address, "questions": QUESTIONS, "navigation": NAVIGATION, "Right": Right}
        made.filters |= {"part": lambda text: quote(str(text), safe=""), "query": lambda values: urlencode(values)}
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
            "twin": twin,
            "form_token": form_token,
            "said": SAYINGS.get(visit.query.get("said", ""), ""),
            "now": visit.now,
        }
        return self.environment.get_template(page.template).render(context)
