"""The page as a browser shows it: nothing runs, nothing overflows, all text can be read. Skipped without Chromium."""

import shutil

import pytest

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.report.page import render

from .synthetic import campaign, detail, explained, poisoned_result, run
from .test_page import HOSTILE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

LEAST_CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const linear = v => v <= .04045 * 255 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
  const behind = e => {
    const colour = rgba(getComputedStyle(e).backgroundColor);
    return colour[3] > 250 ? colour : behind(e.parentElement);
  };
  let worst = [99, ''];
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg') || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [luminance(rgba(getComputedStyle(e).color)), luminance(behind(e))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < worst[0]) worst = [contrast, e.tagName + '.' + e.className];
  }
  return worst;
}"""
"""WCAG 2.2, 1.4.3: the lowest contrast of any text outside drawings, and where it is."""


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    driver = playwright.sync_playwright()
    try:
        started = driver.start()
    except Exception as error:  # its bundled program ends in as many ways as there are missing libraries
        pytest.skip(f"the driver of the browser does not start here (on Debian it needs libatomic1): {error}")
    opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
    yield opened
    opened.close()
    started.stop()


@pytest.fixture
def visit(browser, tmp_path):
    """Open a page; what it said on the console, asked for or popped up is collected in ``page.complaints``."""
    contexts = []

    def go(html, width=1400, scheme="light"):
        (tmp_path / "report.html").write_text(html, encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (page.complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: page.complaints.append(asked.url) if "report.html" not in asked.url else None)
        page.goto((tmp_path / "report.html").as_uri())
        return page

    yield go
    for context in contexts:
        context.close()


def opened(page):
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    return page


def small():
    found = [campaign(1, 40), campaign(2, 9, "medium"), campaign(3, 5, "low"), campaign(4, 5, "unheard-of")]
    return Campaigns(run(), found, [explained()]), {c.id: detail(c) for c in found}


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_nothing_is_wider_than_the_page(visit, width):
    page = opened(visit(render(*small()), width))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.complaints == []


def test_long_words_do_not_widen_the_page(visit):
    page = opened(visit(render(*poisoned_result("w" * 300)), 360))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(visit, scheme):
    contrast, where = opened(visit(render(*small()), scheme=scheme)).evaluate(LEAST_CONTRAST)
    assert contrast >= 4.5, where


def test_dark_is_dark(visit):
    colours = {
        scheme: visit(render(*small()), scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert colours["light"] != colours["dark"]


def test_hostile_text_does_nothing(visit):
    for payload in HOSTILE[:6]:
        page = visit(render(*poisoned_result(payload)))
        assert page.complaints == []


def test_the_style_sheet_passes_the_pages_own_policy(visit):
    page = visit(render(*small()))
    assert page.evaluate("getComputedStyle(document.querySelector('.campaign')).borderLeftWidth") == "6px"


def test_the_keyboard_reaches_campaigns_and_details(visit):
    page = visit(render(*small()))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('details').open")


def test_every_image_has_a_name_and_every_link_a_target(visit):
    page = visit(render(*small()))
    assert page.evaluate("[...document.querySelectorAll('svg[role=img]')].every(s => s.getAttribute('aria-label'))")
    assert page.evaluate("[...document.querySelectorAll('a')].every(a => document.getElementById(a.hash.slice(1)))")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_print_is_light_and_fits_the_sheet(visit):
    page = visit(render(*small()), 720, "dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 720
