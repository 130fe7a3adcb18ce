"""Keys of people and of the office, signatures of replies, and who looked at a redaction."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import records.times

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "redaction_reviews",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("at", records.times.UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petitions.id"],
            name=op.f("fk_redaction_reviews_petition_id_petitions"),
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_redaction_reviews")),
    )
    op.create_table(
        "signing_keys",
        sa.Column("public", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=True),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", records.times.UtcTime(), nullable=False),
        sa.Column("ended_at", records.times.UtcTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=20), nullable=True),
        sa.Column("certified_by", sa.String(length=64), nullable=True),
        sa.Column("certificate", sa.String(length=128), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_signing_keys_ended")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_signing_keys_user_id_users")
        ),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_signing_keys")),
    )
    op.create_index(op.f("ix_signing_keys_user_id"), "signing_keys", ["user_id"])
    op.create_index(
        "uq_signing_keys_current",
        "signing_keys",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "reply_signatures",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("reply", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petitions.id"],
            name=op.f("fk_reply_signatures_petition_id_petitions"),
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["signing_keys.public"], name=op.f("fk_reply_signatures_key_signing_keys")
        ),
        sa.PrimaryKeyConstraint(
            "petition_id", "reply", "position", name=op.f("pk_reply_signatures")
        ),
    )
    op.create_index(op.f("ix_reply_signatures_key"), "reply_signatures", ["key"])


def downgrade() -> None:
    for table in ("reply_signatures", "signing_keys", "redaction_reviews"):
        op.drop_table(table)
