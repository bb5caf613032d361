"""Single sign-on against a provider that works as OpenID Connect says, and against answers that do not hold."""

from urllib.parse import urlsplit

import pytest
from joserfc.jwk import ECKey

from stillwatch.console.access.oidc import IdentityProvider, read_settings
from stillwatch.console.access.role import Role

from .oidc_provider import CLIENT, ISSUER, SECRET, Provider
from .world import NOW, Browser, desk_at

SETTINGS = f"""
issuer = "{ISSUER}"
client_id = "{CLIENT}"
client_secret_file = "secret.txt"
[roles]
analysts = "analyst"
lawyers = "counsel"
"""


@pytest.fixture
def provider():
    return Provider(lambda: NOW)


@pytest.fixture
def desk(tmp_path, provider):
    (tmp_path / "oidc.toml").write_text(SETTINGS)
    (tmp_path / "secret.txt").write_text(f"{SECRET}\n")
    origin = "http://localhost:8042"
    known = IdentityProvider(read_settings(tmp_path / "oidc.toml"), tmp_path, origin, provider.transport)
    return desk_at(tmp_path, sources={"provider": known})


def came_back(desk, provider):
    """A browser that has been to the provider, and where it was sent back to."""
    browser = Browser(desk)
    browser.get("/sign-in")
    return browser, provider.signs_in(browser.get("/sign-in/oidc").headers["location"])


def local(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def test_whom_the_provider_vouches_for_is_signed_in_with_the_role_of_its_group(desk, provider):
    browser, back = came_back(desk, provider)
    assert back.startswith("http://localhost:8042/sign-in/callback?")
    before = browser.client.cookies.get("stillwatch-console-8042")
    assert browser.get(local(back)).headers["location"] == "/overview"
    assert browser.client.cookies.get("stillwatch-console-8042") != before
    assert browser.json("/me")["role"] == "analyst"
    assert [(p.name, p.source) for p in desk.people.all() if p.source != "local"] == [("ada@example.test", ISSUER)]


def test_the_strongest_of_several_roles_counts_and_it_is_taken_anew_each_time(desk, provider):
    provider.claims["groups"] = ["lawyers", "analysts", "others", 7]
    browser, back = came_back(desk, provider)
    browser.get(local(back))
    assert browser.json("/me")["role"] == Role.COUNSEL
    provider.claims["groups"] = "analysts"
    again, back = came_back(desk, provider)
    again.get(local(back))
    assert again.json("/me")["role"] == browser.json("/me")["role"] == Role.ANALYST


@pytest.mark.parametrize(
    "forged",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"aud": None},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": NOW - 3600},
        {"exp": None},
        {"groups": ["others"]},
        {"groups": None},
        {"groups": {"analysts": True}},
    ],
)
def test_a_token_that_does_not_hold_lets_nobody_in(desk, provider, forged):
    provider.forged = forged
    browser, back = came_back(desk, provider)
    answer = browser.get(local(back))
    assert answer.status_code == 403 and "Traceback" not in answer.text
    assert browser.get("/me").status_code == 303


def test_a_token_signed_by_a_strangers_key_or_by_none_lets_nobody_in(desk, provider):
    provider.key = ECKey.generate_key("P-256", {"kid": "one"})
    for algorithm in ("ES256", "none"):
        provider.algorithm = algorithm
        browser, back = came_back(desk, provider)
        assert browser.get(local(back)).status_code == 403


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(desk, provider):
    browser, back = came_back(desk, provider)
    stranger = Browser(desk)
    stranger.get("/sign-in")
    assert stranger.get(local(back)).status_code == 403
    assert browser.get(f"{local(back)}x").status_code == 403
    browser, back = came_back(desk, provider)
    assert browser.get(local(back)).status_code == 303
    assert browser.get(local(back)).status_code == 403


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=x", "?error=access_denied"])
def test_a_callback_that_nobody_asked_for_is_refused(desk, query):
    assert Browser(desk).get(f"/sign-in/callback{query}").status_code == 403


def test_a_provider_that_is_away_or_names_another_issuer_is_a_clear_page(desk, provider):
    provider.silent = True
    answer = Browser(desk).get("/sign-in/oidc")
    assert answer.status_code == 500 and "does not answer" in answer.text


def test_a_local_user_of_the_same_name_is_not_taken_over(desk, provider):
    desk.people.add("ada@example.test", Role.VIEWER, "a synthetic password", NOW)
    browser, back = came_back(desk, provider)
    assert browser.get(local(back)).status_code == 400
    assert browser.get("/me").status_code == 303
