"""Signing in and out: by password, passkey, or an identity provider; and one's own page, where passkeys are added."""

from urllib.parse import urlsplit

from stillwatch.console.access.oidc import IdentityProvider
from stillwatch.console.access.role import Right
from stillwatch.console.missing import not_set_up
from stillwatch.console.web.answer import Answer, Json, Page, Redirect, SignedIn, SignedOut
from stillwatch.console.web.visit import STRANGER, Visit
from stillwatch.errors import RefusedByPolicy

FIRST = "/overview"


def form(visit: Visit) -> Answer:
    """The sign-in page; who is signed in goes on."""
    target = local(visit.query.get("next", ""))
    return Redirect(target) if visit.person is not STRANGER else _form(visit, target, "")


def sign_in(visit: Visit) -> Answer:
    """Check name and password; after too many failures, neither is looked at."""
    name, target = visit.word("name", 200), local(visit.form.get("next", ""))
    left = visit.desk.lockout.seconds_left(name, visit.place, visit.now)
    if left:
        minutes = -(-left // 60)
        return _form(visit, target, f"Too many failed attempts. Try again in {minutes} minutes.", 429)
    if not visit.desk.people.knows(name, visit.form.get("password", "")):
        visit.desk.lockout.failed(name, visit.place, visit.now)
        return _form(visit, target, "Name and password do not fit.", 403)
    visit.desk.lockout.succeeded(name)
    return SignedIn(name, "password", target)


def sign_out(visit: Visit) -> Answer:
    """End the login record."""
    return SignedOut()


def passkey_options(visit: Visit) -> Answer:
    """What the browser signs."""
    return Json({"publicKey": visit.desk.passkeys.asking(visit.cookie, visit.now)})


def passkey(visit: Visit) -> Answer:
    """Check what the browser signed."""
    left = visit.desk.lockout.seconds_left("", visit.place, visit.now)
    if left:
        raise RefusedByPolicy("too many failed attempts", place="passkey", cure=f"try again in {left} seconds")
    user = visit.desk.passkeys.user(visit.cookie, visit.form.get("answer", ""), visit.now)
    return SignedIn(user, "passkey", local(visit.form.get("next", "")), as_json=True)


def to_provider(visit: Visit) -> Answer:
    """Send the browser to the identity provider."""
    return Redirect(_provider(visit).address(visit.desk.challenges, visit.cookie, visit.now))


def from_provider(visit: Visit) -> Answer:
    """Take in whom the provider vouches for."""
    vouched = _provider(visit).vouched(visit.desk.challenges, visit.cookie, visit.query, visit.now)
    visit.desk.people.vouched(vouched.name, vouched.role, vouched.issuer, visit.now)
    return SignedIn(vouched.name, "single sign-on", FIRST)


def me(visit: Visit) -> Answer:
    """The user's own page."""
    person = visit.person
    data = {"name": person.name, "role": person.role, "rights": [right for right in Right if person.may(right)]}
    return Page("me.html", person.name, data, {"passkeys_possible": visit.desk.passkeys.possible})


def new_passkey_options(visit: Visit) -> Answer:
    """What the browser needs to make a passkey."""
    return Json({"publicKey": visit.desk.passkeys.adding(visit.person.name, visit.cookie, visit.now)})


def new_passkey(visit: Visit) -> Answer:
    """Keep the passkey that the browser made."""
    visit.desk.passkeys.add(visit.person.name, visit.cookie, visit.form.get("answer", ""), visit.word("label", 80), visit.now)
    return Json({"address": "/me?said=passkey-added"})


def local(target: str) -> str:
    """The address if it is one of this console, else that of the overview.

    >>> local("/campaigns?page=2"), local("//elsewhere.example"), local("https://elsewhere.example/"), local("/sign-in")
    ('/campaigns?page=2', '/overview', '/overview', '/overview')
    """
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    safe = inside and all(" " < c < "\x7f" and c != "\\" for c in target)
    return target if safe and not target.startswith("/sign-") else FIRST


def _form(visit: Visit, target: str, wrong: str, status: int = 200) -> Page:
    provider = visit.desk.provider
    data = {
        "wrong": wrong,
        "password": True,
        "passkey": visit.desk.passkeys.possible,
        "provider": provider and provider.settings.label,
    }
    return Page("sign_in.html", "Sign in", data, {"target": target, "name": visit.word("name", 200)}, status)


def _provider(visit: Visit) -> IdentityProvider:
    if visit.desk.provider is None:
        raise not_set_up("an identity provider", "--oidc FILE")
    return visit.desk.provider
