"""docs/tokens.md says what the code does."""

import contextlib
import io
from pathlib import Path

from stillwatch.sharing.tokens.canonical import KINDS
from stillwatch.sharing.tokens.forms.email import PROVIDERS
from stillwatch.sharing.tokens.identifier_file import CHUNK_LINES
from stillwatch.sharing.tokens.token_file import REJECTED, TOKENS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "tokens.md").read_text("utf-8")


def test_the_example_on_the_page_prints_what_the_page_shows() -> None:
    program, shown = (PAGE.partition(f"```{kind}\n")[2].partition("```")[0] for kind in ("python", "text"))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(program, {})
    assert printed.getvalue() == shown


def test_every_kind_and_every_provider_is_on_the_page() -> None:
    assert [line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")] == list(KINDS)
    assert ", ".join(sorted(PROVIDERS)) in " ".join(PAGE.split())
    assert f"{CHUNK_LINES:,}" in PAGE and TOKENS in PAGE and REJECTED in PAGE
