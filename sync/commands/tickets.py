"""`sync tickets …`: the embedded tracker as people use it."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from sync.commands.arguments import Parser, common, examples, sentence
from sync.errors import UsageError
from sync.model import State, Ticket
from sync.process.terminal import Terminal, clean
from sync.wiring.engine import load_settings, local_tracker

if TYPE_CHECKING:
    from adapters.local.tracker import Details, LocalTracker


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(f"{prog} tickets list", f"{prog} tickets close LOCAL-1 --as done")
    common(parser)
    actions = parser.add_subparsers(dest="tickets_command", metavar="ACTION", title="actions", parser_class=Parser)

    def add(name: str, help: str, example: str, keys: bool = True) -> argparse.ArgumentParser:
        sub: argparse.ArgumentParser = actions.add_parser(
            name, help=help, description=sentence(help), epilog=examples(example)
        )
        if keys:
            sub.add_argument("keys", metavar="KEY", nargs="+", help="of a ticket, such as LOCAL-1")
        common(sub)
        return sub

    listing = add("list", "list tickets", f"{prog} tickets list --state open", keys=False)
    listing.add_argument("--state", choices=["open", "done", "wontdo", "all"], help="only these (default: all)")
    add("show", "show tickets with their history", f"{prog} tickets show LOCAL-1")
    closing = add("close", "close tickets", f"{prog} tickets close LOCAL-1 LOCAL-2 --as wontdo")
    closing.add_argument("--as", dest="close_as", choices=["done", "wontdo"], help="how (default: done)")
    add("reopen", "open closed tickets again", f"{prog} tickets reopen LOCAL-1")
    edit = add("edit", "change tickets", f'{prog} tickets edit LOCAL-1 --title "Page on a full disk" --due 2026-04-03')
    edit.add_argument("--title", metavar="WORDS", help="new title")
    edit.add_argument("--owner", metavar="NAME", action="append", help="new owner; may be given again; '' for nobody")
    edit.add_argument("--due", metavar="DATE", help="new due date, YYYY-MM-DD; '' for none")
    edit.add_argument("--label", metavar="LABEL", action="append", help="new labels; may be given again; '' for none")


def tickets(options: argparse.Namespace) -> int:
    """`sync tickets`: list, show and change tickets of the embedded tracker.

    Returns:
        0; 1 when a ticket is not there.
    """
    action = vars(options).get("tickets_command")
    if action is None:
        raise UsageError("sync tickets needs an action: list, show, close, reopen or edit.", "See: sync tickets --help")
    terminal = Terminal(as_json=options.json, quiet=options.quiet, verbose=options.verbose)
    tracker = local_tracker(load_settings(options.config))
    try:
        if action == "list":
            _list(terminal, tracker, vars(options).get("state", "all"))
        else:
            _each(terminal, tracker, action, options)
    finally:
        tracker.close()
    return 0


def _list(terminal: Terminal, tracker: LocalTracker, state: str) -> None:
    found = tracker.tickets(None if state == "all" else State(state))
    if terminal.as_json:
        for ticket in found:
            terminal.json(to_json(ticket))
        return
    if not found:
        terminal.line("no tickets")
        return
    rows = [[t.ref.key, _state(t), ", ".join(t.assignees), str(t.due or ""), t.title] for t in found]
    terminal.table(["key", "state", "owner", "due", "title"], rows)


def _each(terminal: Terminal, tracker: LocalTracker, action: str, options: argparse.Namespace) -> None:
    changes = _changes(action, options)
    for key in options.keys:
        tracker.details(key)
    for key in options.keys:
        if changes:
            ticket = tracker.edit(key, **changes)
            if terminal.as_json:
                terminal.json(to_json(ticket))
            elif not terminal.quiet:
                terminal.line(f"{ticket.ref.key} is {_state(ticket)}: {clean(ticket.title)}")
        else:
            _show(terminal, tracker.details(key))


def _changes(action: str, options: argparse.Namespace) -> dict[str, Any]:
    given = vars(options)
    if action == "close":
        return {"state": given.get("close_as", "done")}
    if action == "reopen":
        return {"state": "open"}
    if action == "show":
        return {}
    changes: dict[str, Any] = {}
    if "title" in given:
        changes["title"] = given["title"]
    for option, column in (("owner", "assignees"), ("label", "labels")):
        if option in given:
            changes[column] = [value for value in given[option] if value]
    if "due" in given:
        changes["due"] = _due(given["due"])
    if not changes:
        raise UsageError("sync tickets edit changes nothing.", "Give --title, --owner, --due or --label.")
    return changes


def _due(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"--due {text}: that is no date.", "Write it as YYYY-MM-DD, or '' for none.") from error


def _state(ticket: Ticket) -> str:
    day = f" {ticket.closed_on}" if ticket.closed_on else ""
    return {State.OPEN: "open", State.DONE: "done", State.WONTDO: "won't do"}[ticket.state] + day


def _show(terminal: Terminal, details: Details) -> None:
    ticket = details.ticket
    if terminal.as_json:
        history = [
            {"at": c.at.isoformat(), "who": c.who, "field": c.field, "old": c.old, "new": c.new}
            for c in details.history
        ]
        terminal.json({**to_json(ticket), "body": details.body, "history": history})
        return
    terminal.line(terminal.paint(f"{ticket.ref.key}  {clean(ticket.title)}", "bold"))
    facts = [
        ("state", _state(ticket)),
        ("owner", ", ".join(ticket.assignees) or "nobody"),
        ("due", str(ticket.due or "not stated")),
        ("labels", ", ".join(ticket.labels)),
        ("priority", details.priority),
        ("duplicate of", ticket.duplicate_of),
    ]
    for name, value in facts:
        if value:
            terminal.line(f"  {name:<13}{clean(value)}")
    terminal.line()
    for line in details.body.splitlines():
        terminal.line(f"  {clean(line)}")
    terminal.line()
    for change in details.history:
        words = (
            "created" if change.field == "created" else f"{change.field}: {change.old or '-'} -> {change.new or '-'}"
        )
        terminal.line(terminal.paint(f"  {change.at:%Y-%m-%d %H:%M}  {change.who:<7}{clean(words)}", "dim"))


def to_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket as `tickets --json` prints it."""
    return {
        "key": ticket.ref.key,
        "url": ticket.url,
        "title": ticket.title,
        "state": ticket.state.value,
        "closed_on": ticket.closed_on.isoformat() if ticket.closed_on else None,
        "owners": list(ticket.assignees),
        "due": ticket.due.isoformat() if ticket.due else None,
        "labels": list(ticket.labels),
        "duplicate_of": ticket.duplicate_of or None,
        "postmortem": ticket.mark.place if ticket.mark else None,
    }
