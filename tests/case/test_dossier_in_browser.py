"""The dossier as a person's browser shows it: nothing acts, everything is reachable, also for those who cannot see it well."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stillwatch.case.dossier import page
from tests.case.dossiers import full
from tests.case.test_dossier import HOSTILE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    try:
        started = playwright.sync_playwright().start()
    except Exception as error:  # its bundled program ends in as many ways as there are missing libraries
        pytest.skip(f"the driver of the browser does not start here: {error}")
    opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
    yield opened
    opened.close()
    started.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_neither_acts_nor_asks_nor_shuts_anybody_out(browser: Any, tmp_path: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    text = "\n".join(HOSTILE)
    (tmp_path / "case-1.html").write_text(page.render(full(tmp_path, text), "0" * 64), "utf-8")
    shown = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text))
    shown.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    shown.on("request", lambda asked: complaints.append(asked.url) if "case-1.html" not in asked.url else None)
    shown.goto((tmp_path / "case-1.html").as_uri())
    assert complaints == []
    for width in (1280, 380):
        shown.set_viewport_size({"width": width, "height": 900})
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
    serious = [found["id"] for found in axe.Axe().run(shown).response["violations"] if found["impact"] in ("serious", "critical")]
    assert serious == []
