"""Who may see letters is told by an index, so that those that others see take no time."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["level", "sealed", "region", "category", "published", "received_at", "id"]
    op.create_index("ix_petitions_reach", "petitions", columns)


def downgrade() -> None:
    op.drop_index("ix_petitions_reach", "petitions")
