"""Who is who: places and prints of documents, the links in them, ids on marks, questions and proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""
    op.add_column("tickets", sa.Column("stated", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_tickets_stated", "tickets", ["stated"])
    op.add_column("intents", sa.Column("nonce", sa.String(64), nullable=False, server_default=""))
    op.add_column("documents", sa.Column("place", sa.String(1300), nullable=False, server_default=""))
    op.add_column("documents", sa.Column("print", sa.String(64), nullable=False, server_default=""))
    op.add_column("documents", sa.Column("day", sa.String(10), nullable=False, server_default=""))
    op.create_table(
        "links",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("path", sa.String(1000), primary_key=True),
        sa.Column("tracker", sa.String(50), primary_key=True),
        sa.Column("key", sa.String(400), primary_key=True),
    )
    op.create_index("links_ticket", "links", ["tracker", "key"])
    op.create_table(
        "questions",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("postmortem", sa.String(1300), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("path", sa.String(1000), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("questions_item", "questions", ["postmortem", "item", "what"], unique=True)
    op.create_table(
        "proposals",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("path", sa.String(1000), primary_key=True),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("proposals", "questions", "links"):
        op.drop_table(table)
    for column in ("day", "print", "place"):
        op.drop_column("documents", column)
    op.drop_column("intents", "nonce")
    op.drop_index("ix_tickets_stated", "tickets")
    op.drop_column("tickets", "stated")
