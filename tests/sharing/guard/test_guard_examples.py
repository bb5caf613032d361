"""The examples in the docstrings of the guard hold, and the page of the border is current."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

from stillwatch.sharing import guard
from stillwatch.sharing.guard.border import border_table
from stillwatch.sharing.guard.profile import read_profile
from tests.sharing.guard.catalogues import hostile_texts, legitimate_texts, lines

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("module", [f"{guard.__name__}.{found.name}" for found in pkgutil.iter_modules(guard.__path__)])
def test_examples(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_the_page_of_the_border_is_current() -> None:
    written = (DOCS / "reference" / "border.md").read_text("utf-8")
    assert written == border_table(), "make docs"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / "guard.md").read_text("utf-8"), re.DOTALL)


def test_the_example_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(blocks("python")[0], {})
    assert capsys.readouterr().out.startswith("redacted {'type': 'note', 'content': 'Seen again; about 10^5 requests.'}")


def test_the_profile_on_the_page_is_one() -> None:
    shown = read_profile(blocks("toml")[0], "docs/guard.md")
    case = "extensions.extension-definition--00000000-0000-4000-8000-000000000000.case"
    assert shown.paths["campaign"][case].form == "a case number"


def test_the_counts_on_the_page_are_those_of_the_catalogues() -> None:
    page = (DOCS / "guard.md").read_text("utf-8")
    assert f"{len(hostile_texts())} hostile texts and {len(lines('hostile_objects'))} hostile objects" in page
    assert f"{len(legitimate_texts())} legitimate texts and {len(lines('legitimate_objects'))} objects" in page
