"""The routes: address, page, and the right that it asks for; no right means that strangers are let in.

Every GET route has a JSON twin under the same address with ``.json``.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from stillwatch.console.access.role import Right
from stillwatch.console.pages import accounts, campaign, campaigns, overview, sign_in, users
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
    Stop("/users", users.users, Right.ADMINISTER),
)
_WRITTEN = (
    Stop("/sign-in", sign_in.sign_in, None, "POST"),
    Stop("/sign-in/passkey/options", sign_in.passkey_options, None, "POST"),
    Stop("/sign-in/passkey", sign_in.passkey, None, "POST"),
    Stop("/sign-out", sign_in.sign_out, Right.LOOK, "POST"),
    Stop("/me/passkey/options", sign_in.new_passkey_options, Right.LOOK, "POST"),
    Stop("/me/passkey", sign_in.new_passkey, Right.LOOK, "POST"),
    Stop("/users/add", users.add, Right.ADMINISTER, "POST"),
    Stop("/users/remove", users.remove, Right.ADMINISTER, "POST"),
)

ROUTES: tuple[Stop, ...] = (*(replace(stop, path=f"{stop.path}.json") for stop in _READ), *_READ, *_WRITTEN)
"""All routes in the order in which they are tried."""
