"""The tables, the same on SQLite and PostgreSQL.

Rules: times are ISO 8601 in UTC with microseconds, as text, so that they sort. Snapshots, decisions, assessments and actions are
added, never altered; only a purge removes them, and leaves a row in ``purged``. Texts of requests are nowhere.
"""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

metadata = MetaData()
NUMBER = BigInteger().with_variant(Integer(), "sqlite")


def _of_case(*, index: bool = True) -> Column[int]:
    return Column("case", NUMBER, ForeignKey("cases.number", ondelete="CASCADE"), nullable=False, index=index)


store = Table("store", metadata, Column("id", Integer, primary_key=True), Column("secret", LargeBinary, nullable=False))
"""One row: the key with which payments and devices are digested, so that they compare within this store only."""

cases = Table(
    "cases",
    metadata,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("assignee", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened", Text, nullable=False),
    Column("updated", Text, nullable=False),
    Column("retain_until", Text),
    Column("merged_into", NUMBER, ForeignKey("cases.number")),
    Column("campaign_id", Text, nullable=False),
    Column("accounts", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("coordination_bits", Float, nullable=False),
    Column("harvest_bits", Float, nullable=False),
    Column("q_value", Float, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("cases_by_state", cases.c.state, cases.c.updated)
Index("cases_by_change", cases.c.updated, cases.c.number)
Index("cases_by_assignee", cases.c.assignee)
Index("cases_by_campaign", cases.c.campaign_id)

snapshots = Table(
    "snapshots",
    metadata,
    Column("id", NUMBER, primary_key=True),
    _of_case(),
    Column("campaign_id", Text, nullable=False, index=True),
    Column("taken", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("campaign", LargeBinary, nullable=False),
    Column("run", LargeBinary, nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("pointer", Text, nullable=False),
    Column("accounts_sha256", Text, nullable=False),
)

account_rows = Table(
    "account_rows",
    metadata,
    Column("snapshot", NUMBER, ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("figures", LargeBinary, nullable=False),
)

traits = Table(
    "traits",
    metadata,
    Column("snapshot", NUMBER, ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("holders", BigInteger, nullable=False),
    Column("population", BigInteger, nullable=False),
)

comments = Table(
    "comments",
    metadata,
    Column("id", NUMBER, primary_key=True),
    _of_case(),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("text", Text, nullable=False),
)

attachments = Table(
    "attachments",
    metadata,
    Column("id", NUMBER, primary_key=True),
    _of_case(),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", NUMBER, primary_key=True),
    _of_case(),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("case", NUMBER, ForeignKey("cases.number"), index=True),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("lifted_by", Text),
    Column("lifted_at", Text),
    Column("lift_reason", Text),
)
"""``case`` is null for a hold on everything."""

assessments = Table(
    "assessments",
    metadata,
    Column("id", NUMBER, primary_key=True),
    _of_case(),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("assessment", LargeBinary, nullable=False),
)

actions = Table(
    "actions",
    metadata,
    Column("id", NUMBER, primary_key=True),
    _of_case(index=False),
    Column("place", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("case", "place"),
)

actors = Table(
    "actors",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("profile", LargeBinary, nullable=False),
)

purged = Table(
    "purged",
    metadata,
    Column("number", NUMBER, primary_key=True),
    Column("campaign_ids", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actions", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)
