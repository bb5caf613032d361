"""The routes: address, page, and the right that it asks for; no right means that strangers are let in.

Every GET route has a JSON twin under the same address with ``.json``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from stillwatch.case.cases import ATTACHMENT_BYTES
from stillwatch.console.access.role import Right
from stillwatch.console.pages import (
    accounts,
    appeals,
    attribution,
    campaign,
    campaigns,
    cases,
    dossiers,
    feed,
    gateway,
    hub,
    hub_appeals,
    ledger,
    networks,
    overview,
    replays,
    samples,
    shares,
    sign_in,
    users,
)
from stillwatch.console.web.answer import Answer
from stillwatch.console.web.form import MOST_BYTES
from stillwatch.console.web.visit import Visit


@dataclass(frozen=True)
class Stop:
    """A route; ``most_bytes`` is how long its form may be."""

    path: str
    page: Callable[[Visit], Answer]
    right: Right | None = Right.LOOK
    method: str = "GET"
    most_bytes: int = MOST_BYTES


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
    Stop("/networks/{id}", networks.network),
    Stop("/cases", cases.cases),
    Stop("/cases/{case}", cases.case),
    Stop("/shares", shares.shares),
    Stop("/shares/{sha}", shares.share),
    Stop("/feed", feed.feed),
    Stop("/feed/{id}", feed.thing),
    Stop("/feed/{id}/opinion", feed.opinion),
    Stop("/hub", hub.hub),
    Stop("/gateway", gateway.gateway),
    Stop("/gateway/account", gateway.account),
    Stop("/gateway/replays", replays.replays),
    Stop("/gateway/replays/{number}", replays.replay),
    Stop("/appeals", appeals.appeals),
    Stop("/appeals/{number}", appeals.appeal),
    Stop("/hub/appeals/{id}", hub_appeals.appeal),
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
    Stop("/shares/{sha}/send", shares.send, Right.APPROVE, "POST"),
    Stop("/campaigns/{id}/withdraw", shares.withdraw, Right.PROPOSE, "POST"),
    Stop("/feed/fetch", feed.fetch, Right.FETCH, "POST"),
    Stop("/feed/{id}/opinion", feed.say, Right.PROPOSE, "POST"),
    Stop("/shares/{sha}/decline", shares.decline, Right.APPROVE, "POST"),
    Stop("/cases", cases.open_case, Right.JUDGE, "POST"),
    Stop("/cases/{case}", cases.change, Right.JUDGE, "POST"),
    Stop("/cases/{case}/attachments", cases.attach, Right.JUDGE, "POST", ATTACHMENT_BYTES + MOST_BYTES),
    Stop("/cases/{case}/dossier", dossiers.dossier, Right.JUDGE, "POST"),
    Stop("/cases/{case}/judge", attribution.judge, Right.JUDGE, "POST"),
    Stop("/cases/{case}/dissent", attribution.dissent, Right.JUDGE, "POST"),
    Stop("/networks", networks.link, Right.JUDGE, "POST"),
    Stop("/networks/{id}", networks.name, Right.JUDGE, "POST"),
    Stop("/gateway/replays", replays.ask, Right.TRY, "POST"),
    Stop("/appeals", appeals.take_in, Right.TAKE_IN, "POST"),
    Stop("/appeals/pardons", appeals.take_back, Right.PARDON, "POST"),
    Stop("/appeals/{number}", appeals.decide, Right.PARDON, "POST"),
    Stop("/hub/appeals", hub_appeals.open_appeal, Right.PARDON, "POST"),
    Stop("/hub/appeals/{id}", hub_appeals.change, Right.PARDON, "POST"),
    Stop("/users/add", users.add, Right.ADMINISTER, "POST"),
    Stop("/users/remove", users.remove, Right.ADMINISTER, "POST"),
)

_SAVED = (Stop("/cases/{case}/attachments/{attachment}", cases.attachment),)
"""What is handed out to be saved has no twin."""

ROUTES: tuple[Stop, ...] = (*(replace(stop, path=f"{stop.path}.json") for stop in _READ), *_READ, *_SAVED, *_WRITTEN)
"""All routes in the order in which they are tried."""
