"""Letters whose offices were reminded (催办) are found among all decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    which = sa.text("kind = 'urge' AND undone_at IS NULL")
    op.create_index(
        "ix_duplicate_decisions_urged",
        "duplicate_decisions",
        ["at"],
        sqlite_where=which,
        postgresql_where=which,
    )


def downgrade() -> None:
    op.drop_index("ix_duplicate_decisions_urged", "duplicate_decisions")
