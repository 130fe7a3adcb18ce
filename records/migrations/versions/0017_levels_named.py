"""Beside each name stands the letter's level: those above one's clearance aren't touched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE = "petition_users"


def upgrade() -> None:
    op.create_index("ix_petitions_level", "petitions", ["id", "level"], unique=True)
    _keep_rows()
    op.create_table(
        TABLE,
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id", "level"],
            ["petitions.id", "petitions.level"],
            name=op.f("fk_petition_users_petition_id_level"),
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_petition_users_user_id")),
        sa.PrimaryKeyConstraint("petition_id", "user_id", "part", name=op.f("pk_petition_users")),
    )
    op.execute(
        "INSERT INTO petition_users (petition_id, user_id, part, level)"
        " SELECT petition_id, user_id, part, level FROM named_before"
        " JOIN petitions ON petitions.id = petition_id"
    )
    op.drop_table("named_before")
    op.create_index("ix_petition_users_reach", TABLE, ["user_id", "level", "petition_id"])


def downgrade() -> None:
    _keep_rows()
    op.create_table(
        TABLE,
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_petition_users_petition_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_petition_users_user_id")),
        sa.PrimaryKeyConstraint("petition_id", "user_id", "part", name=op.f("pk_petition_users")),
    )
    op.execute("INSERT INTO petition_users SELECT petition_id, user_id, part FROM named_before")
    op.drop_table("named_before")
    op.create_index(op.f("ix_petition_users_user_id"), TABLE, ["user_id"], unique=False)
    op.drop_index("ix_petitions_level", "petitions")


def _keep_rows() -> None:
    """SQLite can't change what a table refers to, so that it is made anew."""
    op.execute("CREATE TABLE named_before AS SELECT petition_id, user_id, part FROM petition_users")
    op.drop_table(TABLE)
