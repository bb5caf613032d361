"""Who is let in: passwords, lock-out, cookies, form tokens, roles."""

import sqlite3

import pytest

from stillwatch.console.access.lockout import MOST_FAILURES, WINDOW_SECONDS
from stillwatch.console.access.login import IDLE_SECONDS
from stillwatch.console.access.role import Role
from stillwatch.console.web.routes import ROUTES

from .world import NOW, WORD, Browser, desk_at

COOKIE = "stillwatch-console-8042"

PLACES = {"{id}": "campaign--00000000-0000-5000-8000-000000000001", "{sha}": "0" * 64, "{case}": "case--1", "{number}": "1"}


def filled(path):
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return path


GUARDED = [stop for stop in ROUTES if stop.right is not None]
READ = [stop for stop in GUARDED if stop.method == "GET"]


@pytest.mark.parametrize("stop", GUARDED, ids=lambda stop: f"{stop.method} {stop.path}")
def test_a_stranger_sees_nothing(desk, stop):
    answer = Browser(desk).client.request(stop.method, filled(stop.path), headers={"accept": "text/html"})
    if stop.method == "GET" and not stop.path.endswith(".json"):
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")
    else:
        assert answer.status_code == 401
    assert "synthetic" not in answer.text


def test_two_consoles_on_one_host_do_not_sign_each_other_out(tmp_path):
    ours, theirs = desk_at(tmp_path / "a"), desk_at(tmp_path / "b", port=8043)
    names = [Browser(desk).sign_in("viewer").headers["set-cookie"].partition("=")[0] for desk in (ours, theirs)]
    assert names == ["stillwatch-console-8042", "stillwatch-console-8043"]


@pytest.mark.parametrize("cookie", ["", "forged", "a" * 43, "'; DROP TABLE logins;--", "é"])
def test_a_forged_cookie_opens_nothing(desk, cookie):
    browser = Browser(desk)
    answer = browser.client.get("/campaigns.json", headers={"cookie": f"{COOKIE}={cookie}".encode()})
    assert answer.status_code == 401


def test_the_file_holds_no_token(desk):
    browser = Browser(desk).signed_in("analyst")
    held = desk.settings.users.read_bytes()
    assert browser.client.cookies[COOKIE].encode() not in held
    assert WORD.encode() not in held


def test_signing_in_leads_on_and_changes_the_cookie(desk):
    browser = Browser(desk)
    browser.get("/sign-in")
    before = browser.client.cookies[COOKIE]
    answer = browser.sign_in("viewer", target="/campaigns?page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/campaigns?page=2")
    assert browser.client.cookies[COOKIE] != before
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said and "samesite=lax" in said


def test_over_tls_the_cookie_is_bound_to_the_host(tmp_path):
    browser = Browser(desk_at(tmp_path, public_url="https://console.example"))
    said = browser.sign_in("viewer").headers["set-cookie"]
    assert said.startswith("__Host-stillwatch-console=") and "Secure" in said
    assert "strict-transport-security" in browser.get("/overview").headers


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\r\nb: c"]
)
def test_signing_in_never_leads_elsewhere(desk, target):
    assert Browser(desk).sign_in("viewer", target=target).headers["location"] == "/overview"


@pytest.mark.parametrize(
    "name, word", [("viewer", "wrong"), ("nobody", WORD), ("", ""), ("viewer", "x" * 100_000), ("a\x00b", WORD)]
)
def test_what_does_not_fit_is_refused_in_the_same_words(desk, name, word):
    answer = Browser(desk).sign_in(name, word)
    assert answer.status_code == 403
    assert "Name and password do not fit." in answer.text


def test_after_too_many_failures_the_right_password_does_not_open(desk):
    now = [NOW]
    browser = Browser(desk, lambda: now[0])
    for _ in range(MOST_FAILURES):
        browser.sign_in("viewer", "wrong")
    assert browser.sign_in("VIEWER").status_code == 429
    assert browser.sign_in("analyst").status_code == 303
    now[0] += WINDOW_SECONDS
    assert Browser(desk, lambda: now[0]).sign_in("viewer").status_code == 303


