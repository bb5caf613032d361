"""Admission: which stored requests a scan takes, as Ibis expressions, where files do not pass through the intake one by one.

The rules are those of the intake: a row needs its required columns and a plausible time; of rows with one ``request_id`` the
first stays. ``stored`` has the columns of ``derive.READ``, all of their canonical types, and says where each row is: ``source``
(a file) and ``line`` (a row number from 1), null where it cannot.

>>> admitted(stored, EARLIEST, datetime(2026, 11, 1, tzinfo=UTC)).columns == stored.columns
True
"""

from datetime import datetime

import ibis
import ibis.expr.types as ir
from ibis import _

CLOCK = "its clock is wrong"


def _reason(earliest: datetime, latest: datetime) -> ir.StringValue:
    """Why a row is refused; null where it is not."""
    return ibis.cases(
        (_.request_id.isnull(), "request_id is missing"),
        (_.ts.isnull(), "ts is missing"),
        (_.account_id.isnull(), "account_id is missing"),
        (_.model.isnull(), "model is missing"),
        ((_.ts < ibis.literal(earliest)) | (_.ts > ibis.literal(latest)), CLOCK),
    )


def counts(stored: ir.Table, earliest: datetime, latest: datetime) -> ir.Table:
    """One row: how many ``rows`` there are, and how many of them are ``refused``."""
    judged = stored.mutate(reason=_reason(earliest, latest))
    return judged.agg(
        rows=_.count(),
        refused=_.reason.notnull().sum().fill_null(0),
    )


def refused(stored: ir.Table, earliest: datetime, latest: datetime) -> ir.Table:
    """The refused rows: ``source, line, reason, request_id, ts``."""
    judged = stored.mutate(reason=_reason(earliest, latest))
    return judged.filter(_.reason.notnull()).select("source", "line", "reason", "request_id", "ts")


def admitted(stored: ir.Table, earliest: datetime, latest: datetime) -> ir.Table:
    """The rows that are not refused."""
    return stored.mutate(reason=_reason(earliest, latest)).filter(_.reason.isnull()).drop("reason")


def repeated_ids(rows: ir.Table) -> ir.Table:
    """Each ``request_id`` that more than one row has."""
    return rows.group_by("request_id").agg(copies=_.count()).filter(_.copies > 1).select("request_id")


def _copies(rows: ir.Table, repeated: ir.Table) -> ir.Table:
    """The rows with a repeated id, numbered from 0 by file and line."""
    number = ibis.row_number().over(group_by="request_id", order_by=["source", "line", "ts", "account_id"])
    return rows.semi_join(repeated, "request_id").mutate(copy=number)


def without_repeats(rows: ir.Table, repeated: ir.Table) -> ir.Table:
    """All rows but the further copies; only rows with a ``repeated`` id are sorted for that."""
    first = _copies(rows, repeated).filter(_.copy == 0).drop("copy")
    return rows.anti_join(repeated, "request_id").union(first)


def further_copies(rows: ir.Table, repeated: ir.Table) -> ir.Table:
    """The rows that ``without_repeats`` leaves out: ``source, line, request_id``."""
    return _copies(rows, repeated).filter(_.copy > 0).select("source", "line", "request_id")
