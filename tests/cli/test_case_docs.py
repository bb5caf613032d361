"""What the pages on cases say is so: their commands exist, their figures are the program's."""

import re
import shlex
from pathlib import Path

import pytest

from stillwatch.attribution.grade import Grade
from stillwatch.attribution.linking import LINK_BITS
from stillwatch.attribution.trait import MOST
from stillwatch.case.cases import ATTACHMENT_BYTES, RETENTION_DAYS
from stillwatch.case.states import TRANSITIONS
from tests.cli.commands import run

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: (DOCS / name).read_text("utf-8") for name in ("cases.md", "attribution.md")}
COMMANDS = sorted({line for page in PAGES.values() for line in re.findall(r"^stillwatch case [^#\n]*", page, re.MULTILINE)})


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_pages_exist_with_their_options(command: str, tmp_path: Path) -> None:
    words = shlex.split(command)[1:]
    path = words[:3] if words[1] == "attribute" else words[:2]
    told = run(*path, "--help", cwd=tmp_path)
    assert told.returncode == 0 and "Example:" in told.stdout
    assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", told.stdout))


def test_figures_of_the_pages_are_those_of_the_program() -> None:
    assert f"{RETENTION_DAYS} days" in PAGES["cases.md"] and f"{ATTACHMENT_BYTES // 2**20} MiB" in PAGES["cases.md"]
    grades = ", ".join(
        f"{name} {'counts at most ' * (name == 'A1')}{Grade.read(name).bounded(1000):.1f}" for name in ("A1", "B2", "F6")
    )
    assert grades.replace("5.6,", "5.6 bits,") in PAGES["attribution.md"]
    caps = f"scaffold {MOST['scaffold']:.0f}, token, payment and device {MOST['token']:.0f},\nclient {MOST['client']:.0f} bits"
    assert caps in PAGES["attribution.md"] and MOST["token"] == MOST["payment"] == MOST["device"]
    assert f"≥ {LINK_BITS:.0f} bits" in PAGES["attribution.md"]


def test_the_states_of_the_page_are_those_of_the_program() -> None:
    rows = {before: f"| {before} | {', '.join(after)} |" for before, after in TRANSITIONS.items()}
    assert all(row in PAGES["cases.md"] for row in rows.values())
