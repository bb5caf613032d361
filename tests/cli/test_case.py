"""``stillwatch case`` as a user runs it: results, exit statuses, the ledger, the dossier (all data synthetic)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stillwatch.case.dossier.dossier import Dossier
from tests.case.synthetic import campaign, scanned
from tests.cli.commands import run

Run = Callable[..., Any]
WHY = ("--reason", "A synthetic reason.")
ANN, BO = ("--by", "Ann Analyst"), ("--by", "Bo Reviewer")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a scan of three campaigns, two of which share a scaffold and a payment."""
    found = (
        campaign(1, scaffold="swf1:00000000000000aa"),
        campaign(2, scaffold="swf1:00000000000000aa"),
        campaign(3, severity="low"),
    )
    scanned(tmp_path / "out", *found)
    rows = [{"account_id": a, "payment_fingerprint": f"card-{1 if c is not found[2] else a}"} for c in found for a in c.accounts]
    rows += [{"account_id": f"other-{n}", "payment_fingerprint": f"own-{n}"} for n in range(2000)]
    (tmp_path / "accounts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done(tmp_path, "add", "out", "--accounts", "accounts.jsonl", *ANN)
    return tmp_path


def done(folder: Path, *arguments: str) -> Any:
    """What the command prints with --json."""
    result = run("case", *arguments, "--json", cwd=folder)
    assert result.returncode == 0, (arguments, result.stderr)
    return json.loads(result.stdout) if result.stdout else None


def fails(folder: Path, status: int, *arguments: str) -> str:
    result = run("case", *arguments, cwd=folder)
    assert result.returncode == status, (arguments, result.returncode, result.stderr)
    assert "Traceback" not in result.stderr
    return result.stderr


def ledger(folder: Path) -> list[Any]:
    result = run("ledger", "show", "--since", "0", "--json", cwd=folder)
    return list(json.loads(result.stdout)["entries"])


def test_cases_are_listed_shown_and_found_by_campaign(folder: Path) -> None:
    assert [case["severity"] for case in done(folder, "list")["cases"]] == ["low", "high", "high"]
    assert done(folder, "list", "--state", "triaged")["total"] == 0
    assert done(folder, "show", campaign(3).id)["case"]["number"] == 3
    plain = run("case", "show", "case-1", cwd=folder).stdout
    assert "Too alike for unrelated users." in plain and "campaigns.json#/campaigns/0" in plain


def test_decisions_go_to_the_ledger_with_their_reasons_and_remarks_do_not(folder: Path) -> None:
    done(folder, "comment", "1", "SYNTHETIC REMARK", *BO)
    done(folder, "decide", "1", "triaged", *WHY, *ANN)
    entries = ledger(folder)
    [decision] = [entry for entry in entries if entry["kind"] == "decision"]
    history = done(folder, "show", "1")["history"]
    assert (decision["actor"], decision["subject"], decision["details"]["reason"]) == (
        "Ann Analyst",
        "case-1",
        "A synthetic reason.",
    )
    assert decision["details"]["digest"] == history[-1]["digest"]
    assert "SYNTHETIC REMARK" not in json.dumps(entries)


def test_a_concurrent_edit_is_told_and_written_nowhere(folder: Path) -> None:
    done(folder, "assign", "1", "--to", "Bo Analyst", "--if-version", "1")
    before = len(ledger(folder))
    told = fails(folder, 1, "decide", "1", "triaged", *WHY, "--if-version", "1")
    assert "changed meanwhile" in told and "assign" in told
    assert len(ledger(folder)) == before


def test_a_full_ledger_stops_the_change(folder: Path) -> None:
    (folder / "stillwatch-ledger.sqlite").write_bytes(b"no ledger")
    fails(folder, 4, "decide", "1", "triaged", *WHY)
    assert done(folder, "show", "1")["case"]["state"] == "new"


def test_holds_stop_a_purge_and_both_are_on_record(folder: Path) -> None:
    done(folder, "decide", "3", "closed", *WHY, "--retention-days", "0")
    [hold] = done(folder, "hold", "--all", *WHY, *BO)["holds"]
    assert "hold stands" in fails(folder, 3, "purge", "3", "--yes")
    done(folder, "hold", "--lift", str(hold["id"]), *WHY)
    assert [left["number"] for left in done(folder, "purge", "--yes")["purged"]] == [3]
    kinds = [entry["kind"] for entry in ledger(folder)]
    assert kinds[-4:] == ["decision", "deletion-held", "decision", "deletion"]
    fails(folder, 4, "show", "3")


def test_without_yes_a_purge_deletes_nothing(folder: Path) -> None:
    done(folder, "decide", "3", "closed", *WHY, "--retention-days", "0")
    assert "Nothing was deleted" in run("case", "purge", cwd=folder).stderr
    assert done(folder, "show", "3")["case"]["state"] == "closed"


def test_merged_cases_are_told_together_and_never_in_a_circle(folder: Path) -> None:
    assert done(folder, "merge", "1", "2", *WHY)["cases"][0]["number"] == 1
    assert len(done(folder, "show", "1")["merged"]) == 1
    for wrong in (("2", "1"), ("1", "1"), ("1", "2")):
        fails(folder, 3, "merge", *wrong, *WHY)


def test_attribution_from_draft_to_dissent(folder: Path) -> None:
    run("case", "attribute", "draft", "1", "--out", "a.json", cwd=folder)
    judged = done(folder, "attribute", "assess", "1", "a.json", "--judge", "unknown", "--confidence", "low", *WHY, *ANN)
    assert {each["hypothesis"] for each in judged["weights"]} == {"unknown", "reseller", "authorised", "look-alike"}
    fails(folder, 3, "attribute", "dissent", "1", "--hypothesis", "reseller", *WHY, *ANN)
    done(folder, "attribute", "dissent", "1", "--hypothesis", "reseller", *WHY, *BO)
    shown = done(folder, "attribute", "show", "1")["assessment"]
    assert (shown["judgement"]["analyst"], [each["by"] for each in shown["dissents"]]) == ("Ann Analyst", ["Bo Reviewer"])


def test_a_network_is_linked_and_named_by_two_people_only(folder: Path) -> None:
    [actor] = done(folder, "attribute", "link", *ANN)["actors"]
    assert actor["campaigns"] == [campaign(1).id, campaign(2).id] and actor["organisation"] is None
    done(folder, "attribute", "name", actor["id"], "Synthetic Example Org", *WHY, *ANN)
    fails(folder, 3, "attribute", "review", actor["id"], "--agree", *WHY, "--by", "ann ANALYST")
    [named] = done(folder, "attribute", "review", actor["id"], "--agree", *WHY, *BO)["actors"]
    assert named["organisation"] == "Synthetic Example Org"
    assert "Synthetic Example Org" not in json.dumps(ledger(folder))
    draft = run("case", "attribute", "draft", "1", cwd=folder).stdout
    assert actor["id"] in draft and "Synthetic Example Org" not in draft
    [gone] = done(folder, "attribute", "withdraw", actor["id"], *WHY, *ANN)["actors"]
    assert gone["organisation"] is None and len(gone["namings"]) == 1


def test_the_dossier_is_whole_bound_together_and_on_record(folder: Path) -> None:
    (folder / "letter.txt").write_text("synthetic")
    done(folder, "attach", "1", "letter.txt")
    files = done(folder, "export", "1", "--out", "dossier", *ANN)["files"]
    assert set(files) == {"case-1.html", "case-1.pdf", "case-1.json"}
    dossier = msgspec.json.decode((folder / "dossier/case-1.json").read_bytes(), type=Dossier)
    assert files["case-1.json"] in (folder / "dossier/case-1.html").read_text()
    assert [entry.kind for entry in dossier.ledger] == ["case", "case"] and dossier.history_faults == []
    assert ledger(folder)[-1]["details"]["files"] == files


def test_texts_and_request_ids_only_when_asked_for(folder: Path) -> None:
    scanned(folder / "texts", campaign(4, text="Sort this: ⟨…⟩"))
    done(folder, "add", "texts")
    rows = [
        {"request_id": f"r-{n}", "ts": "2026-10-02T00:00:00Z", "account_id": f"acct-{n}-0", "model": "m", "prompt": "P"}
        for n in (1, 4)
    ]
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done(folder, "export", "4", "--out", "plain")
    assert not any("Sort this" in path.read_text(errors="ignore") for path in (folder / "plain").iterdir())
    files = done(folder, "export", "4", "--out", "asked", "--show-text", "--requests", "log.jsonl")["files"]
    assert "Sort this" in (folder / "asked/case-4.html").read_text()
    assert [json.loads(line)["request_id"] for line in (folder / "asked/case-4-requests.jsonl").read_text().splitlines()] == ["r-4"]
    assert files["case-4-requests.jsonl"] in (folder / "asked/case-4.html").read_text()
    assert [entry["kind"] for entry in ledger(folder)][-2:] == ["text-read", "export"]


@pytest.mark.parametrize(
    ("status", "arguments"),
    [
        (4, ("show", "99")),
        (4, ("show", "case-'; DROP TABLE cases")),
        (4, ("show", "١")),
        (3, ("decide", "1", "shared", *WHY)),
        (2, ("decide", "1", "triaged", "--reason", " ")),
        (2, ("decide", "1", "gone", *WHY)),
        (2, ("list", "--state", "gone")),
        (2, ("comment", "1", "x" * 20_001)),
        (4, ("attach", "1", "missing.txt")),
        (4, ("add", "nowhere")),
        (2, ("add", "out", "--campaign", "campaign--no")),
        (4, ("list", "--store", "missing.sqlite")),
        (4, ("list", "--store", "accounts.jsonl")),
        (2, ("list", "--store", "mysql://x/y")),
        (2, ("hold", "1", "--all", *WHY)),
        (4, ("attribute", "assess", "1", "accounts.jsonl", "--judge", "unknown", "--confidence", "low", *WHY)),
        (3, ("attribute", "show", "1")),
        (2, ("attribute", "review", "network--1", *WHY)),
        (1, ("export", "1", "--out", "accounts.jsonl")),
    ],
)
def test_wrong_use_is_told_with_its_cure(folder: Path, status: int, arguments: tuple[str, ...]) -> None:
    fails(folder, status, *arguments)


def test_a_truncated_result_opens_nothing(folder: Path) -> None:
    whole = (folder / "out/campaigns.json").read_bytes()
    (folder / "out/campaigns.json").write_bytes(whole[:-50])
    fails(folder, 4, "add", "out", "--store", "new.sqlite")
    assert not (folder / "new.sqlite").exists()


def test_hostile_text_never_reaches_the_terminal(folder: Path) -> None:
    done(folder, "comment", "1", "\x1b[2J\u202e[red]<script>")
    shown = run("case", "show", "1", cwd=folder).stdout
    assert "\x1b" not in shown and "\u202e" not in shown and "<U+001B>" in shown and "[red]" in shown
