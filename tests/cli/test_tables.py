import io

from rich.console import Console

from stillwatch.campaigns.campaign import Abstained, Alternative, Campaign, Campaigns, Evidence, Run, Technique
from stillwatch.cli.tables import campaigns_table


def result(text="synthetic", found=True):
    run = Run("0", "", "", "local", 5_000, 40, 3, ("", ""), 0.01, [Abstained(text, text)], [text])
    campaign = Campaign(
        text, [text, text], [text], "", "", 900, 1, 1, 7.5, 4.25, 0.002, "high", [Technique(text, text, 0.5)],
        [Evidence(text, 7.5, text, 2, 900)], [], [Alternative(text, 1.5, text)],
    )  # fmt: skip
    return Campaigns(run, [campaign] if found else [], [campaign])


def shown(of, *, terminal, width=120):
    out = io.StringIO()
    campaigns_table(of, Console(file=out, force_terminal=terminal, no_color=True, width=width, legacy_windows=False))
    return out.getvalue()


def test_a_pipe_gets_plain_lines_that_are_never_wrapped():
    lines = shown(result("a rather long synthetic sentence " * 9), terminal=False, width=40).splitlines()
    assert lines[0] == "1 campaign found: 1 high, in 5,000 requests of 40 accounts."
    assert "2 accounts, 900 requests, coordination +7.5 bits, harvest +4.2 bits, q 0.002" in lines[1]
    assert [line.split(":")[0] for line in lines[5:]] == ["explained", "rejected", "note", "abstained"]


def test_a_terminal_gets_a_table_that_fits():
    for width in (80, 110, 160):
        text = shown(result(), terminal=True, width=width)
        assert "▮▮▮ high" in text
        assert "synthetic" in text
        for figure in ("900", "+7.5", "+4.2", "0.002"):
            assert figure in text


def test_no_campaign_is_said_plainly():
    for terminal in (True, False):
        assert "No campaign was found in 5,000 requests of 40 accounts." in shown(result(found=False), terminal=terminal)


def test_hostile_text_steers_nothing():
    for terminal in (True, False):
        text = shown(
            result("[bold]x[/bold] :smile: \x1b]8;;http://h.invalid\x07\x1b[2J\u202e\nabstained: forged"),
            terminal=terminal,
        )
        assert "\x1b]" not in text
        assert "\x1b[2J" not in text
        assert "\u202e" not in text
        assert "[bold]x[/bold]" in text
        assert not any(line.startswith("abstained: forged") for line in text.splitlines())
