"""A scan from end to end: intake → derived rows → census → detection → findings → files.

>>> result = scan(ScanSettings(requests=("logs/",), out=Path("stillwatch-out")), now=datetime.now(UTC))
>>> len(result.campaigns)
1
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from stillwatch import __version__
from stillwatch.campaigns import findings, results, significance
from stillwatch.campaigns.campaign import Abstained, Campaign, Campaigns, Run
from stillwatch.campaigns.census import Census, take_census
from stillwatch.campaigns.detail import Detail
from stillwatch.campaigns.detection import Detection, Verdict, detect, harvest_bits
from stillwatch.campaigns.state import known, note, with_earlier_ids
from stillwatch.campaigns.techniques import sample_texts
from stillwatch.campaigns.templates import templates_of
from stillwatch.traffic.accounts import load_accounts, load_events
from stillwatch.traffic.engines.delivery import Delivery, Publication
from stillwatch.traffic.engines.engine import Asked, Engine, Place, Rows, Taken
from stillwatch.traffic.engines.history import History
from stillwatch.traffic.engines.opening import opened
from stillwatch.traffic.engines.spark.settings import SparkSettings
from stillwatch.traffic.figures import FromRows

Progress = Callable[[str, int], None]
"""Told the name of the step and the rows done in it (0 when it begins)."""


@dataclass(frozen=True)
class ScanSettings:
    """What to scan and how.

    ``fdr`` in (0, 1): of the campaigns reported, the share that may be innocent; ``memory_mb`` bounds the engine's own
    buffers (MiB); the other fields are the options of the command. ``out`` and ``state`` may be URLs where the engine has
    storage of its own.
    """

    requests: tuple[str, ...]
    out: Place
    accounts: Path | None = None
    events: Path | None = None
    log_format: str = "auto"
    account_from: str | None = None
    fdr: float = 0.01
    state: Place | None = None
    show_text: bool = False
    memory_mb: int = 1_500
    engine: str = "local"
    spark: SparkSettings = field(default_factory=SparkSettings)
    out_table: str | None = None


def scan(settings: ScanSettings, *, now: datetime, progress: Progress = lambda step, rows: None) -> Campaigns:
    """Scan request logs and write the result into ``settings.out``.

    Raises NoReadableInput if no request can be read, UsageError if the accounts table or the state is none,
    EngineFailed if the engine cannot go on, OutputNotWritten if the result cannot be written. Whatever it raises,
    ``settings.out`` is as it was before.
    """
    accounts = load_accounts(settings.accounts) if settings.accounts else None
    events = load_events(settings.events) if settings.events else None
    try:
        with tempfile.TemporaryDirectory(prefix=".stillwatch-", dir=_beside(settings.out)) as folder:
            return _scan_in(Path(folder), settings, accounts, events, now, progress)
    except OSError as error:
        raise results.not_written(settings.out, error) from error


def _beside(out: Place) -> Path | None:
    """The folder in which ``out`` stands, where what is made on the way has room; None (the usual place) if it is elsewhere."""
    if "://" in str(out):
        return None
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    return Path(out).parent


@dataclass(frozen=True)
class _Ends:
    """Where a scan goes on from and where its result goes, opened before the work begins so that what is wrong is said at once."""

    history: History | None
    deliver: Delivery
    publish: Publication | None

    @classmethod
    def of(cls, engine: Engine, settings: ScanSettings) -> Self:
        return cls(
            engine.history(settings.state) if settings.state else None,
            engine.delivery(settings.out),
            engine.publication(settings.out_table, results.TABLES) if settings.out_table else None,
        )


def _scan_in(
    workshop: Path,
    settings: ScanSettings,
    accounts: pa.Table | None,
    events: pa.Table | None,
    now: datetime,
    progress: Progress,
) -> Campaigns:
    with opened(settings.engine, workshop, memory_mb=settings.memory_mb, spark=settings.spark) as engine:
        ends = _Ends.of(engine, settings)
        earlier = known(ends.history.note, str(settings.state)) if ends.history else []
        progress("reading logs", 0)
        asked = Asked(settings.requests, workshop, now, settings.log_format, settings.account_from)
        taken = engine.take_in(asked, lambda done: progress("reading logs", done))
        progress("fingerprinting", 0)
        rows = engine.derived(taken.requests, lambda done: progress("fingerprinting", done))
        if ends.history:
            rows = ends.history.together(rows)
        progress("measuring accounts", 0)
        figures = ends.history.figures(engine, rows) if ends.history else FromRows(engine, rows)
        census = take_census(engine, rows, figures, accounts, events)
        progress("weighing groups", 0)
        detection = detect(engine, rows, census, partial(sample_texts, engine, taken.requests, census), fdr=settings.fdr)
        progress("writing the report", 0)
        reported = [verdict for verdict in detection.verdicts if verdict.reported]
        others = [verdict for verdict in detection.verdicts if not verdict.reported and verdict.harvest > 0]
        templates = templates_of(engine, rows, census, [verdict.candidate for verdict in (*reported, *others)])
        shown = _shown(engine, taken.requests, reported, census) if settings.show_text else [[]] * len(reported)
        found = list(map(findings.campaign, reported, repeat(census), templates, shown))
        campaigns = with_earlier_ids(found, earlier)
        details = _details(engine, rows, reported, campaigns, census)
        engine.check_unchanged()
        result = Campaigns(
            run=_run(settings, taken, census, detection, now, engine.name),
            campaigns=campaigns,
            explained=list(map(findings.campaign, others, repeat(census), templates[len(reported) :])),
        )
        table = _accounts(census, detection, campaigns)
        if ends.history:
            ends.history.commit(note(campaigns, earlier))
        if ends.publish:
            ends.publish(results.as_tables(result, table))
        results.write(result, details, table, workshop, ends.deliver, settings.out)
    return result


def _shown(engine: Engine, requests: Sequence[Place], verdicts: Sequence[Verdict], census: Census) -> list[list[str]]:
    """Texts to show of each reported group."""
    sent = sample_texts(engine, requests, census, [verdict.candidate.members for verdict in verdicts]) if verdicts else []
    return [[one.text for one in part] for part in sent]


def _details(
    engine: Engine, rows: Rows, verdicts: Sequence[Verdict], campaigns: Sequence[Campaign], census: Census
) -> dict[str, Detail]:
    return {
        campaign.id: findings.detail(engine, rows, verdict, census, campaign.id)
        for verdict, campaign in zip(verdicts, campaigns, strict=True)
    }


def _run(
    settings: ScanSettings,
    taken: Taken,
    census: Census,
    detection: Detection,
    started: datetime,
    engine: str,
) -> Run:
    first, last = census.measures["first"].min(), census.measures["last"].max()
    return Run(
        version=__version__,
        started=findings.iso(started.timestamp()),
        finished=findings.iso(datetime.now(UTC).timestamp()),
        engine=engine,
        requests=int(census.measures["requests"].sum()),
        accounts=len(census),
        rejected_rows=taken.rejected_rows,
        window=(findings.iso(float(first)), findings.iso(float(last))),
        fdr=settings.fdr,
        abstained=[Abstained(signal, because) for signal, because in sorted(detection.abstained.items())],
        notes=list(taken.notes),
    )


def _accounts(census: Census, detection: Detection, campaigns: Sequence[Campaign]) -> pa.Table:
    """The table of accounts, with conformal p-values against accounts that stand in no candidate group."""
    bits = harvest_bits(detection.account_bits, len(census))
    ordinary = ~detection.population.suspects
    p = significance.conformal_p_values(bits, bits[ordinary] if ordinary.sum() >= 30 else bits)
    member_of = {account: campaign.id for campaign in campaigns for account in campaign.accounts}
    return findings.account_table(
        census,
        detection.account_bits,
        {
            "campaign_id": pa.array([member_of.get(account) for account in census.ids], pa.string()),
            "harvest_bits": np.round(bits, 3),
            "p_value": p,
            "q_value": significance.q_values(p),
        },
    )
