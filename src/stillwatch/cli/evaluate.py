"""``stillwatch evaluate``: compare a scan's result with labels."""

from pathlib import Path
from typing import Annotated

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.evaluation import Evaluation, Label
from stillwatch.campaigns.evaluation import evaluate as compare
from stillwatch.cli.streams import print_json
from stillwatch.errors import UsageError


def evaluate(
    result: Annotated[Path, typer.Argument(help="Folder that scan wrote.", show_default=False)],
    labels: Annotated[Path, typer.Option(help="labels.parquet: account_id, campaign (null: benign), kind.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Compare a scan's result with labels: campaigns found, missed and false; precision and recall over accounts.

    Example:  stillwatch evaluate stillwatch-out --labels world/labels.parquet
    """
    evaluation = compare(load_result(result), load_labels(labels))
    if as_json:
        print_json(evaluation)
    else:
        show(evaluation, Console())


def load_result(folder: Path) -> Campaigns:
    """The result that a scan wrote into ``folder``. Raises UsageError if there is none."""
    path = folder / "campaigns.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Campaigns)
    except OSError as error:
        raise UsageError(f"cannot be opened: {error.strerror}", place=str(path), cure="name the folder that scan wrote") from error
    except msgspec.MsgspecError as error:
        raise UsageError(f"is no result of a scan: {error}", place=str(path), cure="run the scan again") from error


def load_labels(path: Path) -> list[Label]:
    """The labels in a Parquet file. Raises UsageError if it holds none."""
    try:
        rows = pq.read_table(path, columns=["account_id", "campaign", "kind"]).to_pylist()
        return [msgspec.convert(row, Label) for row in rows]
    except OSError as error:
        raise UsageError(f"cannot be opened: {error}", place=str(path), cure="check the path") from error
    except (pa.ArrowInvalid, KeyError, msgspec.MsgspecError) as error:
        raise UsageError(
            f"holds no labels: {error}", place=str(path), cure="it needs account_id, campaign and kind as strings"
        ) from error


def show(evaluation: Evaluation, console: Console) -> None:
    """Print an evaluation as tables."""
    campaigns = Table("labelled campaign", "accounts", "reported", "in reports", "found", title="Campaigns")
    for entry in evaluation.campaigns:
        row = (entry.campaign, entry.accounts, entry.reported_accounts, entry.reports, "yes" if entry.found else "MISSED")
        campaigns.add_row(*map(str, row))
    kinds = Table("kind", "hostile", "accounts", "in reported campaigns", title="Accounts by kind")
    for kind in evaluation.kinds:
        kinds.add_row(kind.kind, "yes" if kind.hostile else "", str(kind.accounts), str(kind.reported_accounts))
    console.print(campaigns)
    console.print(kinds)
    console.print(
        f"False campaigns: {len(evaluation.false)} (declared rate {evaluation.fdr:g}).  Accounts in reported campaigns: "
        f"precision {_share(evaluation.precision)}, recall {_share(evaluation.recall)}."
    )
    console.print(f"Share of requests seen before detection: not known; {evaluation.seen_because}.")


def _share(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.3f}"
