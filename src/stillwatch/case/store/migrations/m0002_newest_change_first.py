"""An index for lists of cases, the newest change first."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the index."""
    op.create_index("cases_by_change", "cases", ["updated", "number"], unique=False)
