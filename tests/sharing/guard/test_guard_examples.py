"""The examples in the docstrings of the guard hold, and the page of the border is current."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

from stillwatch.sharing import guard
from stillwatch.sharing.guard.border import border_table

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "border.md"


@pytest.mark.parametrize("module", [f"{guard.__name__}.{found.name}" for found in pkgutil.iter_modules(guard.__path__)])
def test_examples(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_the_page_of_the_border_is_current() -> None:
    assert PAGE.read_text("utf-8") == border_table(), "write border_table() to docs/reference/border.md"
