"""docs/gateway.md says what the code does."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from stillwatch.gateway.evidence import KINDS, Indicator
from stillwatch.gateway.grade import Grade
from stillwatch.gateway.policy import CONDITIONS
from stillwatch.gateway.policy_file import read_policy
from stillwatch.gateway.records.recorder import named
from stillwatch.gateway.settings import Settings
from stillwatch.gateway.snapshot.registers import read_registers
from tests.gateway import proxy

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "gateway.md").read_text("utf-8")


def block(language: str, number: int) -> str:
    return PAGE.split(f"```{language}\n")[number + 1].partition("```")[0]


def test_litellm_takes_five_lines_and_they_are_those_of_the_tests() -> None:
    lines = block("yaml", 0)
    assert len(lines.splitlines()) == 5
    shown = yaml.safe_load(lines)["guardrails"][0]
    tested = yaml.safe_load(proxy.GUARDRAIL.format(folder="/var/lib/stillwatch-gateway"))["guardrails"][0]
    assert shown == tested
    assert named(shown["litellm_params"]["guardrail"].replace(".StillwatchGuardrail", ":StillwatchGuardrail"))


def test_policy_and_registers_on_the_page_are_ones() -> None:
    policy = read_policy(block("toml", 0))
    assert (policy.mode, policy.measures_of(Grade.HIDE).canary) == ("enforce", True)
    assert [entry.evaluator for entry in read_registers(block("toml", 1))] == [False, True]


@pytest.mark.parametrize("words", [
    [grade.word for grade in Grade], CONDITIONS, Indicator.__struct_fields__,
    [name for name in Settings.__struct_fields__ if name != "folder"],
])  # fmt: skip
def test_every_grade_counter_field_and_setting_is_there(words: list[str]) -> None:
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_every_kind_is_there() -> None:
    assert re.findall(r"# (account, .*)", PAGE)[0].split(", ") == list(KINDS)
    assert tomllib.loads(block("toml", 0))["rule"]
