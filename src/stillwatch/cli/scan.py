"""``stillwatch scan``: find campaigns in request logs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.campaigns.campaign import Campaigns
from stillwatch.campaigns.scan import ScanSettings
from stillwatch.campaigns.scan import scan as run_scan
from stillwatch.cli.progress import shown_progress
from stillwatch.cli.streams import print_json, tell
from stillwatch.cli.tables import campaigns_table
from stillwatch.errors import UsageError
from stillwatch.traffic.engines.opening import ENGINES
from stillwatch.traffic.engines.spark.settings import SparkSettings
from stillwatch.traffic.readers.detect import READERS


def scan(
    requests: Annotated[
        list[str],
        typer.Argument(help="Request logs: files, folders or globs; with --engine spark also URLs and tables.", show_default=False),
    ],
    accounts: Annotated[Path | None, typer.Option(help="Table of accounts (Parquet, JSON Lines, CSV).")] = None,
    events: Annotated[Path | None, typer.Option(help="Table of events (model releases, ban waves).")] = None,
    log_format: Annotated[str, typer.Option("--format", help=f"auto, {', '.join(READERS)}.")] = "auto",
    account_from: Annotated[
        str | None, typer.Option(metavar="FIELD|HEADER", help="Field (dotted) or header that names the account.")
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder that carries earlier scans on: ids stay, new requests are added.")
    ] = None,
    out: Annotated[
        str, typer.Option(metavar="DIR", help="Folder for the result; with --engine spark also a URL of its storage.")
    ] = "stillwatch-out",
    out_table: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="With --engine spark: views NAME_accounts and NAME_campaigns of its catalog too."),
    ] = None,
    engine: Annotated[str, typer.Option(help=f"Where the analysis runs: {' or '.join(ENGINES)}.")] = "local",
    spark_master: Annotated[
        str | None, typer.Option(metavar="URL", help="Spark's master (spark://…, local[*]) or Spark Connect server (sc://…).")
    ] = None,
    spark_conf: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A setting of Spark; may be given several times.")
    ] = None,
    fdr: Annotated[float, typer.Option(help="Share of the reported campaigns that may be innocent.")] = 0.01,
    show_text: Annotated[bool, typer.Option("--show-text", help="Put the masked text of scaffolds into the report.")] = False,
    memory: Annotated[int, typer.Option(help="Bound for the engine's own buffers, in MiB; more spills to disk.", min=256)] = 1500,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print campaigns.json instead of a table.")] = False,
) -> None:
    """Find distillation campaigns in request logs and write campaigns.json, accounts.parquet, rejected.jsonl and report.html.

    Example:  stillwatch scan logs/ --accounts accounts.parquet --out result
    """
    _check(log_format, engine, fdr)
    if engine != "spark" and (spark_master or spark_conf):
        raise UsageError("this is for --engine spark", place="--spark-master, --spark-conf", cure="add --engine spark")
    settings = ScanSettings(
        requests=tuple(requests),
        out=out,
        accounts=accounts,
        events=events,
        log_format=log_format,
        account_from=account_from,
        fdr=fdr,
        state=state,
        show_text=show_text,
        memory_mb=memory,
        engine=engine,
        out_table=out_table,
        spark=SparkSettings(spark_master, tuple(_setting(text) for text in spark_conf or [])),
    )
    with shown_progress(not quiet) as progress:
        result = run_scan(settings, now=datetime.now(UTC), progress=progress)
    show(result, out, quiet=quiet, as_json=as_json)


def show(result: Campaigns, out: Path | str, *, quiet: bool, as_json: bool) -> None:
    """Print a result as a table or as JSON, and where the report is."""
    if as_json:
        print_json(result)
    elif not quiet:
        campaigns_table(result, Console())
        tell(f"Report: {out}/report.html" if "://" in str(out) else f"Report: {(Path(out) / 'report.html').resolve()}")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise UsageError(f"no setting: {text}", place="--spark-conf", cure="for example --spark-conf spark.executor.memory=4g")
    return name, value


def _check(log_format: str, engine: str, fdr: float) -> None:
    if log_format not in ("auto", *READERS):
        raise UsageError(f"no such format: {log_format}", place="--format", cure=f"name one of auto, {', '.join(READERS)}")
    if engine not in ENGINES:
        raise UsageError(f"no such engine: {engine}", place="--engine", cure=f"name one of {', '.join(ENGINES)}")
    if not 0 < fdr < 1:
        raise UsageError(f"not a rate between 0 and 1: {fdr}", place="--fdr", cure="for example --fdr 0.01")
