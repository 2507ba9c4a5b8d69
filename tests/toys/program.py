"""The program with the toys in its table: `python -m tests.toys.program` instead of `sync`."""

from __future__ import annotations

import adapters.registry as registry
from adapters.system import Registry
from tests.toys.board import BOARD
from tests.toys.shelf import SHELF

registry.SYSTEMS = Registry((*registry.SYSTEMS, BOARD, SHELF))

if __name__ == "__main__":
    from sync.cli import entry

    entry()
