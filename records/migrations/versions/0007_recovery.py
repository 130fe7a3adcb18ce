"""Second factors set up by their users; one-time codes for lost ones; addresses wait too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import records.times

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("totp_pending", sa.LargeBinary(), nullable=True))
    op.add_column("users", sa.Column("factor_due_at", records.times.UtcTime(), nullable=True))
    op.add_column("users", sa.Column("reset_code_hash", sa.String(length=64), nullable=True))
    op.add_column("users", sa.Column("reset_until", records.times.UtcTime(), nullable=True))
    _waits("subject_hash")


def downgrade() -> None:
    _waits("name_hash")
    for column in ("reset_until", "reset_code_hash", "factor_due_at", "totp_pending"):
        op.drop_column("users", column)


def _waits(key: str) -> None:
    """Made anew under another name of its key: what it holds is forgotten in a day anyway."""
    op.drop_table("sign_in_failures")
    op.create_table(
        "sign_in_failures",
        sa.Column(key, sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wait_until", records.times.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint(key, name=op.f("pk_sign_in_failures")),
    )
