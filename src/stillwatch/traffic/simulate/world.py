"""A world: ordinary accounts, all look-alikes, and the campaigns asked for, written as the tables of the data contract.

The same settings give the same world. Requests lie in several files in no order of kind, as they would in a data lake.

>>> write_world(World(accounts=300, seed=1), Path("world"))
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import OutputNotWritten, UsageError
from stillwatch.traffic.schema import EVENTS
from stillwatch.traffic.simulate.behaviour import Behaviour
from stillwatch.traffic.simulate.evasion import NONE, Evasion, evading
from stillwatch.traffic.simulate.making import BAN_DAY, DAY, RELEASE_DAY, Window, make
from stillwatch.traffic.simulate.people import LOOK_ALIKES, ORDINARY
from stillwatch.traffic.simulate.pools import CAMPAIGNS, SUCCESSOR

START = date(2026, 10, 12)
_CHUNK = 10_000
_STANDARD = 3_000
LABELS = pa.schema([("account_id", pa.string()), ("campaign", pa.string()), ("kind", pa.string())])


@dataclass(frozen=True)
class World:
    """``accounts`` in all (at least 50), ``days`` (at least 1) from ``start`` on, ``seed``, and ``campaigns`` as NAME or
    NAME:SIZE, who evade detection with ``evasion``.

    Sizes of look-alikes, and of campaigns without a size, are those of a world of 3,000 accounts, scaled.
    """

    accounts: int = 3_000
    days: float = 7.0
    seed: int = 0
    campaigns: tuple[str, ...] = ("queue", "low-and-slow")
    evasion: Evasion = NONE
    start: date = START

    @property
    def begins(self) -> int:
        """The beginning in seconds since 1970."""
        return int(datetime.combine(self.start, time(), UTC).timestamp())


def tables(world: World) -> Iterator[tuple[pa.Table, pa.Table, pa.Table]]:
    """The world part by part: accounts, requests and labels of at most 10,000 accounts each.

    Raises UsageError for a campaign that does not exist or does not fit.
    """
    rng = np.random.default_rng(world.seed)
    window = Window(world.begins, world.days)
    kinds = list(_cast(world))
    for number, (kind, size) in enumerate(kinds):
        accounts, requests = make(kind, size, window, f"{world.seed}-{number}", rng)
        campaign = kind.name if kind.campaign else None
        labels = pa.Table.from_pydict(
            {"account_id": accounts["account_id"], "campaign": [campaign] * size, "kind": [kind.name] * size}, schema=LABELS
        )
        yield accounts, requests, labels


def _cast(world: World) -> Iterator[tuple[Behaviour, int]]:
    """Which kinds play, with how many accounts."""
    scale = world.accounts / _STANDARD
    cast = [(kind, max(1, round(kind.accounts * scale))) for kind in LOOK_ALIKES]
    for name in world.campaigns:
        kind, size = _campaign(name, scale)
        cast.append((evading(kind, world.evasion), size))
        if kind.name == SUCCESSOR.name:
            cast.append((evading(SUCCESSOR, world.evasion), size))
    ordinary = world.accounts - sum(size for _, size in cast)
    if ordinary < 0:
        raise UsageError(
            "the campaigns are larger than the world", place="--accounts", cure="ask for more accounts or smaller campaigns"
        )
    yield from cast
    for start in range(0, ordinary, _CHUNK):
        yield ORDINARY, min(_CHUNK, ordinary - start)


def _campaign(name: str, scale: float) -> tuple[Behaviour, int]:
    kind, _, size = name.partition(":")
    if kind not in CAMPAIGNS or (size and not size.isdecimal()) or size == "0":
        raise UsageError(
            f"no such campaign: {name}", place="--campaign", cure=f"NAME or NAME:SIZE, NAME one of none, {', '.join(CAMPAIGNS)}"
        )
    return CAMPAIGNS[kind], int(size) if size else max(5, round(CAMPAIGNS[kind].accounts * scale))


def write_world(world: World, out: Path) -> int:
    """Write ``requests/*.parquet``, ``accounts``, ``events`` and ``labels.parquet`` into ``out``; returns the number of requests.

    A world that is there already is replaced when the new one is whole. Raises OutputNotWritten, UsageError.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".stillwatch-", dir=out.parent) as folder:
            rows = _write(world, Path(folder))
            out.mkdir(exist_ok=True)
            for name in ("requests", "accounts.parquet", "events.parquet", "labels.parquet"):
                if (out / name).is_dir():
                    shutil.rmtree(out / name)
                os.replace(Path(folder) / name, out / name)
            return rows
    except OSError as error:
        raise OutputNotWritten(
            f"the world could not be written ({error.strerror or error})",
            place=str(out),
            cure="free some space or choose another folder with --out",
        ) from error


def _write(world: World, folder: Path) -> int:
    (folder / "requests").mkdir()
    order = np.random.default_rng(world.seed + 1)
    accounts, labels, rows = [], [], 0
    for number, (some, requests, named) in enumerate(tables(world)):
        shuffled = requests.sort_by("ts") if len(requests) else requests
        pq.write_table(
            shuffled,
            folder / "requests" / f"part-{order.integers(16**6):06x}-{number:04d}.parquet",
            compression="zstd",
            compression_level=1,
        )
        accounts.append(some)
        labels.append(named)
        rows += len(requests)
    pq.write_table(_mixed(accounts, order), folder / "accounts.parquet")
    pq.write_table(_mixed(labels, order), folder / "labels.parquet")
    pq.write_table(_events(world), folder / "events.parquet")
    return rows


def _mixed(parts: list[pa.Table], rng: np.random.Generator) -> pa.Table:
    whole = pa.concat_tables(parts)
    return whole.take(pa.array(rng.permutation(len(whole))))


def _events(world: World) -> pa.Table:
    def at(share: float) -> datetime:
        return datetime.fromtimestamp(world.begins + share * world.days * DAY, UTC)

    found = [{"ts": at(RELEASE_DAY), "kind": "model_release", "subject": "atlas-large-2"}]
    if any(name.startswith(SUCCESSOR.name) for name in world.campaigns):
        found.append({"ts": at(BAN_DAY), "kind": "ban_wave", "subject": "synthetic ban wave"})
    return pa.Table.from_pylist(found, schema=EVENTS)
