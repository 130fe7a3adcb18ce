"""What leaders note on petitions (批示), for those who may see it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import records.times

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leader_notes",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("addressed", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("at", records.times.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_leader_notes_petition_id_petitions")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_leader_notes_user_id_users")
        ),
        sa.PrimaryKeyConstraint("petition_id", "position", name=op.f("pk_leader_notes")),
    )
    op.create_index(op.f("ix_leader_notes_user_id"), "leader_notes", ["user_id"])


def downgrade() -> None:
    op.drop_table("leader_notes")
