"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _api_roots()
    _appeals()
    _audiences()
    _budget()
    _counter()
    _groups()
    _hub()
    _members()
    _registers()
    _warning_lists()
    _api_keys()
    _appeal_answers()
    _appeal_objects()
    _collections()
    _deliveries()
    _group_members()
    _notices()
    _receipts()
    _statuses()
    _objects()
    _removals()
    _rights()
    _remarks()


def _api_roots() -> None:
    op.create_table(
        "api_roots",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("max_content_length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _audiences() -> None:
    op.create_table(
        "audiences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("terms"),
    )


def _budget() -> None:
    op.create_table(
        "budget",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("epsilon", sa.Float(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("date_added", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("lists", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _groups() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )


def _hub() -> None:
    op.create_table(
        "hub",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("signing_secret", sa.LargeBinary(), nullable=False),
        sa.Column("founded", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=True),
        sa.Column("joined", sa.BigInteger(), nullable=False),
        sa.Column("suspended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("identity"),
        sa.UniqueConstraint("name"),
    )


def _registers() -> None:
    op.create_table(
        "registers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _warning_lists() -> None:
    op.create_table(
        "warning_lists",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "entry"),
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )


def _appeal_answers() -> None:
    op.create_table(
        "appeal_answers",
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal"],
            ["appeals.id"],
        ),
        sa.ForeignKeyConstraint(
            ["member"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("appeal", "member", "at"),
    )


def _appeal_objects() -> None:
    op.create_table(
        "appeal_objects",
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("stix_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appeal"],
            ["appeals.id"],
        ),
        sa.PrimaryKeyConstraint("appeal", "stix_id"),
    )
    op.create_index("ix_appeal_objects_stix_id", "appeal_objects", ["stix_id"], unique=False)


def _collections() -> None:
    op.create_table(
        "collections",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("api_root", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("spec_versions", sa.Text(), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("unmarked", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_root"],
            ["api_roots.name"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("api_root", "alias", name="uq_collections_alias"),
        sa.UniqueConstraint("id"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("seqs", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_deliveries_range", "deliveries", ["first_seq", "last_seq"], unique=False)


def _group_members() -> None:
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("group_id", "member_id"),
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_notices_member", "notices", ["member", "seq"], unique=False)


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_receipts_member", "receipts", ["member", "seq"], unique=False)


def _statuses() -> None:
    op.create_table(
        "statuses",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("api_root", sa.Text(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["api_root"],
            ["api_roots.name"],
        ),
        sa.ForeignKeyConstraint(
            ["member"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_statuses_at", "statuses", ["at"], unique=False)


def _objects() -> None:
    op.create_table(
        "objects",
        sa.Column("seq", _SEQ, autoincrement=False, nullable=False),
        sa.Column("collection", sa.Integer(), nullable=False),
        sa.Column("stix_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("spec_version", sa.Text(), nullable=False),
        sa.Column("version_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("date_added", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("cuts", sa.Text(), nullable=True),
        sa.Column("warned", sa.Text(), nullable=True),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience"],
            ["audiences.id"],
        ),
        sa.ForeignKeyConstraint(
            ["collection"],
            ["collections.number"],
        ),
        sa.ForeignKeyConstraint(
            ["owner"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_objects_page", "objects", ["collection", "date_added"], unique=True)
    op.create_index("ix_objects_stix_id", "objects", ["stix_id"], unique=False)
    op.create_index("ix_objects_type", "objects", ["collection", "type", "date_added"], unique=False)
    op.create_index(
        "ix_objects_version", "objects", ["collection", "stix_id", "spec_version", "version_key", "date_added"], unique=False
    )


def _removals() -> None:
    op.create_table(
        "removals",
        sa.Column("seq", _SEQ, autoincrement=False, nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("collection", sa.Integer(), nullable=False),
        sa.Column("stix_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("spec_version", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("date_added", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience"],
            ["audiences.id"],
        ),
        sa.ForeignKeyConstraint(
            ["by"],
            ["members.id"],
        ),
        sa.ForeignKeyConstraint(
            ["collection"],
            ["collections.number"],
        ),
        sa.ForeignKeyConstraint(
            ["owner"],
            ["members.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_removals_stix_id", "removals", ["stix_id"], unique=False)


def _rights() -> None:
    op.create_table(
        "rights",
        sa.Column("collection", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("may_read", sa.Boolean(), nullable=False),
        sa.Column("may_write", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection"],
            ["collections.number"],
        ),
        sa.PrimaryKeyConstraint("collection", "subject"),
    )


def _remarks() -> None:
    op.create_table(
        "remarks",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("collection", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("times", sa.BigInteger(), nullable=True),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience"],
            ["audiences.id"],
        ),
        sa.ForeignKeyConstraint(
            ["collection"],
            ["collections.number"],
        ),
        sa.ForeignKeyConstraint(
            ["owner"],
            ["members.id"],
        ),
        sa.ForeignKeyConstraint(["seq"], ["objects.seq"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", "target"),
    )
    op.create_index("ix_remarks_target", "remarks", ["collection", "target"], unique=False)
