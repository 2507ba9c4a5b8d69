"""What a person answered: questions have numbers made from what is asked, and are kept until they are carried out."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table anew: what is asked is asked again by the next run."""
    op.drop_index("questions_item", "questions")
    op.drop_table("questions")
    op.create_table(
        "questions",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        *_names(),
        sa.Column("about", sa.String(64), nullable=False, server_default=""),
        sa.Column("details", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("known", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("answer", sa.String(20), nullable=False, server_default=""),
    )
    op.create_index("questions_item", "questions", ["postmortem", "item", "what", "about"], unique=True)


def downgrade() -> None:
    """As it was."""
    op.drop_index("questions_item", "questions")
    op.drop_table("questions")
    number = sa.Column("number", sa.Integer(), primary_key=True, autoincrement=True)
    op.create_table("questions", number, *_names(), sqlite_autoincrement=True)
    op.create_index("questions_item", "questions", ["postmortem", "item", "what"], unique=True)


def _names() -> list[sa.Column[Any]]:
    return [
        sa.Column("postmortem", sa.String(1300), nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("path", sa.String(1000), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    ]
