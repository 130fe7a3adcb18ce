"""On SQLite an entry of the log can't be replaced either: REPLACE removes without the trigger that
forbids removing. PostgreSQL's trigger of 0001 already covers every way."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

GUARD = """
CREATE TRIGGER audit_entries_single BEFORE INSERT ON audit_entries
WHEN EXISTS (SELECT 1 FROM audit_entries WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced'); END;
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(GUARD.strip())


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_entries_single")
