"""The tables, the same on SQLite and PostgreSQL.

Rules: times are whole microseconds since 1970 (UTC). An object version is one row, its body the bytes as they came; it is never
altered. ``seq`` is the order in which rows were committed over the whole hub, ``date_added`` what TAXII shows; both only grow,
and both are given out under the one lock of ``counter``, which is held until the commit, so that nobody who has seen a number can
later find a smaller one that is new. What is deleted moves to ``removals``, without its body.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

hub = Table(
    "hub",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("contact", Text),
    Column("signing_secret", LargeBinary, nullable=False),
    Column("founded", BigInteger, nullable=False),
)
"""One row: what the hub calls itself, and the secret that signs its access tokens."""

counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("date_added", BigInteger, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("lists", BigInteger, nullable=False),
)
"""One row: the last numbers given out, and how often the directory (members, keys, collections …) and the warning lists changed."""

api_roots = Table(
    "api_roots",
    metadata,
    Column("name", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("max_content_length", Integer, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("identity", Text, unique=True),
    Column("joined", BigInteger, nullable=False),
    Column("suspended", BigInteger),
)

groups = Table("groups", metadata, Column("id", Integer, primary_key=True), Column("name", Text, nullable=False, unique=True))

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", ForeignKey("groups.id"), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    PrimaryKeyConstraint("group_id", "member_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("may_write", Boolean, nullable=False),
    Column("label", Text),
    Column("made", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
)

collections = Table(
    "collections",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("api_root", ForeignKey("api_roots.name"), nullable=False),
    Column("alias", Text),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("spec_versions", Text, nullable=False),
    Column("receipt", Text, nullable=False),
    Column("unmarked", Text, nullable=False),
    UniqueConstraint("api_root", "alias", name="uq_collections_alias"),
)

rights = Table(
    "rights",
    metadata,
    Column("collection", ForeignKey("collections.number"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("may_read", Boolean, nullable=False),
    Column("may_write", Boolean, nullable=False),
    PrimaryKeyConstraint("collection", "subject"),
)
"""Who may use a collection; ``subject`` is ``everyone``, ``group:NAME`` or ``member:NAME``."""

audiences = Table(
    "audiences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("terms", Text, nullable=False, unique=True),
)
"""Every audience that some object has, as the JSON of ``access.audience.Audience``."""

objects = Table(
    "objects",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("collection", ForeignKey("collections.number"), nullable=False),
    Column("stix_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("spec_version", Text, nullable=False),
    Column("version_key", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("date_added", BigInteger, nullable=False),
    Column("audience", ForeignKey("audiences.id"), nullable=False),
    Column("owner", ForeignKey("members.id"), nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("cuts", Text),
    Column("warned", Text),
    Column("opening", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_objects_page", "collection", "date_added", unique=True),
    Index("ix_objects_type", "collection", "type", "date_added"),
    Index("ix_objects_version", "collection", "stix_id", "spec_version", "version_key", "date_added"),
    Index("ix_objects_stix_id", "stix_id"),
    Index("ix_objects_feed", "seq", "collection", "audience", "owner", "size"),
)

removals = Table(
    "removals",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("removed", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", ForeignKey("members.id"), nullable=False),
    Column("collection", ForeignKey("collections.number"), nullable=False),
    Column("stix_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("spec_version", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("date_added", BigInteger, nullable=False),
    Column("audience", ForeignKey("audiences.id"), nullable=False),
    Column("owner", ForeignKey("members.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Index("ix_removals_stix_id", "stix_id"),
)
"""What was deleted: the object's ``seq`` as ``removed``, when and by whom."""

statuses = Table(
    "statuses",
    metadata,
    Column("id", Text, primary_key=True),
    Column("api_root", ForeignKey("api_roots.name"), nullable=False),
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_statuses_at", "at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("how", Text, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("seqs", Text, nullable=False),
    Index("ix_deliveries_range", "first_seq", "last_seq"),
)
"""What was handed to whom: one row an answer, the numbers of its objects as ranges (``5-104,110``)."""

receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Index("ix_receipts_member", "member", "seq"),
)
"""What members confirmed: that they have taken in every change up to ``seq``."""

notices = Table(
    "notices",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_notices_member", "member", "seq"),
)
"""What the hub tells one member about an object: a JSON object, in the feed of that member alone."""

remarks = Table(
    "remarks",
    metadata,
    Column("seq", ForeignKey("objects.seq", ondelete="CASCADE"), nullable=False),
    Column("collection", ForeignKey("collections.number"), nullable=False),
    Column("target", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("value", Text),
    Column("times", BigInteger),
    Column("audience", ForeignKey("audiences.id"), nullable=False),
    Column("owner", ForeignKey("members.id"), nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    PrimaryKeyConstraint("seq", "target"),
    Index("ix_remarks_target", "collection", "target"),
)
"""What opinions and sightings (``kind``) say of an object (``target``): a row for each version of them (``source``) and target."""

warning_lists = Table(
    "warning_lists",
    metadata,
    Column("name", Text, nullable=False),
    Column("entry", Text, nullable=False),
    PrimaryKeyConstraint("name", "entry"),
)
"""Networks, clients and names that many innocent people share."""

appeals = Table(
    "appeals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("opened", BigInteger, nullable=False),
    Column("because", Text, nullable=False),
    Column("decided", BigInteger),
    Column("outcome", Text),
)
"""Cases for people or organisations that were wrongly flagged; ``outcome`` is ``upheld`` or ``rejected``."""

appeal_objects = Table(
    "appeal_objects",
    metadata,
    Column("appeal", ForeignKey("appeals.id"), nullable=False),
    Column("stix_id", Text, nullable=False),
    PrimaryKeyConstraint("appeal", "stix_id"),
    Index("ix_appeal_objects_stix_id", "stix_id"),
)

appeal_answers = Table(
    "appeal_answers",
    metadata,
    Column("appeal", ForeignKey("appeals.id"), nullable=False),
    Column("member", ForeignKey("members.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    PrimaryKeyConstraint("appeal", "member", "at"),
)
"""What members did about a case, in their words, and when."""

budget = Table(
    "budget",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("epsilon", Float, nullable=False),
    Column("what", Text, nullable=False),
)
"""What statistics spent of the year's privacy budget."""

registers = Table(
    "registers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("ended", BigInteger),
)
"""Authorised distillation, and independent evaluators who must be told when responses are altered."""
