"""Brings a state store to the present shape with Alembic; imported only when it is not there yet."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.engine import Engine

from sync.errors import JournalError
from sync.journal.locks import alone


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run every migration up to `revision` that the store has not seen.

    Raises JournalError for a store of a newer program.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    try:
        with engine.begin() as connection:
            alone(connection, "create")
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
    except CommandError as error:
        raise JournalError(
            f"{engine.url.render_as_string(hide_password=True)}: the state store was written by a newer version.",
            "Update postmortem-sync, or set state.url to another place.",
        ) from error
