"""What people correct of a redaction is kept, so that it holds when the texts change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import records.times

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "redaction_corrections",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", records.times.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petitions.id"],
            name=op.f("fk_redaction_corrections_petition_id_petitions"),
        ),
        sa.PrimaryKeyConstraint("petition_id", "position", name=op.f("pk_redaction_corrections")),
    )


def downgrade() -> None:
    op.drop_table("redaction_corrections")
