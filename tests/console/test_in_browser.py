"""The console in a browser, served by its own command: the way through by keyboard, light and dark. Skipped without Chromium."""

import os
import socket
import subprocess
import sys
import time

import httpx
import pytest

from tests.campaigns.report.test_page_in_browser import browser  # noqa: F401

from .world import WORD, desk_at

ONE = "/campaigns/campaign--00000000-0000-5000-8000-000000000001"


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("console")
    desk = desk_at(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = ["--scan", str(desk.settings.scan), "--users", str(desk.settings.users), "--ledger", str(folder / "ledger.sqlite")]
    places += ["--cases", f"sqlite:///{folder}/cases.sqlite", "--port", str(port)]
    server = subprocess.Popen([sys.executable, "-m", "stillwatch", "console", *places], cwd=folder, env=os.environ)
    address = f"http://localhost:{port}"
    patience = time.monotonic() + 120
    while True:
        try:
            httpx.get(f"{address}/sign-in")
            break
        except httpx.HTTPError:
            assert server.poll() is None and time.monotonic() < patience, "the console did not start"
            time.sleep(0.1)
    yield address
    server.terminate()
    server.wait(20)


@pytest.fixture(params=["light", "dark"])
def page(browser, origin, request):  # noqa: F811
    context = browser.new_context(viewport={"width": 1300, "height": 900}, color_scheme=request.param, base_url=origin)
    opened = context.new_page()
    opened.complaints = []
    opened.on("console", lambda message: opened.complaints.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    opened.goto("/overview")
    opened.keyboard.type("analyst")
    opened.keyboard.press("Tab")
    opened.keyboard.type(WORD)
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/overview")
    yield opened
    context.close()


def test_the_top_campaign_is_reached_by_keyboard_and_drawn(page):
    page.get_by_role("link", name="Campaign 1").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#graph[data-nodes]")
    page.wait_for_selector("#timeline.drawn canvas")
    page.locator("#graph").focus()
    page.keyboard.press("n")
    assert "payment" in page.inner_text("#graph-reading") or ":" in page.inner_text("#graph-reading")
    assert page.complaints == []


def test_filters_change_the_list_and_its_address(page):
    page.goto("/campaigns")
    page.select_option("#severity", "medium")
    page.wait_for_url("**severity=medium**")
    assert page.locator("#list tbody tr").count() == 1
    assert page.complaints == []


def test_a_passkey_is_made_and_signs_in(page):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    authenticator = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                     "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
    page.goto("/me")
    page.locator("#passkey button").click()
    page.wait_for_url("**said=passkey-added")
    page.get_by_role("button", name="Sign out").click()
    page.locator("#passkey button").click()
    page.wait_for_url("**/overview")
    assert page.locator(".who").inner_text().startswith("analyst")
    assert page.complaints == []
