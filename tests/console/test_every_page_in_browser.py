"""Every page in a browser: axe in light and dark, reached by keyboard, within a narrow window. Skipped without Chromium."""

import os
import re
import time

import pytest

from tests.campaigns.report.test_page_in_browser import browser  # noqa: F401

from .furnished import PAGES, furnished
from .serving import served
from .world import WORD

REACHABLE = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter(each => each.type !== 'hidden' && each.checkVisibility()).length"""
FOCUSED = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const style = getComputedStyle(at);
  at.dataset.reached = '';
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || at.matches(':focus-visible') && style.boxShadow !== 'none';
}"""


@pytest.fixture(scope="module")
def world(browser, tmp_path_factory):  # noqa: F811
    made = furnished(tmp_path_factory.mktemp("furnished"))
    while made.desk.replays.find(1).unfinished:
        time.sleep(0.02)
    with served(made.desk) as address:
        yield address, made


@pytest.fixture(scope="module")
def analyst(browser, world):  # noqa: F811
    """A context in which the analyst is signed in."""
    context = browser.new_context(base_url=world[0])
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#name", "analyst")
    page.fill("#password", WORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/overview")
    yield context
    context.close()


@pytest.fixture
def page(analyst):
    opened = analyst.new_page()
    opened.set_viewport_size({"width": 1180, "height": 820})
    yield opened
    opened.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_has_no_serious_finding_in_light_and_dark(page, world, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page.goto(world[1].pages[name])
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = [v for v in axe.run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert found == [], [(scheme, v["id"], v["nodes"][0]["html"]) for v in found]
        photograph(page, f"{name}-{scheme}")


@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_window_holds_it_and_tab_reaches_everything(page, world, name):
    page.set_viewport_size({"width": 390, "height": 820})
    page.goto(world[1].pages[name])
    photograph(page, f"{name}-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    seen = []
    for _ in range(page.evaluate(REACHABLE) + 2):
        page.keyboard.press("Tab")
        if (outlined := page.evaluate(FOCUSED)) is None:
            break
        seen.append(outlined)
    assert all(seen), "something has the focus and does not show it"
    assert page.evaluate(REACHABLE) == page.locator("[data-reached]").count()


def photograph(page, name):
    if folder := os.environ.get("STILLWATCH_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/every-{name.replace(' ', '-')}.png", full_page=True)


def test_an_opinion_is_said_by_keyboard_alone(page, world):
    page.goto(world[1].pages["object"])
    page.get_by_label("It is, here").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Synthetic doubt, said by keyboard")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/opinion\\?says="))
    page.get_by_role("button", name="Propose to say this").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/shares/*")
    assert "Synthetic doubt, said by keyboard" in page.inner_text(".bytes")


def test_a_name_is_proposed_by_keyboard_alone(page, world):
    page.goto(world[1].pages["network"])
    page.get_by_label("Organisation", exact=True).focus()
    page.keyboard.type("Synthetic Example Keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type("synthetic")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**said=name-proposed")
    assert "Synthetic Example Keyboard: waits for a second person" in page.inner_text("main")


def test_a_replay_is_asked_for_by_keyboard_and_its_result_comes_by_itself(page, world):
    page.goto("/gateway/replays")
    page.get_by_label("The policy (TOML)").focus()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# tried by keyboard\n")
    page.get_by_role("button", name="Try it").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Nobody was acted upon.").wait_for()
    assert "# tried by keyboard" in page.inner_text(".bytes")


def test_an_attachment_is_saved_and_not_shown(page, world):
    page.goto(world[1].pages["case"])
    with page.expect_download() as saved:
        page.get_by_role("link", name="notes.txt").press("Enter")
    assert saved.value.suggested_filename == "notes.txt"
