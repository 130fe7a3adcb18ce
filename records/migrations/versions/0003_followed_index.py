"""The records remember which search indexes follow them: others are never asked unnoticed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import records.times

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "followed_index",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sa.String(length=200), nullable=False),
        sa.Column("since", records.times.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followed_index")),
    )


def downgrade() -> None:
    op.drop_table("followed_index")
