"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The log of acts is written once: neither database lets an entry be changed or taken out.
GUARDS = {
    "sqlite": """
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END;

CREATE TRIGGER audit_entries_fixed BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
""",
    "postgresql": """
CREATE FUNCTION audit_entries_guard() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit entries are never changed or removed'; END $$;

CREATE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_guard();
""",
}


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=50), nullable=False),
        sa.Column("object_id", sa.String(length=100), nullable=True),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_actor"), "audit_entries", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_entries_at"), "audit_entries", ["at"], unique=False)
    op.create_index(
        op.f("ix_audit_entries_object_id"), "audit_entries", ["object_id"], unique=False
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("name", name=op.f("uq_batches_name")),
    )
    op.create_table(
        "categories",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("parent", sa.String(length=6), nullable=True),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["categories.code"], name=op.f("fk_categories_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_categories")),
    )
    op.create_index(op.f("ix_categories_name"), "categories", ["name"], unique=False)
    op.create_table(
        "matters",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matters")),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
        sa.UniqueConstraint("identity", name=op.f("uq_persons_identity")),
    )
    op.create_table(
        "regions",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["regions.code"], name=op.f("fk_regions_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_regions")),
    )
    op.create_index(op.f("ix_regions_name"), "regions", ["name"], unique=False)
    op.create_index(op.f("ix_regions_parent"), "regions", ["parent"], unique=False)
    op.create_table(
        "sign_in_failures",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("name_key", sa.String(length=100), nullable=False),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("fields_given", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "level IN ('open', 'restricted', 'secret')", name=op.f("ck_users_level")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name_key", name=op.f("uq_users_name_key")),
    )
    op.create_table(
        "grants",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grants_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", "value", name=op.f("pk_grants")),
    )
    op.create_table(
        "petitions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("petitioner", sa.String(length=200), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_redacted", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_redacted", sa.Text(), nullable=False),
        sa.Column("text_source", sa.String(length=20), nullable=True),
        sa.Column("text_confidence", sa.Float(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("region", sa.String(length=64), nullable=True),
        sa.Column("category", sa.String(length=6), nullable=True),
        sa.Column("category_source", sa.String(length=20), nullable=True),
        sa.Column("category_confidence", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("status_before_merge", sa.String(length=20), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("people_count", sa.Integer(), nullable=True),
        sa.Column("extra", sa.LargeBinary(), nullable=True),
        sa.Column("matter_id", sa.String(length=32), nullable=True),
        sa.Column("seq_in_matter", sa.Integer(), nullable=True),
        sa.Column("sort_order", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("indexed_revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed_revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("index_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "level IN ('open', 'restricted', 'secret')", name=op.f("ck_petitions_level")
        ),
        sa.CheckConstraint("indexed_revision <= revision", name=op.f("ck_petitions_indexed")),
        sa.ForeignKeyConstraint(
            ["category"], ["categories.code"], name=op.f("fk_petitions_category")
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matters.id"], name=op.f("fk_petitions_matter_id")),
        sa.ForeignKeyConstraint(["region"], ["regions.code"], name=op.f("fk_petitions_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petitions")),
        sa.UniqueConstraint(
            "matter_id", "seq_in_matter", name=op.f("uq_petitions_matter_id_seq_in_matter")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_petitions_number")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_petitions_source_external_id")),
    )
    op.create_index(op.f("ix_petitions_category"), "petitions", ["category"], unique=False)
    op.create_index(op.f("ix_petitions_external_id"), "petitions", ["external_id"], unique=False)
    op.create_index(op.f("ix_petitions_matter_id"), "petitions", ["matter_id"], unique=False)
    op.create_index(
        "ix_petitions_pending",
        "petitions",
        ["id"],
        unique=False,
        sqlite_where=sa.text("revision > indexed_revision"),
        postgresql_where=sa.text("revision > indexed_revision"),
    )
    op.create_index(op.f("ix_petitions_region"), "petitions", ["region"], unique=False)
    op.create_table(
        "region_aliases",
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("alias", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["region"], ["regions.code"], name=op.f("fk_region_aliases_region")
        ),
        sa.PrimaryKeyConstraint("region", "alias", name=op.f("pk_region_aliases")),
    )
    op.create_index(op.f("ix_region_aliases_alias"), "region_aliases", ["alias"], unique=False)
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_ins_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"], unique=False)
    op.create_table(
        "files",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_files_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
        sa.UniqueConstraint("petition_id", "position", name=op.f("uq_files_petition_id_position")),
        sa.UniqueConstraint(
            "petition_id", "sha256", "role", name=op.f("uq_files_petition_id_sha256_role")
        ),
    )
    op.create_index(op.f("ix_files_sha256"), "files", ["sha256"], unique=False)
    op.create_table(
        "intake_items",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.String(length=32), nullable=False),
        sa.Column("identity", sa.String(length=128), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=True),
        sa.Column("petition_id", sa.String(length=32), nullable=True),
        sa.Column("given", sa.LargeBinary(), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error_code", sa.String(length=50), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=100), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("produced", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_intake_items_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["intake_items.id"], name=op.f("fk_intake_items_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_intake_items_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_items")),
        sa.UniqueConstraint("batch_id", "identity", name=op.f("uq_intake_items_batch_id_identity")),
    )
    op.create_index(op.f("ix_intake_items_parent_id"), "intake_items", ["parent_id"], unique=False)
    op.create_index(
        op.f("ix_intake_items_petition_id"), "intake_items", ["petition_id"], unique=False
    )
    op.create_index(op.f("ix_intake_items_sha256"), "intake_items", ["sha256"], unique=False)
    op.create_index(
        "ix_intake_items_state_position", "intake_items", ["state", "position"], unique=False
    )
    op.create_table(
        "petition_persons",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("name_hash", sa.String(length=64), nullable=True),
        sa.Column("id_no", sa.LargeBinary(), nullable=True),
        sa.Column("id_no_hash", sa.String(length=64), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.String(length=64), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("address_hash", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_petition_persons_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_petition_persons_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "position", name=op.f("pk_petition_persons")),
    )
    op.create_index(
        op.f("ix_petition_persons_address_hash"), "petition_persons", ["address_hash"], unique=False
    )
    op.create_index(
        op.f("ix_petition_persons_id_no_hash"), "petition_persons", ["id_no_hash"], unique=False
    )
    op.create_index(
        op.f("ix_petition_persons_name_hash"), "petition_persons", ["name_hash"], unique=False
    )
    op.create_index(
        op.f("ix_petition_persons_person_id"), "petition_persons", ["person_id"], unique=False
    )
    op.create_index(
        op.f("ix_petition_persons_phone_hash"), "petition_persons", ["phone_hash"], unique=False
    )
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
    op.create_index(op.f("ix_petition_users_user_id"), "petition_users", ["user_id"], unique=False)
    op.create_table(
        "petition_versions",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_petition_versions_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "revision", name=op.f("pk_petition_versions")),
    )
    op.create_table(
        "replies",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_redacted", sa.Text(), nullable=False),
        sa.Column("text_source", sa.String(length=20), nullable=True),
        sa.Column("text_confidence", sa.Float(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("transfer_only", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_replies_petition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint(
            "petition_id", "position", name=op.f("uq_replies_petition_id_position")
        ),
    )
    op.create_table(
        "status_changes",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("from_status", sa.String(length=20), nullable=True),
        sa.Column("to_status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_status_changes_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "position", name=op.f("pk_status_changes")),
    )
    op.create_table(
        "pages",
        sa.Column("petition_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=False),
        sa.Column("number_in_file", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("engine", sa.String(length=100), nullable=True),
        sa.Column("rotation", sa.Integer(), nullable=False),
        sa.Column("skew", sa.Float(), nullable=False),
        sa.Column("image_sha256", sa.String(length=64), nullable=True),
        sa.Column("text_start", sa.Integer(), nullable=True),
        sa.Column("text_end", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_pages_file_id")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petitions.id"], name=op.f("fk_pages_petition_id")
        ),
        sa.PrimaryKeyConstraint("petition_id", "number", name=op.f("pk_pages")),
    )
    op.create_index(op.f("ix_pages_file_id"), "pages", ["file_id"], unique=False)
    for statement in GUARDS[op.get_bind().dialect.name].strip().split("\n\n"):
        op.execute(statement)
    head = sa.table("audit_head", sa.column("id"), sa.column("seq"), sa.column("hash"))
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])


def downgrade() -> None:
    op.drop_index(op.f("ix_pages_file_id"), table_name="pages")
    op.drop_table("pages")
    op.drop_table("status_changes")
    op.drop_table("replies")
    op.drop_table("petition_versions")
    op.drop_index(op.f("ix_petition_users_user_id"), table_name="petition_users")
    op.drop_table("petition_users")
    op.drop_index(op.f("ix_petition_persons_phone_hash"), table_name="petition_persons")
    op.drop_index(op.f("ix_petition_persons_person_id"), table_name="petition_persons")
    op.drop_index(op.f("ix_petition_persons_name_hash"), table_name="petition_persons")
    op.drop_index(op.f("ix_petition_persons_id_no_hash"), table_name="petition_persons")
    op.drop_index(op.f("ix_petition_persons_address_hash"), table_name="petition_persons")
    op.drop_table("petition_persons")
    op.drop_index("ix_intake_items_state_position", table_name="intake_items")
    op.drop_index(op.f("ix_intake_items_sha256"), table_name="intake_items")
    op.drop_index(op.f("ix_intake_items_petition_id"), table_name="intake_items")
    op.drop_index(op.f("ix_intake_items_parent_id"), table_name="intake_items")
    op.drop_table("intake_items")
    op.drop_index(op.f("ix_files_sha256"), table_name="files")
    op.drop_table("files")
    op.drop_index(op.f("ix_sign_ins_user_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_index(op.f("ix_region_aliases_alias"), table_name="region_aliases")
    op.drop_table("region_aliases")
    op.drop_index(op.f("ix_petitions_region"), table_name="petitions")
    op.drop_index(
        "ix_petitions_pending",
        table_name="petitions",
        sqlite_where=sa.text("revision > indexed_revision"),
        postgresql_where=sa.text("revision > indexed_revision"),
    )
    op.drop_index(op.f("ix_petitions_matter_id"), table_name="petitions")
    op.drop_index(op.f("ix_petitions_external_id"), table_name="petitions")
    op.drop_index(op.f("ix_petitions_category"), table_name="petitions")
    op.drop_table("petitions")
    op.drop_table("grants")
    op.drop_table("users")
    op.drop_table("sign_in_failures")
    op.drop_index(op.f("ix_regions_parent"), table_name="regions")
    op.drop_index(op.f("ix_regions_name"), table_name="regions")
    op.drop_table("regions")
    op.drop_table("persons")
    op.drop_table("matters")
    op.drop_index(op.f("ix_categories_name"), table_name="categories")
    op.drop_table("categories")
    op.drop_table("batches")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_entries_object_id"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_at"), table_name="audit_entries")
    op.drop_index(op.f("ix_audit_entries_actor"), table_name="audit_entries")
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entries_guard()")
