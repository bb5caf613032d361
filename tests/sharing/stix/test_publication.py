"""docs/stix/ is what the types say today, and the examples in the docstrings hold."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

from stillwatch.sharing import stix
from stillwatch.sharing.stix.publication import files

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "stix"


@pytest.mark.parametrize("name", files())
def test_published_files_are_current(name: str) -> None:
    assert (FOLDER / name).read_bytes() == files()[name], "run scripts/stix.py"


def test_nothing_else_is_published() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == files().keys()


@pytest.mark.parametrize("module", [f"{stix.__name__}.{found.name}" for found in pkgutil.iter_modules(stix.__path__)])
def test_examples(module: str, tmp_path: Path) -> None:
    assert doctest.testmod(importlib.import_module(module), extraglobs={"getfixture": lambda name: tmp_path}).failed == 0
