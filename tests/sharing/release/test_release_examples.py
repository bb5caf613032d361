"""The examples in the docstrings hold."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

from stillwatch.sharing import release


@pytest.mark.parametrize("module", [f"{release.__name__}.{found.name}" for found in pkgutil.iter_modules(release.__path__)])
def test_examples(module: str, tmp_path: Path) -> None:
    assert doctest.testmod(importlib.import_module(module), extraglobs={"getfixture": lambda name: tmp_path}).failed == 0
