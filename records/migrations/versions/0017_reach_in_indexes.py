"""Letters above one's clearance aren't read where one is named: beside each name stands the
letter's level. Its content is in its own row, and in the index that tells who may see it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN_TO = ["level", "sealed", "region", "category", "published", "received_at"]
STALE = sa.text("(content_revision IS NULL OR content_revision != revision)")
SOUGHT = ("person_id", "id_no_hash", "phone_hash")


def upgrade() -> None:
    op.add_column("petitions", sa.Column("content_id", NUMBER))
    op.add_column("petitions", sa.Column("content_revision", sa.Integer()))
    op.execute(
        "UPDATE petitions SET content_id = made.content_id, content_revision = made.revision"
        " FROM petition_contents AS made WHERE made.petition_id = petitions.id"
    )
    op.drop_table("petition_contents")
    op.create_index("ix_petitions_content_id", "petitions", ["content_id"])
    op.create_index(
        "ix_petitions_stale", "petitions", ["id"], sqlite_where=STALE, postgresql_where=STALE
    )
    op.drop_index("ix_petitions_reach", "petitions")
    op.create_index("ix_petitions_reach", "petitions", [*OPEN_TO, "id", "content_id"])
    op.create_index("ix_petitions_level", "petitions", ["id", "level"], unique=True)
    for column in SOUGHT:
        name = f"ix_petition_persons_{column}"
        op.drop_index(name, "petition_persons")
        op.create_index(name, "petition_persons", [column, "petition_id"])
    _put_aside()
    op.create_table(
        "petition_users",
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
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO petition_users (petition_id, user_id, part, level)"
        " SELECT petition_id, user_id, part, level FROM users_aside"
        " JOIN petitions ON petitions.id = petition_id"
    )
    op.create_index(
        "ix_petition_users_reach", "petition_users", ["user_id", "level", "petition_id"]
    )
    op.drop_table("users_aside")


def downgrade() -> None:
    _put_aside()
    op.create_table(
        "petition_users",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_petition_users_petition_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_petition_users_user_id")),
        sa.PrimaryKeyConstraint("petition_id", "user_id", "part", name=op.f("pk_petition_users")),
    )
    op.execute("INSERT INTO petition_users SELECT petition_id, user_id, part FROM users_aside")
    op.create_index(op.f("ix_petition_users_user_id"), "petition_users", ["user_id"], unique=False)
    op.drop_table("users_aside")
    for column in SOUGHT:
        name = f"ix_petition_persons_{column}"
        op.drop_index(name, "petition_persons")
        op.create_index(name, "petition_persons", [column])
    op.drop_index("ix_petitions_level", "petitions")
    op.drop_index("ix_petitions_reach", "petitions")
    op.create_index("ix_petitions_reach", "petitions", [*OPEN_TO, "id"])
    op.create_table(
        "petition_contents",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("content_id", NUMBER, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_id"], ["contents.id"], name=op.f("fk_petition_contents_content_id_contents")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petitions.id"],
            name=op.f("fk_petition_contents_petition_id_petitions"),
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_petition_contents")),
    )
    op.execute(
        "INSERT INTO petition_contents (petition_id, content_id, revision)"
        " SELECT id, content_id, content_revision FROM petitions WHERE content_id IS NOT NULL"
    )
    op.create_index(op.f("ix_petition_contents_content_id"), "petition_contents", ["content_id"])
    for name in ("ix_petitions_stale", "ix_petitions_content_id"):
        op.drop_index(name, "petitions")
    for column in ("content_revision", "content_id"):
        op.drop_column("petitions", column)


def _put_aside() -> None:
    """SQLite can't change what a table refers to: it is made anew."""
    op.execute("CREATE TABLE users_aside AS SELECT petition_id, user_id, part FROM petition_users")
    op.drop_table("petition_users")
