"""What people read: lines and tables on a terminal, plain and stable lines when piped."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from sync.model.text import BIDI

_CONTROL = re.compile(rf"[{BIDI}\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_CODES = {"green": "32", "yellow": "33", "cyan": "36", "red": "31", "dim": "2", "bold": "1"}


def clean(text: str) -> str:
    """Text of a document or a tracker without anything that steers a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def plural(number: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Terminal:
    """Prints results. Colour, tables and progress only where a person looks.

    Args:
        as_json: one JSON document a line instead of words.
        quiet: only what needs a person.
        verbose: unchanged items too.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        as_json: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        colour: bool | None = None,
    ) -> None:
        self._out = out
        self.as_json = as_json
        self.quiet = quiet
        self.verbose = verbose
        self.interactive = self.out.isatty()
        self.colour = self.interactive if colour is None else colour

    @property
    def out(self) -> TextIO:
        """Where results go. Looked up each time: a progress bar puts itself in between while it is shown."""
        return self._out or sys.stdout

    def paint(self, text: str, colour: str) -> str:
        """Text in a colour, where colours are shown."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.colour else text

    def line(self, text: str = "") -> None:
        """Print one line."""
        print(text, file=self.out)

    def json(self, value: Any) -> None:
        """Print a value as one line of JSON."""
        print(json.dumps(value, ensure_ascii=False, default=str), file=self.out)

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table that fits the terminal; piped, one line a row with every word kept."""
        cells = [[clean(cell).replace("\n", " ") for cell in row] for row in rows]
        if not self.interactive:
            widths = [max(len(row[i]) for row in [list(headers), *cells]) for i in range(len(headers))]
            for row in [list(headers), *cells]:
                self.line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
            return
        from rich.box import SIMPLE
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        grid = Table(box=SIMPLE, header_style="bold", pad_edge=False)
        for header in headers:
            grid.add_column(header, overflow="fold", no_wrap=header in ("line", "due", "state", "ticket", "key"))
        for row in cells:
            grid.add_row(*(Text(cell) for cell in row))
        Console(file=self.out).print(grid)
