"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _actors()
    _cases()
    _purged()
    _store()
    _actions()
    _assessments()
    _attachments()
    _comments()
    _decisions()
    _holds()
    _snapshots()
    _account_rows()
    _traits()


def _actors() -> None:
    op.create_table(
        "actors",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_seen", sa.Text(), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Text(), nullable=False),
        sa.Column("updated", sa.Text(), nullable=False),
        sa.Column("retain_until", sa.Text(), nullable=True),
        sa.Column("merged_into", _NUMBER, nullable=True),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("accounts", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("coordination_bits", sa.Float(), nullable=False),
        sa.Column("harvest_bits", sa.Float(), nullable=False),
        sa.Column("q_value", sa.Float(), nullable=False),
        sa.Column("first_seen", sa.Text(), nullable=False),
        sa.Column("last_seen", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into"],
            ["cases.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("cases_by_assignee", "cases", ["assignee"], unique=False)
    op.create_index("cases_by_campaign", "cases", ["campaign_id"], unique=False)
    op.create_index("cases_by_state", "cases", ["state", "updated"], unique=False)


def _purged() -> None:
    op.create_table(
        "purged",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("campaign_ids", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actions", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def _store() -> None:
    op.create_table(
        "store",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _actions() -> None:
    op.create_table(
        "actions",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("case", _NUMBER, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case", "place"),
    )


def _assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("case", _NUMBER, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("assessment", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_assessments_case", "assessments", ["case"], unique=False)


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("case", _NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_attachments_case", "attachments", ["case"], unique=False)


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("case", _NUMBER, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_comments_case", "comments", ["case"], unique=False)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("case", _NUMBER, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_decisions_case", "decisions", ["case"], unique=False)


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("case", _NUMBER, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case"],
            ["cases.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_holds_case", "holds", ["case"], unique=False)


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("case", _NUMBER, nullable=False),
        sa.Column("campaign_id", sa.Text(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("campaign", sa.LargeBinary(), nullable=False),
        sa.Column("run", sa.LargeBinary(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("accounts_sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_snapshots_campaign_id", "snapshots", ["campaign_id"], unique=False)
    op.create_index("ix_snapshots_case", "snapshots", ["case"], unique=False)


def _account_rows() -> None:
    op.create_table(
        "account_rows",
        sa.Column("snapshot", _NUMBER, nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshots.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("snapshot", "row"),
    )
    op.create_index("ix_account_rows_account_id", "account_rows", ["account_id"], unique=False)


def _traits() -> None:
    op.create_table(
        "traits",
        sa.Column("snapshot", _NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("holders", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshots.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("snapshot", "kind", "value"),
    )
