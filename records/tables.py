"""The tables. Personal values are bytes: encrypted with the office's key (`records.keys`).

Written for SQLite and PostgreSQL alike; `records/migrations` makes the same tables step by step
(a test holds that the two do not differ).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from records.times import UtcTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(32)
SHA256 = String(64)
NUMBER = BigInteger().with_variant(Integer, "sqlite")
NO = text("0")
STALE = "(content_revision IS NULL OR content_revision != revision)"
"""Of petitions: never looked at by what finds repeats, or changed since."""

regions = Table(
    "regions",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("name", String(200), nullable=False, index=True),
    Column("parent", ForeignKey("regions.code"), index=True),
    Column("path", JSON, nullable=False),  # codes from the root to this one
    Column("learned", Boolean, nullable=False, server_default=false()),  # from letters alone
)

region_aliases = Table(
    "region_aliases",
    metadata,
    Column("region", ForeignKey("regions.code"), primary_key=True),
    Column("alias", String(200), primary_key=True, index=True),
)

categories = Table(
    "categories",
    metadata,
    Column("code", String(6), primary_key=True),
    Column("name", String(100), nullable=False, index=True),
    Column("parent", ForeignKey("categories.code")),
    Column("path", JSON, nullable=False),
)

matters = Table(
    "matters",
    metadata,
    Column("id", ID, primary_key=True),
    Column("title", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
)

petitions = Table(
    "petitions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(24), nullable=False, unique=True),
    Column("source", String(100), nullable=False),
    Column("external_id", String(200), index=True),
    Column("petitioner", String(200)),
    Column("subject", Text, nullable=False),
    Column("subject_redacted", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_redacted", Text, nullable=False),
    Column("text_source", String(20)),
    Column("text_confidence", Float),
    Column("received_at", UtcTime, nullable=False),
    Column("submitted_at", UtcTime),
    Column("registered_at", UtcTime, nullable=False),
    Column("region", ForeignKey("regions.code"), index=True),
    Column("category", ForeignKey("categories.code"), index=True),
    Column("category_source", String(20)),
    Column("category_confidence", Float),
    Column("status", String(20), nullable=False),
    Column("status_before_merge", String(20)),
    Column("channel", String(20), nullable=False),
    Column("level", String(20), nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("people_count", Integer),
    Column("extra", LargeBinary),  # encrypted JSON: unknown fields may hold anything
    Column("matter_id", ForeignKey("matters.id"), index=True),
    Column("seq_in_matter", Integer),
    Column("sort_order", BigInteger, nullable=False),
    Column("content_hash", SHA256, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("indexed_revision", Integer, nullable=False, server_default=NO),
    Column("failed_revision", Integer, nullable=False, server_default=NO),
    Column("index_error", Text),
    Column("content_id", NUMBER, index=True),  # what of it is laid beside others, in `contents`
    Column("content_revision", Integer),  # the revision of which that was made
    UniqueConstraint("source", "external_id"),
    UniqueConstraint("matter_id", "seq_in_matter"),
    # Holds all that hot matters ask of a letter: those that are hidden lie elsewhere in it.
    Index(
        "ix_petitions_reach",
        "level",
        "sealed",
        "region",
        "category",
        "published",
        "received_at",
        "id",
        "content_id",
    ),
    # Who may see letters that something else found, in their order: no row of a hidden one is read.
    Index(
        "ix_petitions_found",
        "id",
        "level",
        "sealed",
        "region",
        "category",
        "published",
        "sort_order",
    ),
    Index("ix_petitions_level", "id", "level", unique=True),  # petition_users refers to it
    CheckConstraint("level IN ('open', 'restricted', 'secret')", name="level"),
    CheckConstraint("indexed_revision <= revision", name="indexed"),
    Index(
        "ix_petitions_pending",
        "id",
        sqlite_where=text("revision > indexed_revision"),
        postgresql_where=text("revision > indexed_revision"),
    ),
    Index("ix_petitions_stale", "id", sqlite_where=text(STALE), postgresql_where=text(STALE)),
)

petition_versions = Table(
    "petition_versions",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("replaced_at", UtcTime, nullable=False),
    Column("content", LargeBinary, nullable=False),  # encrypted JSON
)

petition_users = Table(
    "petition_users",
    metadata,
    Column("petition_id", ID, primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("part", String(20), primary_key=True),  # handler, registrar, named
    Column("level", String(20), nullable=False),  # the petition's: above theirs, it isn't touched
    ForeignKeyConstraint(
        ["petition_id", "level"], ["petitions.id", "petitions.level"], onupdate="CASCADE"
    ),
    Index("ix_petition_users_reach", "user_id", "level", "petition_id"),
    sqlite_with_rowid=False,
)

persons = Table(
    "persons",
    metadata,
    Column("id", ID, primary_key=True),
    Column("identity", SHA256, unique=True),  # keyed hash of what makes two entries one person
    Column("first_seen", UtcTime, nullable=False),
)

petition_persons = Table(
    "petition_persons",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("role", String(20), nullable=False),  # main, representative, joint, companion
    Column("name", LargeBinary),
    Column("name_hash", SHA256, index=True),
    Column("id_no", LargeBinary),
    Column("id_no_hash", SHA256),
    Column("phone", LargeBinary),
    Column("phone_hash", SHA256),
    Column("address", LargeBinary),
    Column("address_hash", SHA256, index=True),
    Column("bank_card", LargeBinary),
    Column("bank_card_hash", SHA256, index=True),
    # By these people are looked up, in an index alone.
    *(
        Index(f"ix_petition_persons_{column}", column, "petition_id")
        for column in ("person_id", "id_no_hash", "phone_hash")
    ),
)

replies = Table(
    "replies",
    metadata,
    Column("id", ID, primary_key=True),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("text_redacted", Text, nullable=False),
    Column("text_source", String(20)),
    Column("text_confidence", Float),
    Column("replied_at", UtcTime),
    Column("body", Text),
    Column("transfer_only", Boolean, nullable=False),
    UniqueConstraint("petition_id", "position"),
)

files = Table(
    "files",
    metadata,
    Column("id", ID, primary_key=True),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False),
    Column("sha256", SHA256, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", String(100)),
    Column("role", String(20), nullable=False),  # letter, reply, attachment
    Column("position", Integer, nullable=False),
    Column("added_at", UtcTime, nullable=False),
    UniqueConstraint("petition_id", "sha256", "role"),
    UniqueConstraint("petition_id", "position"),
)

pages = Table(
    "pages",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1, over all files of the petition
    Column("file_id", ForeignKey("files.id"), nullable=False, index=True),
    Column("number_in_file", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("lines", JSON, nullable=False),
    Column("confidence", Float),
    Column("source", String(20), nullable=False),  # text-layer, ocr
    Column("engine", String(100)),
    Column("rotation", Integer, nullable=False),
    Column("skew", Float, nullable=False),
    Column("image_sha256", SHA256),
    Column("text_start", Integer),  # where the page stands in the text of the letter or reply
    Column("text_end", Integer),
)

leader_notes = Table(
    "leader_notes",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("text", LargeBinary, nullable=False),  # encrypted: internal opinions
    Column("addressed", Boolean, nullable=False),  # to those who handle the petition
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("author", String(100), nullable=False),  # the name as it was then
    Column("at", UtcTime, nullable=False),
)

redaction_corrections = Table(
    "redaction_corrections",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("text", LargeBinary, nullable=False),  # encrypted: it may be somebody's name
    Column("masked", Boolean, nullable=False),
    Column("who", String(100), nullable=False),
    Column("at", UtcTime, nullable=False),
)

redaction_reviews = Table(
    "redaction_reviews",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("who", String(100), nullable=False),  # who looked at it last
    Column("at", UtcTime, nullable=False),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("public", SHA256, primary_key=True),  # Ed25519, 32 bytes in hexadecimal
    Column("user_id", ForeignKey("users.id"), index=True),  # none: the office itself
    Column("owner", String(100), nullable=False),  # the name as it was when the key was made
    Column("private", LargeBinary),  # encrypted, a person's under their password too; gone at end
    Column("made_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("ended_by", String(20)),  # replaced, revoked
    Column("certified_by", SHA256),  # a key of the office
    Column("certificate", String(128)),  # its signature over whose key this is
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    Index(
        "uq_signing_keys_current",
        "user_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

reply_signatures = Table(
    "reply_signatures",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("reply", Integer, primary_key=True),  # its place in the petition, from 1
    Column("position", Integer, primary_key=True),
    Column("key", ForeignKey("signing_keys.public"), nullable=False, index=True),
    Column("statement", Text, nullable=False),  # canonical JSON, what the signature is over
    Column("signature", String(128), nullable=False),
)

status_changes = Table(
    "status_changes",
    metadata,
    Column("petition_id", ForeignKey("petitions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(100), nullable=False),
    Column("from_status", String(20)),
    Column("to_status", String(20), nullable=False),
    Column("reason", Text, nullable=False),
)

URGED: Final = text("kind = 'urge' AND undone_at IS NULL")
"""Decisions by which offices were reminded, in the words of the index that serves them."""

duplicate_decisions = Table(
    "duplicate_decisions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("petition_id", ForeignKey("petitions.id"), nullable=False, index=True),
    Column("other_id", ForeignKey("petitions.id"), index=True),  # none: a new letter
    Column("kind", String(20), nullable=False),
    Column("who", String(100), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("verdict", String(20)),  # what the program had told, and how sure
    Column("score", Float),
    Column("matter_id", ForeignKey("matters.id")),  # into which it led
    Column("opened", Boolean, nullable=False),  # the matter was opened for it
    Column("moved", JSON, nullable=False),  # [[petition, matter before or null], ...]
    Column("status_before", String(20), nullable=False),
    Column("status_step", Integer),  # the change of status that it made last
    Column("undone_at", UtcTime),
    Column("undone_by", String(100)),
    Column("undo_reason", Text),
    Index(
        "ix_duplicate_decisions_urged",
        "at",
        sqlite_where=URGED,
        postgresql_where=URGED,
    ),
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("name_key", String(100), nullable=False, unique=True),
    Column("display_name", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("level", String(20), nullable=False),
    Column("fields_given", Boolean, nullable=False),  # grants replace the role's field rights
    Column("password_hash", String(200), nullable=False),
    Column("totp_secret", LargeBinary),
    Column("totp_step", BigInteger, nullable=False, server_default=NO),
    Column("totp_pending", LargeBinary),  # shown, but not yet proven by a code
    Column("factor_due_at", UtcTime),  # since when a second factor has to be set up
    Column("reset_code_hash", SHA256),
    Column("reset_until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("disabled_at", UtcTime),
    CheckConstraint("level IN ('open', 'restricted', 'secret')", name="level"),
)

grants = Table(
    "grants",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("kind", String(20), primary_key=True),  # region, category, field
    Column("value", String(64), primary_key=True),
)

rights_proposals = Table(
    "rights_proposals",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("id", ID, nullable=False),  # another one for each proposal: what was seen is confirmed
    Column("proposed_by", ForeignKey("users.id"), nullable=False),
    Column("proposed_at", UtcTime, nullable=False),
    Column("rights", JSON, nullable=False),
)

daily_uses = Table(
    "daily_uses",
    metadata,
    Column("user_id", String(100), primary_key=True),
    Column("act", String(20), primary_key=True),  # reveal, find_person
    Column("day", String(10), primary_key=True),  # in the office's time zone
    Column("uses", Integer, nullable=False),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", SHA256, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("began_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("subject_hash", SHA256, primary_key=True),  # keyed, of a user name or an address
    Column("failures", Integer, nullable=False),
    Column("wait_until", UtcTime, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("seq", NUMBER, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("actor", String(100), nullable=False, index=True),
    Column("action", String(50), nullable=False),
    Column("object_id", String(100), index=True),
    Column("entry", Text, nullable=False),  # canonical JSON, what the hash covers
    Column("hash", SHA256, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", SHA256, nullable=False),
    CheckConstraint("id = 1", name="single"),
)

followed_index = Table(
    "followed_index",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identity", String(200), nullable=False),
    Column("since", UtcTime, nullable=False),
)

links_version = Table(
    "links_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", String(32), nullable=False),
    CheckConstraint("id = 1", name="single"),
)

contents = Table(
    "contents",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("digest", String(32), nullable=False, unique=True),  # of redacted subject and text
    Column("version", String(100), nullable=False),  # of what made the two below
    Column("leading", LargeBinary, nullable=False),
    Column("rest", LargeBinary, nullable=False),
    Column("linked", Boolean, nullable=False, server_default=false()),
    Index(
        "ix_contents_unlinked",
        "id",
        sqlite_where=text("NOT linked"),
        postgresql_where=text("NOT linked"),
    ),
)

content_links = Table(
    "content_links",
    metadata,
    Column("one", ForeignKey("contents.id"), primary_key=True),
    Column("other", ForeignKey("contents.id"), primary_key=True, index=True),
    Column("odds", Float, nullable=False),
)

batches = Table(
    "batches",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("made_at", UtcTime, nullable=False),
)

intake_items = Table(
    "intake_items",
    metadata,
    Column("id", ID, primary_key=True),
    Column("batch_id", ForeignKey("batches.id"), nullable=False),
    Column("identity", String(128), nullable=False),
    Column("position", BigInteger, nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", SHA256, index=True),
    Column("size", BigInteger, nullable=False),
    Column("role", String(20), nullable=False),  # letter, reply, attachment, archive
    Column("parent_id", ForeignKey("intake_items.id"), index=True),
    Column("petition_id", ForeignKey("petitions.id"), index=True),
    Column("given", LargeBinary),  # encrypted JSON: fields from the manifest or the form
    Column("stage", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("error_code", String(50)),
    Column("error_message", Text),
    Column("remedy", Text),
    Column("attempts", Integer, nullable=False),
    Column("worker", String(100)),
    Column("lease_until", UtcTime),
    Column("produced", JSON, nullable=False),  # stage -> version of what produced it
    Column("changed_at", UtcTime, nullable=False),
    UniqueConstraint("batch_id", "identity"),
    Index("ix_intake_items_state_stage_position", "state", "stage", "position"),
)
