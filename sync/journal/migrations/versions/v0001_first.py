"""The first shape of the journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new."""
    op.create_table(
        "documents",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("path", sa.String(1000), primary_key=True),
        sa.Column("postmortem", sa.String(1300), nullable=False, index=True),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("synced_at", sa.Float(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
    )
    op.create_table(
        "tickets",
        sa.Column("tracker", sa.String(50), primary_key=True),
        sa.Column("key", sa.String(400), primary_key=True),
        sa.Column("project", sa.String(300), nullable=False),
        sa.Column("postmortem", sa.String(1300), nullable=False, index=True),
        sa.Column("text", sa.String(64), nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
    )
    op.create_table(
        "cursors",
        sa.Column("tracker", sa.String(50), primary_key=True),
        sa.Column("project", sa.String(300), primary_key=True),
        sa.Column("cursor", sa.Text(), nullable=False),
    )
    op.create_table(
        "intents",
        sa.Column("tracker", sa.String(50), primary_key=True),
        sa.Column("project", sa.String(300), primary_key=True),
        sa.Column("item", sa.String(64), primary_key=True),
        sa.Column("postmortem", sa.String(1300), nullable=False, index=True),
        sa.Column("begun_at", sa.Float(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
    )
    op.create_table(
        "shown",
        sa.Column("postmortem", sa.String(1300), primary_key=True),
        sa.Column("tracker", sa.String(50), primary_key=True),
        sa.Column("key", sa.String(400), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
    )
    op.create_table(
        "history",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("event", sa.String(30), nullable=False),
        sa.Column("postmortem", sa.String(1300), nullable=False),
        sa.Column("tracker", sa.String(50), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
    )
    op.create_index("history_ticket", "history", ["tracker", "key"])
    op.create_index("history_postmortem", "history", ["postmortem"])


def downgrade() -> None:
    """Take it away again."""
    for table in ("history", "shown", "intents", "cursors", "tickets", "documents"):
        op.drop_table(table)
