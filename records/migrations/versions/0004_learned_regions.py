"""Regions that were named by letters alone are told from those that the office declared.

Which of the present ones are which isn't known: all but the root count as learned until they are
declared, so that none of them tells of letters meanwhile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "regions", sa.Column("learned", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    regions = sa.table(
        "regions", sa.column("code", sa.String()), sa.column("learned", sa.Boolean())
    )
    op.execute(regions.update().where(regions.c.code != "ALL").values(learned=sa.true()))


def downgrade() -> None:
    op.drop_column("regions", "learned")
