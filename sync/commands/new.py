"""`sync new TITLE`: a postmortem from the template."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path
from typing import TextIO

from sync.check.template import file_name, render
from sync.commands.arguments import common, examples
from sync.errors import UsageError
from sync.process.terminal import write
from sync.wiring.engine import load_settings
from sync.wiring.systems import folder_of


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(f'{prog} new "Checkout returned errors" --folder docs/postmortems')
    common(parser)
    parser.add_argument("title", metavar="TITLE", help="of the incident, in a few words")
    parser.add_argument(
        "--folder", metavar="DIR", help="where to write it (default: the first files source, else here)"
    )
    parser.add_argument("--stdout", action="store_true", help="print it, write nothing")


def new(options: argparse.Namespace) -> int:
    """Writes a new file and prints its path; never overwrites one."""
    if not options.title.strip():
        raise UsageError("The title is empty.", 'Give it in a few words: sync new "Checkout returned errors"')
    today = date.today()
    text = render(options.title, today)
    given = vars(options)
    if given.get("stdout"):
        write(text, sys.stdout)
        return 0
    folder = Path(given["folder"]) if "folder" in given else _folder(options.config)
    path = folder / file_name(options.title, today)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            _fill(file, path, text)
    except FileExistsError as error:
        raise UsageError(f"{path} exists already.", "Give another title, or edit that file.") from error
    except OSError as error:
        raise UsageError(f"{path}: it cannot be written ({error.strerror}).", "Name another --folder.") from error
    write(f"{path}\n", sys.stdout)
    return 0


def _fill(file: TextIO, path: Path, text: str) -> None:
    """Write the text, and leave no empty or half file where that fails."""
    try:
        file.write(text)
        file.flush()
    except OSError:
        path.unlink()
        raise


def _folder(config: str | None) -> Path:
    settings = load_settings(config, offline=True)
    for source in settings.sources.values():
        folder = folder_of(settings, source)
        if folder:
            return Path(os.path.relpath(folder))
    return Path()
