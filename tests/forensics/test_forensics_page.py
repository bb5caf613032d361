"""docs/forensics.md: the draft in it is a draft, and the commands in it exist."""

import re
from pathlib import Path

import typer.main

from stillwatch.cli.examine.commands import app
from stillwatch.forensics.plan.draft import read_draft

PAGE = (Path(__file__).parents[2] / "docs" / "forensics.md").read_text()


def test_the_draft_is_one(tmp_path: Path) -> None:
    (found,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "draft.toml").write_text(re.sub(r"^ {3}", "", found, flags=re.MULTILINE))
    draft = read_draft(tmp_path / "draft.toml")
    assert draft.mechanisms == ("twins-text", "twins-logprob")


def test_the_commands_exist() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    used = re.findall(r"stillwatch examine (\w+)((?: \S+)*)", PAGE)
    assert {name for name, _ in used} == set(commands)
    for name, rest in used:
        options = {option for parameter in commands[name].params for option in parameter.opts}
        assert {word for word in rest.split() if word.startswith("--")} <= options
