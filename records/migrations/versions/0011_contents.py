"""What of letters is laid side by side, and which of them are likely about one matter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contents",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=100), nullable=False),
        sa.Column("leading", sa.LargeBinary(), nullable=False),
        sa.Column("rest", sa.LargeBinary(), nullable=False),
        sa.Column("linked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contents")),
        sa.UniqueConstraint("digest", name=op.f("uq_contents_digest")),
    )
    op.create_index(
        "ix_contents_unlinked",
        "contents",
        ["id"],
        sqlite_where=sa.text("NOT linked"),
        postgresql_where=sa.text("NOT linked"),
    )
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
    op.create_index(op.f("ix_petition_contents_content_id"), "petition_contents", ["content_id"])
    op.create_table(
        "content_links",
        sa.Column("one", NUMBER, nullable=False),
        sa.Column("other", NUMBER, nullable=False),
        sa.Column("odds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["one"], ["contents.id"], name=op.f("fk_content_links_one_contents")
        ),
        sa.ForeignKeyConstraint(
            ["other"], ["contents.id"], name=op.f("fk_content_links_other_contents")
        ),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_content_links")),
    )
    op.create_index(op.f("ix_content_links_other"), "content_links", ["other"])


def downgrade() -> None:
    op.drop_table("content_links")
    op.drop_table("petition_contents")
    op.drop_table("contents")
