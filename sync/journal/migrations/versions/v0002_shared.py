"""What machines that share a state store tell each other: times of listings, turns, notes, and events that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new."""
    op.add_column("cursors", sa.Column("listed_at", sa.Float(), nullable=False, server_default="0"))
    op.create_table(
        "turns",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
    )
    op.create_index("turns_account", "turns", ["account", "kind", "at"])
    op.create_table(
        "notes",
        sa.Column("name", sa.String(1500), primary_key=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("delivery", sa.String(200), primary_key=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
    )
    op.create_index("inbox_done", "inbox", ["done", "at"])


def downgrade() -> None:
    """Take it away again."""
    for table in ("inbox", "notes", "turns"):
        op.drop_table(table)
    op.drop_column("cursors", "listed_at")