def test_a_login_ends_when_idle_at_sign_out_and_with_its_user(desk):
    now = [NOW]
    browser = Browser(desk, lambda: now[0]).signed_in("viewer")
    cookie = browser.client.cookies[COOKIE]
    assert browser.get("/overview").status_code == 200
    now[0] += IDLE_SECONDS + 1
    assert browser.get("/overview").status_code == 303
    browser.signed_in("viewer")
    cookie = browser.client.cookies[COOKIE]
    browser.post("/sign-out")
    browser.client.cookies.set(COOKIE, cookie)
    assert browser.get("/overview").status_code == 303
    browser = Browser(desk, lambda: now[0]).signed_in("viewer")
    desk.people.remove("viewer")
    assert browser.get("/overview").status_code == 303


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_form_without_its_token_does_nothing(desk, token):
    browser = Browser(desk).signed_in("admin")
    fields = {"token": token, "name": "eve", "role": "admin", "password": WORD}
    assert browser.client.post("/users/add", data=fields).status_code == 403
    assert desk.people.find("eve") is None


def test_a_token_of_another_browser_does_not_fit(desk):
    other = Browser(desk).signed_in("admin").token("/me")
    browser = Browser(desk).signed_in("admin")
    fields = {"token": other, "name": "eve", "role": "admin", "password": WORD}
    assert browser.client.post("/users/add", data=fields).status_code == 403


def test_a_form_from_another_site_does_nothing(desk):
    browser = Browser(desk).signed_in("admin")
    fields = {"token": browser.token("/me"), "name": "eve", "role": "admin", "password": WORD}
    answer = browser.client.post("/users/add", data=fields, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


def test_a_form_that_is_too_long_is_refused(desk):
    assert Browser(desk).client.post("/sign-in", content=b"a" * 300_000).status_code == 413


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("stop", GUARDED, ids=lambda stop: f"{stop.method} {stop.path}")
def test_every_route_asks_for_its_right(shared_browsers, role, stop):
    browser, person = shared_browsers[role]
    if person.may(stop.right):
        return
    answer = browser.post(filled(stop.path)) if stop.method == "POST" else browser.get(filled(stop.path))
    assert answer.status_code == 403


@pytest.fixture(scope="module")
def shared_browsers(tmp_path_factory):
    desk = desk_at(tmp_path_factory.mktemp("roles"))
    return {role: (Browser(desk).signed_in(role.value), desk.people.find(role.value)) for role in Role}


def test_an_administrator_adds_and_removes_users_but_not_itself(desk):
    browser = Browser(desk).signed_in("admin")
    assert browser.post("/users/add", {"name": "eve", "role": "viewer", "password": WORD}).status_code == 303
    assert browser.post("/users/add", {"name": "eve", "role": "viewer", "password": WORD}).status_code == 400
    assert browser.post("/users/add", {"name": "ann", "role": "king", "password": WORD}).status_code == 400
    assert browser.post("/users/add", {"name": "ann", "role": "viewer", "password": "short"}).status_code == 400
    assert browser.post("/users/remove", {"name": "eve"}).status_code == 303
    assert browser.post("/users/remove", {"name": "admin"}).status_code == 400
    assert {person.name for person in desk.people.all()} == {role.value for role in Role}


def test_another_host_name_reaches_nothing(desk):
    answer = Browser(desk).client.get("/sign-in", headers={"host": "evil.example"})
    assert answer.status_code == 421


def test_a_users_file_that_is_locked_damaged_or_gone_is_a_clear_page(desk):
    browser = Browser(desk).signed_in("viewer")
    path = desk.settings.users
    locked = sqlite3.connect(path, isolation_level=None)
    locked.execute("PRAGMA locking_mode = EXCLUSIVE")
    locked.execute("BEGIN EXCLUSIVE")
    answer = browser.get("/overview")
    assert answer.status_code == 503 and "locked" in answer.text
    locked.execute("ROLLBACK")
    locked.close()
    for file in path.parent.glob("console.sqlite*"):
        file.unlink()
    assert browser.get("/overview").status_code == 303
    for file in path.parent.glob("console.sqlite*"):
        file.unlink()
    path.write_bytes(b"not a database at all, and long enough to be read as one" * 20)
    answer = browser.get("/overview")
    assert answer.status_code == 503
    assert "damaged" in answer.text and "Traceback" not in answer.text
