"""Who may see a letter that something else found is told by an index, not by the letter's row."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["id", "level", "sealed", "region", "category", "published", "sort_order"]
    op.create_index("ix_petitions_found", "petitions", columns)


def downgrade() -> None:
    op.drop_index("ix_petitions_found", "petitions")
