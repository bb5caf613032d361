"""Results as tables of Spark's catalog: a view under each name asked for, which moves to a new table once that is whole.

1. The tables of a run are written under names of their own: ``NAME_accounts_run_20261101t120000_1a2b3c4d``.
2. When all of them are whole, each view ``NAME_accounts`` is replaced, at once. A run that fails before leaves the views as they
   are. The column ``run`` tells whether two views stand on the same run.
3. Tables older than those of the run before are dropped; who is reading the run before can end.
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from stillwatch.errors import UsageError
from stillwatch.traffic.engines.delivery import Publication
from stillwatch.traffic.engines.spark import bits
from stillwatch.traffic.engines.spark.failure import failures

_KEPT = 2


def into_tables(session: Any, name: str, kinds: tuple[str, ...]) -> Publication:
    """What publishes one table of each of ``kinds`` as the views ``name_kind``.

    Raises UsageError if ``name`` is no name of a table, or one of the views is something else already.
    """
    if re.fullmatch(r"\w+(\.\w+){0,2}", name) is None:
        cure = "for example --out-table warehouse.abuse.stillwatch"
        raise UsageError("this is no name of a table", place=name, cure=cure)
    with failures():
        for kind in kinds:
            _check_view(session, f"{name}_{kind}")

    def publish(tables: Mapping[str, pa.Table]) -> None:
        run = f"run_{datetime.now(UTC):%Y%m%dt%H%M%S}_{uuid.uuid4().hex[:8]}"
        with failures():
            for kind in kinds:
                frame = session.createDataFrame(bits.signed(tables[kind]))
                frame.write.saveAsTable(f"{name}_{kind}_{run}")
            for kind in kinds:
                session.sql(f"CREATE OR REPLACE VIEW {name}_{kind} AS SELECT * FROM {name}_{kind}_{run}")
            for kind in kinds:
                _drop_older(session, f"{name}_{kind}")

    return publish


def _check_view(session: Any, name: str) -> None:
    if session.catalog.tableExists(name) and session.catalog.getTable(name).tableType != "VIEW":
        raise UsageError("this is a table, not a view of earlier results", place=name, cure="choose another --out-table")


def _drop_older(session: Any, view: str) -> None:
    database, _, short = view.rpartition(".")
    found = [table.name for table in session.catalog.listTables(database or None, f"{short}_run_*")]
    for table in sorted(found)[:-_KEPT]:
        session.sql(f"DROP TABLE IF EXISTS {database + '.' if database else ''}{table}")
