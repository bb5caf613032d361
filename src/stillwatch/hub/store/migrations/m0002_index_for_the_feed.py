"""An index that tells who sees which change without reading the objects themselves."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_objects_feed", "objects", ["seq", "collection", "audience", "owner", "size"], unique=False)
