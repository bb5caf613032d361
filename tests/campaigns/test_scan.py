"""A scan from end to end: campaigns found, none where there are none, and the files of the contract."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.evaluation import Label, evaluate
from stillwatch.campaigns.scan import ScanSettings, scan
from stillwatch.errors import OutputNotWritten, UsageError
from stillwatch.traffic.fingerprint import sketch
from stillwatch.traffic.simulate.world import World, write_world

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def scanned(world: Path, out: Path, **options: object) -> Campaigns:
    settings = ScanSettings((str(world / "requests"),), out, accounts=world / "accounts.parquet", **options)  # type: ignore[arg-type]
    return scan(settings, now=NOW)


def labels(world: Path) -> list[Label]:
    return [msgspec.convert(row, Label) for row in pq.read_table(world / "labels.parquet").to_pylist()]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("world")
    write_world(World(accounts=1500, seed=3, campaigns=("queue:100",)), folder / "world")
    yield folder / "world"


@pytest.fixture(scope="module")
def result(world: Path) -> Campaigns:
    return scanned(world, world.parent / "result")


def test_a_queue_sharing_pool_is_reported_as_one_campaign_and_nobody_else(world: Path, result: Campaigns) -> None:
    found = evaluate(result, labels(world))
    assert [(entry.campaign, entry.found, entry.reports) for entry in found.campaigns] == [("queue", True, 1)]
    assert found.false == []
    assert found.recall is not None and found.recall >= 0.97
    assert found.precision is not None and found.precision >= 0.99


def test_each_template_is_told_by_itself_so_that_any_request_of_the_campaign_meets_one(world: Path, result: Campaigns) -> None:
    (campaign,) = result.campaigns
    told = [{int(sample, 16) for sample in entry.fingerprint.partition(":")[2].split(".")} for entry in campaign.scaffolds]
    assert [entry.accounts for entry in campaign.scaffolds] == [100] * len(told) and len(told) > 1
    requests = ds.dataset(world / "requests").to_table(columns=["account_id", "system_prompt", "prompt"])
    mine = requests.filter(pc.is_in(requests["account_id"], pa.array(campaign.accounts))).to_pylist()
    met = [any(len(samples & sketch(row["prompt"])) >= len(samples) / 2 for samples in told) for row in mine[::50]]
    assert np.mean(met) >= 0.95


def test_a_world_without_campaigns_gives_none(tmp_path: Path) -> None:
    write_world(World(accounts=1000, seed=4, campaigns=()), tmp_path / "world")
    assert scanned(tmp_path / "world", tmp_path / "result").campaigns == []


def test_the_files_are_those_of_the_contract(world: Path, result: Campaigns) -> None:
    folder = world.parent / "result"
    document = json.loads((folder / "campaigns.json").read_text("utf-8"))
    assert document["schema"] == "stillwatch.campaigns/1"
    assert set(document["run"]) >= {
        "version",
        "started",
        "finished",
        "engine",
        "requests",
        "accounts",
        "rejected_rows",
        "window",
        "fdr",
        "abstained",
    }
    campaign = document["campaigns"][0]
    assert campaign["id"].startswith("campaign--")
    assert campaign["evidence"] and campaign["scaffolds"] and campaign["alternatives"]
    assert campaign["scaffolds"][0].keys() >= {"fingerprint", "share", "accounts"}
    accounts = pq.read_table(folder / "accounts.parquet")
    assert len(accounts) == document["run"]["accounts"]
    assert set(accounts.column_names) >= {
        "account_id",
        "campaign_id",
        "harvest_bits",
        "p_value",
        "q_value",
        "requests",
        "first_seen",
        "last_seen",
    }
    assert any(name.startswith("bits_") for name in accounts.column_names)
    assert set(filter(None, accounts["campaign_id"].to_pylist())) == {campaign["id"]}
    assert (folder / "rejected.jsonl").read_text("utf-8") == ""
    assert campaign["id"] in (folder / "report.html").read_text("utf-8")


def test_the_sums_are_those_of_the_evidence(result: Campaigns) -> None:
    for campaign in [*result.campaigns, *result.explained]:
        for question, total in (("coordination", campaign.coordination_bits), ("harvest", campaign.harvest_bits)):
            assert sum(item.bits for item in campaign.evidence if item.question == question) == pytest.approx(total, abs=0.1)


def test_the_same_evidence_gives_the_same_result(world: Path, result: Campaigns, tmp_path: Path) -> None:
    again = scanned(world, tmp_path / "again")
    assert again.campaigns == result.campaigns


def test_no_text_leaves_the_logs_unless_asked_for(world: Path, result: Campaigns, tmp_path: Path) -> None:
    telling = "whole course of your reasoning"
    folder = world.parent / "result"
    assert telling not in (folder / "report.html").read_text("utf-8") + (folder / "campaigns.json").read_text("utf-8")
    scanned(world, tmp_path / "shown", show_text=True)
    assert telling in (tmp_path / "shown" / "report.html").read_text("utf-8")


def test_authorised_accounts_are_never_reported(world: Path, tmp_path: Path) -> None:
    truth = {label.account_id: label.campaign for label in labels(world)}
    table = pq.read_table(world / "accounts.parquet")
    known = zip(table["account_id"].to_pylist(), table["authorisation"].to_pylist(), strict=True)
    contract = ["contract-synthetic-1" if truth[account] else before for account, before in known]
    place = table.schema.get_field_index("authorisation")
    pq.write_table(table.set_column(place, "authorisation", pa.array(contract, pa.string())), tmp_path / "accounts.parquet")
    settings = ScanSettings((str(world / "requests"),), tmp_path / "result", accounts=tmp_path / "accounts.parquet")
    found = scan(settings, now=NOW)
    assert found.campaigns == []
    assert "authorised distillation" in {group.alternatives[0].hypothesis for group in found.explained}


def test_accounts_of_one_organisation_hide_nothing(world: Path, tmp_path: Path) -> None:
    truth = {label.account_id: label.campaign for label in labels(world)}
    table = pq.read_table(world / "accounts.parquet")
    orgs = ["org-open" if truth[account] else None for account in table["account_id"].to_pylist()]
    place = table.schema.get_field_index("org_id")
    pq.write_table(table.set_column(place, "org_id", pa.array(orgs, pa.string())), tmp_path / "accounts.parquet")
    settings = ScanSettings((str(world / "requests"),), tmp_path / "result", accounts=tmp_path / "accounts.parquet")
    assert scan(settings, now=NOW).campaigns == []


def test_the_script_of_the_prompts_is_no_evidence(world: Path, result: Campaigns) -> None:
    """Ordinary accounts score alike whatever they write in: Latin against other scripts."""
    texts = pq.read_table(world / "requests", columns=["account_id", "prompt"]).to_pydict()
    latin = {account: prompt.isascii() for account, prompt in zip(texts["account_id"], texts["prompt"], strict=True)}
    rows = pq.read_table(world.parent / "result" / "accounts.parquet").to_pylist()
    kinds = {label.account_id: label.kind for label in labels(world)}
    ordinary = [row for row in rows if kinds[row["account_id"]] == "ordinary" and row["requests"] >= 5]
    means = [np.mean([row["harvest_bits"] for row in ordinary if latin[row["account_id"]] == side]) for side in (True, False)]
    assert abs(means[0] - means[1]) < 0.5


def test_a_missing_accounts_table_and_a_file_that_is_none(world: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", world / "requests", world / "events.parquet"):
        with pytest.raises(UsageError):
            scan(ScanSettings((str(world / "requests"),), tmp_path / "out", accounts=path), now=NOW)


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_lost(world: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputNotWritten, match="could not be written"):
        scanned(world, tmp_path / "file" / "out")
