"""Rights that are proposed by one person and confirmed by another; acts counted by the day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import records.times

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rights_proposals",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("proposed_by", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", records.times.UtcTime(), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_rights_proposals_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_rights_proposals_proposed_by_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_rights_proposals")),
    )
    op.create_table(
        "daily_uses",
        sa.Column("user_id", sa.String(length=100), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "act", "day", name=op.f("pk_daily_uses")),
    )


def downgrade() -> None:
    op.drop_table("daily_uses")
    op.drop_table("rights_proposals")
