"""`sync resolve`: what only a person can say about action items, with its answers; and carrying an answer out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from sync.commands.arguments import common, examples, planning
from sync.errors import UsageError
from sync.journal.questions import Question, Questions
from sync.process.logs import configure, log
from sync.process.terminal import Terminal, clean
from sync.run.engine import Engine, Request
from sync.run.questions import choices, means, option
from sync.run.summary import DocumentReport
from sync.run.terminal import TerminalObserver, print_summary, question_to_json
from sync.wiring.engine import Call, engine, load_settings, open_state
from sync.wiring.sources import selection_of

_LIST = "`sync resolve` lists what is open."


def arguments(parser: argparse.ArgumentParser, prog: str) -> None:
    """Add the options of the command."""
    parser.epilog = examples(
        f"{prog} resolve                          what is open; on a terminal it asks",
        f"{prog} resolve 48213 --same             the ticket is the item's: link it",
        f"{prog} resolve 48213 --new              it is not: make one",
        f"{prog} resolve 51877 --take document    the document is right, or else: --take ticket",
    )
    parser.add_argument(
        "number", metavar="N", nargs="?", type=int, default=None, help="the question, by the number that runs tell"
    )
    answers = parser.add_mutually_exclusive_group()
    same, new = "the held item has the ticket that it may have", "it has not: make a ticket of its own"
    answers.add_argument("--same", dest="answer", action="store_const", const="same", help=same)
    answers.add_argument("--new", dest="answer", action="store_const", const="new", help=new)
    take = "whose word counts in a conflict"
    answers.add_argument("--take", dest="answer", choices=("document", "ticket"), help=take)
    planning(parser)
    common(parser)


def resolve(options: argparse.Namespace) -> int:
    """`sync resolve`: list what is held or in conflict, or settle it.

    Returns:
        0 when nothing is open, or what was answered is carried out; 1 otherwise.
    """
    number, answer = vars(options).get("number"), vars(options).get("answer")
    if answer and number is None:
        raise UsageError(f"{option(answer)} needs the number of what it answers.", _LIST)
    settings = load_settings(options.config)
    configure(settings.log.level, settings.log.format, settings.secrets(), verbose=options.verbose, quiet=options.quiet)
    terminal = Terminal(as_json=options.json, quiet=options.quiet, verbose=options.verbose)
    shown = _Shown(terminal, options.dry_run)
    store = open_state(settings, options.dry_run)
    questions = Questions(store)
    with ExitStack() as opened:
        opened.callback(store.close)
        known = [(question.source, question.path) for question in questions.all()]
        selection = selection_of(settings, known, shown, options.commit)
        opened.pop_all()  # from here on the engine closes it
    with engine(settings, selection, Call(options.dry_run, options.force), shown, store) as wired:
        resolving = _Resolving(options, terminal, shown, questions, wired)
        if number is None:
            return resolving.everything()
        return resolving.one(number, answer)


class _Shown(TerminalObserver):
    """Shows what failed; and once an answer is carried out, everything."""

    def __init__(self, terminal: Terminal, dry_run: bool) -> None:
        super().__init__(terminal, dry_run, bar=False)
        self.everything = False

    def document(self, report: DocumentReport) -> None:
        """Show a document that is finished, where it matters now."""
        if self.everything or report.errors:
            super().document(report)


class _Resolving:
    """One call of the command."""

    def __init__(
        self, options: argparse.Namespace, terminal: Terminal, shown: _Shown, questions: Questions, wired: Engine
    ) -> None:
        self._options = options
        self._terminal = terminal
        self._shown = shown
        self._questions = questions
        self._engine = wired
        self._asks = terminal.interactive and sys.stdin.isatty() and not (terminal.as_json or terminal.quiet)

    def everything(self) -> int:
        """List what is open; where somebody looks, ask."""
        failed = self._engine.look().failed
        found = self._questions.all()
        for question in found:
            self._show(question)
        if not found and not self._terminal.as_json and not self._terminal.quiet:
            self._terminal.line("nothing is held or in conflict")
        answers = self._answers(found) if self._asks else []
        if answers:
            return self._carry_out(answers)
        return 1 if found or failed else 0

    def one(self, number: int, answer: str | None) -> int:
        """Settle one question, which must be asked still."""
        question = self._find(number)
        if question and question.source not in self._engine.sources:
            cure = "Call it where the file can be found, or name the file with --postmortem."
            raise UsageError(f"{question.path} is not there any more, which question {number} is about.", cure)
        self._engine.look([(question.source, question.path)] if question else ())
        question = self._find(number)
        if question is None:
            raise UsageError(f"Nothing is asked under the number {number}: it is settled, or has changed.", _LIST)
        fitting = " or ".join(option(choice) for choice in choices(question.what))
        cure = f"Answer it with {fitting}." if fitting else "Close the ticket that is to go, in the tracker."
        if answer is None and self._asks and fitting:
            self._show(question)
            answers = self._answers([question])
            return self._carry_out(answers) if answers else 1
        if answer is None:
            raise UsageError(f"Question {number} has no answer yet: {clean(question.text)}.", cure)
        if answer not in choices(question.what):
            raise UsageError(f"{option(answer)} is no answer to question {number}: {clean(question.text)}.", cure)
        return self._carry_out([(question, answer)])

    def _find(self, number: int) -> Question | None:
        return next((question for question in self._questions.all() if question.number == number), None)

    def _carry_out(self, answers: Sequence[tuple[Question, str]]) -> int:
        for question, answer in answers:
            self._questions.answer(question.number, answer)
            log().info("answered", number=question.number, answer=answer)
        names = tuple(dict.fromkeys((question.source, question.path) for question, _ in answers))
        self._shown.everything = True
        named = any(question.named for question, _ in answers)
        self._engine.policy = replace(self._engine.policy, explicit=named)
        summary = self._engine.run(Request(names, self._options.dry_run, self._options.force))
        left = set() if self._options.dry_run else {question.number for question in self._questions.all()}
        undone = [question.number for question, _ in answers if question.number in left]
        for number in undone if not self._terminal.as_json else ():
            self._terminal.line(self._terminal.paint(f"{number} is answered, and not carried out yet", "red"))
        print_summary(self._terminal, summary, self._options.dry_run)
        return 1 if undone or summary.failed else 0

    # asking

    def _answers(self, found: Sequence[Question]) -> list[tuple[Question, str]]:
        """What somebody at the terminal says; nothing of what they leave."""
        answers: list[tuple[Question, str]] = []
        for question in found:
            able = choices(question.what)
            words = f"{question.number}: {', '.join(able)}, Enter to leave it, q to stop: "
            said = self._ask(words, able) if able else ""
            if said == "q":
                break
            if said:
                answers.append((question, said))
        return answers

    def _ask(self, words: str, able: Sequence[str]) -> str:
        while True:
            try:
                said = input(words).strip().lower()
            except EOFError:
                return "q"
            if said in ("", "q"):
                return said
            if fitting := [choice for choice in able if choice.startswith(said.lstrip("-"))]:
                return fitting[0]

    # showing

    def _show(self, question: Question) -> None:
        terminal, known = self._terminal, question.details
        answers = {option(choice): means(question, choice) for choice in choices(question.what)}
        if terminal.as_json:
            place = {"source": question.source, "path": question.path}
            parts = {name: known.get(name) for name in ("item", "ticket", "url", "document", "says")}
            given = option(question.answer) if question.answer else None
            value = {**question_to_json(question), **place, **parts, "means": answers, "answered": given}
            terminal.json(value)
            return
        where = f"{question.path}, line {question.line}" if question.line else question.path
        item = clean(known.get("item", ""))
        terminal.line(f"{terminal.paint(str(question.number), 'bold')}  {clean(where)}: {item}")
        terminal.line(f"       {clean(question.text)}")
        if known.get("url"):
            terminal.line(terminal.paint(f"       {clean(known['ticket'])}: {clean(known['url'])}", "dim"))
        for way, words in answers.items():
            terminal.line(f"       {way:<16} {clean(words)}")
        if question.answer:
            terminal.line(f"       answered {option(question.answer)}; the next run carries it out")
