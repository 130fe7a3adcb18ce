"""The bank card of a person, into which money is paid: a fact like the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("petition_persons", sa.Column("bank_card", sa.LargeBinary(), nullable=True))
    op.add_column(
        "petition_persons", sa.Column("bank_card_hash", sa.String(length=64), nullable=True)
    )
    op.create_index(
        op.f("ix_petition_persons_bank_card_hash"), "petition_persons", ["bank_card_hash"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_petition_persons_bank_card_hash"), "petition_persons")
    op.drop_column("petition_persons", "bank_card_hash")
    op.drop_column("petition_persons", "bank_card")
