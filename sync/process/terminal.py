"""What people read: lines and tables on a terminal, plain and stable lines when piped."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, TextIO

from sync.errors import OutputError
from sync.model.text import BIDI

_CONTROL = re.compile(rf"[{BIDI}\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_COMMAND = re.compile(r"^([^\S\n]*)(?=::)", re.MULTILINE)
_CODES = {"green": "32", "yellow": "33", "cyan": "36", "red": "31", "dim": "2", "bold": "1"}


def clean(text: str) -> str:
    """Text of a document or a tracker without anything that steers a terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def harmless(text: str) -> str:
    """Lines that a CI runner takes for text and not for commands to it, such as `::error` or `##[error]`."""
    return _COMMAND.sub(r"\1\\", text).replace("##[", "#\\#[")


def write(text: str, out: TextIO) -> None:
    """Print a text. Raises OutputError where there is no room for it; a closed pipe is no error."""
    try:
        out.write(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise output_failed(error) from error


def output_failed(error: OSError) -> OutputError:
    """What is told of an output that takes no more."""
    return OutputError(
        f"The output cannot be written: {error.strerror}.",
        "What was done is recorded. Make room, or send the output elsewhere.",
    )


def show_what_can_be_shown() -> None:
    """Let letters that a terminal cannot show be written as escapes, not end the program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not _shows_everything(stream):
            stream.reconfigure(errors="backslashreplace")


def _shows_everything(out: TextIO) -> bool:
    return (out.encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8")


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
        """Print one line, which steers no CI runner."""
        write(f"{harmless(text)}\n", self.out)

    def command(self, text: str) -> None:
        """Print a line that is meant for a CI runner."""
        write(f"{text}\n", self.out)

    def json(self, value: Any) -> None:
        """Print a value as one line of JSON."""
        line = json.dumps(value, ensure_ascii=not _shows_everything(self.out), default=str)
        write(line.replace("##[", "#\\u0023[") + "\n", self.out)

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
