"""`sync parse REF`: what is understood of documents, without writing anything, and of files without any network."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync.commands.arguments import common, examples, refs
from sync.errors import SyncError, UsageError
from sync.model import ActionItem, Postmortem
from sync.ports import Source, SourceReader
from sync.process.terminal import Terminal, clean, plural
from sync.run.summary import Silent
from sync.wiring.engine import load_settings, parse_options
from sync.wiring.sources import by_url, is_address, opened

if TYPE_CHECKING:
    from config.settings import Settings


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(
        f"{prog} parse docs/postmortems", f"{prog} parse --json outage.md", f"{prog} parse --explain outage.md"
    )
    common(parser)
    refs(parser)
    parser.add_argument("--explain", action="store_true", help="say which rule found what, and why lists were left out")


def parse(options: argparse.Namespace) -> int:
    """`sync parse`: show what is understood of documents.

    Returns:
        1 when a document could not be understood (the others are still shown); else 0.
    """
    settings = load_settings(options.config, offline=not any(map(is_address, options.refs)))
    terminal = Terminal(as_json=options.json, quiet=options.quiet, verbose=options.verbose)
    failed = documents = items = 0
    with Documents(settings) as found:
        for shown, source, path in (one for ref in options.refs for one in found.of(ref)):
            try:
                postmortem = understood(source, path, settings)
            except SyncError as error:
                failed += 1
                print(f"error: {error}", file=sys.stderr)
                continue
            documents += 1
            items += len(postmortem.items)
            _show(terminal, shown, postmortem, options)
    if not options.json and not options.quiet:
        words = [plural(documents, "document"), plural(items, "item")]
        terminal.line(" · ".join([*words, f"{failed} failed"] if failed else words))
    return 1 if failed else 0


class Documents:
    """The documents that references name: files, folders, and pages of configured sources. To be closed after use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sources: Mapping[str, Source] | None = None
        self._open = ExitStack()

    def __enter__(self) -> Documents:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def of(self, ref: str) -> Iterator[tuple[str, SourceReader, str]]:
        """(as the user knows it, source, path in it) for a file, every Markdown file of a folder, or a page's address.

        Raises UsageError for a path that does not exist, a folder without Markdown files, and a page of no source.
        """
        if is_address(ref):
            if self._sources is None:
                self._sources = self._open.enter_context(opened(self._settings, Silent()))
            name, path = by_url(self._sources, ref)
            yield ref, self._sources[name], path
        else:
            yield from _files(Path(ref))


def understood(source: SourceReader, path: str, settings: Settings) -> Postmortem:
    """A document as a run would understand it. Raises SourceError, DocumentError."""
    from sync.run.planner import understood as understand

    document = source.read(path)
    postmortem = understand(document, parse_options(settings))
    if document.unpublished:
        return replace(postmortem, published=False, reason=document.unpublished)
    return postmortem


def _files(ref: Path) -> Iterator[tuple[str, SourceReader, str]]:
    from adapters.files.source import FilesSource

    if not ref.exists():
        raise UsageError(f"{ref}: there is no such file or folder.", "Check the path.")
    folder = ref if ref.is_dir() else Path(os.path.realpath(ref)).parent
    source = FilesSource("", folder)
    paths = source.paths() if ref.is_dir() else [Path(os.path.realpath(ref)).name]
    if not paths:
        raise UsageError(f"{ref}: the folder holds no postmortem.", "Name a folder with Markdown files in it.")
    for path in paths:
        yield (str(ref / path) if ref.is_dir() else str(ref)), source, path


def _show(terminal: Terminal, path: str, postmortem: Postmortem, options: argparse.Namespace) -> None:
    if terminal.as_json:
        value = to_json(path, postmortem)
        if options.__dict__.get("explain"):
            value["explain"] = _explanations(postmortem)
        terminal.json(value)
        return
    state = "published" if postmortem.published else "not published"
    terminal.line(terminal.paint(clean(path), "bold") + f"  {clean(postmortem.title)}")
    terminal.line(terminal.paint(f"  {state}: {clean(postmortem.reason)}", "dim"))
    if postmortem.items:
        terminal.table(
            ["line", "action item", "owner", "due", "state", "ticket"], [_row(item) for item in postmortem.items]
        )
    else:
        terminal.line("  no action items")
    for warning in postmortem.warnings:
        where = f"line {warning.line}: " if warning.line else ""
        terminal.line(terminal.paint(f"  ? {where}{clean(warning.message)}", "yellow"))
    if options.__dict__.get("explain"):
        _explain(terminal, postmortem)
    terminal.line()


def _row(item: ActionItem) -> list[str]:
    due = item.due_date.isoformat() if item.due_date else (f"({item.due.text})" if item.due and item.due.text else "")
    return [
        str(item.line),
        ("unsure: " if item.unsure else "") + item.text,
        ", ".join(owner.called for owner in item.owners),
        due,
        item.state.value,
        " ".join(reference.label or reference.text for reference in item.references),
    ]


def _explain(terminal: Terminal, postmortem: Postmortem) -> None:
    """Every line of a section of actions: its words first, then a reason a line."""
    for row in _explanations(postmortem):
        words = " ".join(clean(row["text"]).split()) or "(no words)"
        terminal.line(f"  line {row['line']}: {row['zone']}: {words}")
        if row["signs"]:
            terminal.line(f"      {row['sum']:+.1f} in sum:")
        for sign in row["signs"]:
            terminal.line(f"      {sign['weight']:+.1f} {sign['sign']}")
        for why in row["why"].split("; "):
            terminal.line(f"      {clean(why)}")


def _explanations(postmortem: Postmortem) -> list[dict[str, Any]]:
    rows = [
        _explanation(
            item.line,
            item.text,
            "unsure" if item.unsure else "sure",
            "; ".join([f"item by rule {item.rule}", *item.reasons]),
            item.evidence,
        )
        for item in postmortem.items
    ]
    rows += [
        _explanation(left.line, left.text, "left out", f"left out: {left.why}", left.evidence)
        for left in postmortem.left_out
    ]
    return sorted(rows, key=lambda row: row["line"])


def _explanation(line: int, text: str, zone: str, why: str, signs: tuple[tuple[str, float], ...]) -> dict[str, Any]:
    return {
        "line": line,
        "text": text,
        "why": why,
        "zone": zone,
        "sum": round(sum(weight for _, weight in signs), 2),
        "signs": [{"sign": sign, "weight": weight} for sign, weight in signs],
    }


def to_json(path: str, postmortem: Postmortem) -> dict[str, Any]:
    """A document as `parse --json` prints it; the keys are a contract."""
    return {
        "path": path,
        "title": postmortem.title,
        "published": postmortem.published,
        "reason": postmortem.reason,
        "items": [
            {
                "line": item.line,
                "text": item.text,
                "owners": [owner.called for owner in item.owners],
                "due": item.due_date.isoformat() if item.due_date else None,
                "due_text": item.due.text if item.due else None,
                "state": item.state.value,
                "tickets": [reference.text for reference in item.references],
                "section": item.section,
                "notation": item.notation.value,
                "unsure": item.unsure,
            }
            for item in postmortem.items
        ],
        "warnings": [{"line": warning.line, "message": warning.message} for warning in postmortem.warnings],
    }
