"""The routes: address, page, and the right that it asks for; no right means that strangers are let in.

Every GET route has a JSON twin under the same address with ``.json``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from stillwatch.console.access.role import Right
from stillwatch.console.pages import (
    accounts,
    attribution,
    campaign,
    campaigns,
    cases,
    feed,
    gateway,
    hub,
    ledger,
    overview,
    samples,
    shares,
    sign_in,
    users,
)
from stillwatch.console.web.answer import Answer
from stillwatch.console.web.visit import Visit


@dataclass(frozen=True)
class Stop:
    """A route."""

    path: str
    page: Callable[[Visit], Answer]
    right: Right | None = Right.LOOK
    method: str = "GET"


_READ = (
    Stop("/sign-in", sign_in.form, None),
    Stop("/sign-in/oidc", sign_in.to_provider, None),
    Stop("/sign-in/callback", sign_in.from_provider, None),
    Stop("/me", sign_in.me),
    Stop("/overview", overview.overview),
    Stop("/campaigns", campaigns.campaigns),
    Stop("/campaigns/{id}", campaign.campaign),
    Stop("/campaigns/{id}/graph", campaign.graph),
    Stop("/campaigns/{id}/timeline", campaign.timeline),
    Stop("/accounts", accounts.accounts),
    Stop("/account", accounts.account),
    Stop("/campaigns/{id}/share", shares.preview),
    Stop("/campaigns/{id}/attribution", attribution.of_campaign),
    Stop("/attribution", attribution.board),
    Stop("/cases", cases.cases),
    Stop("/cases/{case}", cases.case),
    Stop("/shares", shares.shares),
    Stop("/shares/{sha}", shares.share),
    Stop("/feed", feed.feed),
    Stop("/feed/{id}", feed.thing),
    Stop("/hub", hub.hub),
    Stop("/gateway", gateway.gateway),
    Stop("/gateway/account", gateway.account),
    Stop("/appeals", gateway.appeals),
    Stop("/ledger", ledger.ledger),
    Stop("/users", users.users, Right.ADMINISTER),
)
_WRITTEN = (
    Stop("/sign-in", sign_in.sign_in, None, "POST"),
    Stop("/sign-in/passkey/options", sign_in.passkey_options, None, "POST"),
    Stop("/sign-in/passkey", sign_in.passkey, None, "POST"),
    Stop("/sign-out", sign_in.sign_out, Right.LOOK, "POST"),
    Stop("/me/passkey/options", sign_in.new_passkey_options, Right.LOOK, "POST"),
    Stop("/me/passkey", sign_in.new_passkey, Right.LOOK, "POST"),
    Stop("/campaigns/{id}/samples", samples.of_campaign, Right.READ_TEXT, "POST"),
    Stop("/account/samples", samples.of_account, Right.READ_TEXT, "POST"),
    Stop("/campaigns/{id}/share", shares.propose, Right.PROPOSE, "POST"),
    Stop("/shares/{sha}/approve", shares.approve, Right.APPROVE, "POST"),
    Stop("/shares/{sha}/decline", shares.decline, Right.APPROVE, "POST"),
    Stop("/cases", cases.open_case, Right.JUDGE, "POST"),
    Stop("/cases/{case}", cases.change, Right.JUDGE, "POST"),
    Stop("/cases/{case}/judge", attribution.judge, Right.JUDGE, "POST"),
    Stop("/appeals", gateway.pardon, Right.PARDON, "POST"),
    Stop("/users/add", users.add, Right.ADMINISTER, "POST"),
    Stop("/users/remove", users.remove, Right.ADMINISTER, "POST"),
)

ROUTES: tuple[Stop, ...] = (*(replace(stop, path=f"{stop.path}.json") for stop in _READ), *_READ, *_WRITTEN)
"""All routes in the order in which they are tried."""
