"""The queue is asked by state and stage, and for its last position: without reading it whole."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ITEMS = "intake_items"
OLD = "ix_intake_items_state_position"
NEW = "ix_intake_items_state_stage_position"


def upgrade() -> None:
    op.drop_index(OLD, table_name=ITEMS)
    op.create_index(NEW, ITEMS, ["state", "stage", "position"], unique=False)
    op.create_index(op.f("ix_intake_items_position"), ITEMS, ["position"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_intake_items_position"), table_name=ITEMS)
    op.drop_index(NEW, table_name=ITEMS)
    op.create_index(OLD, ITEMS, ["state", "position"], unique=False)
