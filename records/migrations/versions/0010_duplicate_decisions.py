"""What people decided of letters that may be repeats or duplicates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import records.times

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duplicate_decisions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("other_id", sa.String(length=32), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", records.times.UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("matter_id", sa.String(length=32), nullable=True),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("status_before", sa.String(length=20), nullable=False),
        sa.Column("status_step", sa.Integer(), nullable=True),
        sa.Column("undone_at", records.times.UtcTime(), nullable=True),
        sa.Column("undone_by", sa.String(length=100), nullable=True),
        sa.Column("undo_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petitions.id"],
            name=op.f("fk_duplicate_decisions_petition_id_petitions"),
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["petitions.id"], name=op.f("fk_duplicate_decisions_other_id_petitions")
        ),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matters.id"], name=op.f("fk_duplicate_decisions_matter_id_matters")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duplicate_decisions")),
    )
    with op.batch_alter_table("duplicate_decisions") as batch:
        for column in ("petition_id", "other_id"):
            batch.create_index(batch.f(f"ix_duplicate_decisions_{column}"), [column])


def downgrade() -> None:
    op.drop_table("duplicate_decisions")
