"""How fluid the console is in a browser: an account graph of 5,000 nodes, and the list of 30,000 accounts.

    python -m benchmarks.console_fluid

Needs Chromium and Playwright. Times are the browser's own: when a page was loaded and drawn, how long a key took until the picture
stood, and the time from frame to frame while the graph is dragged and zoomed.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from stillwatch.campaigns.campaign import Campaigns
from tests.campaigns.report.synthetic import campaign, detail, run
from tests.campaigns.report.test_page_in_browser import CHROMIUM
from tests.console.serving import served
from tests.console.world import WORD, desk_at

ACCOUNTS, STEPS, KEYS = 30_000, 60, 20
FRAMES = """() => {
  window.frames_ = [];
  let last = performance.now();
  const note = now => { window.frames_.push(now - last); last = now; requestAnimationFrame(note); };
  requestAnimationFrame(note);
}"""
MARK = "name => performance.getEntriesByName(name)[0].startTime"
PRESSED = """key => new Promise(stood => {
  const began = performance.now();
  document.getElementById('graph').dispatchEvent(new KeyboardEvent('keydown', {key}));
  requestAnimationFrame(() => requestAnimationFrame(() => stood(performance.now() - began)));
})"""


def main() -> None:
    """Measure and print."""
    found = campaign(1, ACCOUNTS)
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_at(Path(folder), scan=(Campaigns(run(), [found]), [detail(found)]))
        with served(desk) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(base_url=address, viewport={"width": 1300, "height": 900})
            _sign_in(page)
            _graph(page, found.id)
            _list(page, found.id)
            browser.close()


def _sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("#name", "viewer")
    page.fill("#password", WORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/overview")


def _graph(page: Page, name: str) -> None:
    page.goto(f"/campaigns/{name}")
    page.wait_for_selector("#graph[data-nodes]")
    painted, ready = (page.evaluate(MARK, name) / 1000 for name in ("graph painted", "graph ready"))
    count = page.get_attribute("#graph", "data-nodes")
    print(f"graph of {count} nodes: stands after {painted:.2f} s, can be moved after {ready:.2f} s")
    page.locator("#graph").scroll_into_view_if_needed()
    box: Any = page.locator("#graph").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.wait_for_timeout(500)
    page.evaluate(FRAMES)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(STEPS):
        page.mouse.move(x + 3 * step, y + step, steps=1)
    page.mouse.up()
    _told("frame while dragging", page.evaluate("window.frames_.splice(0)"))
    for step in range(STEPS // 2):
        page.mouse.wheel(0, -60 if step % 4 < 2 else 60)
    page.wait_for_timeout(300)
    _told("frame while zooming", page.evaluate("window.frames_.splice(0)"))
    for key in ("ArrowLeft", "+", "n"):
        _told(f"key {key} until it is drawn", [page.evaluate(PRESSED, key) for _ in range(KEYS)])


def _list(page: Page, name: str) -> None:
    for address in ("/accounts", f"/accounts?campaign={name}&sort=requests", f"/accounts?campaign={name}&page=150"):
        times = []
        for _ in range(KEYS):
            page.goto(address)
            times.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        _told(f"list of {ACCOUNTS:,} accounts, {address.partition('campaign')[0]}… loaded", times)


def _told(what: str, milliseconds: list[float]) -> None:
    middle, late = np.percentile(milliseconds, [50, 95])
    print(f"{what:58} median {middle:6.1f} ms, p95 {late:6.1f} ms, longest {max(milliseconds):6.1f} ms")


if __name__ == "__main__":
    main()
