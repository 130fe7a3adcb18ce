"""Which links there are is told by a row, not by counting contents: hidden ones took time too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "links_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_links_version_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links_version")),
    )


def downgrade() -> None:
    op.drop_table("links_version")
