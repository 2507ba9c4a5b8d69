"""Logs: structlog to stderr, for people on a terminal and as JSON otherwise, without secrets."""

from __future__ import annotations

import logging
import sys
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from types import TracebackType
from typing import Any, TextIO

from sync.process.redaction import Redactor
from sync.process.terminal import clean

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_Event = MutableMapping[str, Any]


def configure(
    level: str = "warning",
    form: str = "auto",
    secrets: Iterable[str] = (),
    verbose: bool = False,
    quiet: bool = False,
    stream: TextIO | None = None,
    run_id: str | None = None,
) -> str:
    """Set up logging for this process: our own lines, those of libraries, and tracebacks of unforeseen errors.

    Args:
        form: "console", "json", or "auto": console on a terminal, else JSON.
        secrets: values that must never be printed.
        verbose, quiet: from the command line; they set the level to debug, and to error.

    Returns:
        The run id that stands on every line.
    """
    global _now
    chosen = LEVELS["debug" if verbose else "error" if quiet else level]
    console = form == "console" or (form == "auto" and (stream or sys.stderr).isatty())
    _now = _Lines(chosen, console, stream, Redactor(secrets), run_id or uuid.uuid4().hex[:12])
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _Libraries)]:
        root.removeHandler(handler)
    root.addHandler(_Libraries(max(chosen, logging.WARNING)))
    sys.excepthook = _uncaught
    if chosen <= logging.INFO:
        with _without_rich():
            _now.logger()
    return _now.run


class Log:
    """The logger. structlog is loaded with the first line that is really written: an idle run writes none."""

    def debug(self, event: str, **facts: Any) -> None:
        """Tell what only somebody who looks for a mistake wants to know."""
        _now.write("debug", event, facts)

    def info(self, event: str, **facts: Any) -> None:
        """Tell what went well."""
        _now.write("info", event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        """Tell what went wrong and may mend itself."""
        _now.write("warning", event, facts)

    def error(self, event: str, **facts: Any) -> None:
        """Tell what went wrong and stays so; `exc_info` adds a traceback."""
        _now.write("error", event, facts)


def log() -> Log:
    """The logger. Events are names, facts are key-values: `log().info("ticket created", key="OPS-12")`."""
    return Log()


def redacted(text: str) -> str:
    """A text for people, such as an error's message, without any secret that `configure` was told."""
    return _now.redactor.text(text)


@dataclass
class _Lines:
    """How this process writes its lines."""

    level: int = logging.WARNING
    console: bool = False
    stream: TextIO | None = None
    redactor: Redactor = field(default_factory=Redactor)
    run: str = ""

    def write(self, level: str, event: str, facts: _Event) -> None:
        if LEVELS[level] >= self.level:
            getattr(self.logger(), level)(event, **facts)

    def logger(self) -> Any:
        """structlog's; standard error is looked up with each line, as it may be put elsewhere."""
        import structlog

        out = structlog.PrintLogger(self.stream or sys.stderr)
        kind = structlog.make_filtering_bound_logger(self.level)
        return structlog.wrap_logger(out, self._processors, kind, run=self.run)

    @cached_property
    def _processors(self) -> list[Callable[[Any, str, Any], Any]]:
        from structlog import dev, processors

        chain: list[Callable[[Any, str, Any], Any]] = [
            processors.add_log_level,
            processors.TimeStamper("%H:%M:%S" if self.console else "iso", key="time"),
            processors.format_exc_info,
            lambda logger, name, event: self.redactor.value(event),
        ]
        if not self.console:
            return [*chain, processors.JSONRenderer(ensure_ascii=False, default=str)]
        plain: Any = dev.plain_traceback
        look = dev.ConsoleRenderer(
            colors=(self.stream or sys.stderr).isatty(),
            pad_event_to=0,
            sort_keys=False,
            timestamp_key="time",
            exception_formatter=plain,
        )
        return [*chain, _harmless, look]


class _Libraries(logging.Handler):
    """What libraries log goes the same way as our own lines, and loses its secrets."""

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        error = {"exc_info": record.exc_info} if record.exc_info and record.exc_info[1] else {}
        _now.write(level, record.getMessage(), {"logger": record.name, **error})


def _harmless(logger: Any, name: str, event: _Event) -> _Event:
    """Words of documents and trackers stand in events, facts and exceptions: they must not steer the terminal."""
    plain = {key: clean(value) if isinstance(value, str) else value for key, value in event.items()}
    return plain | {"event": str(plain["event"]).replace("\n", " ")}


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    words = redacted("".join(traceback.format_exception(error)))
    print(clean(words), end="", file=_now.stream or sys.stderr)


@contextmanager
def _without_rich() -> Iterator[None]:
    """Structlog loads rich for tracebacks that we do not use: two thirds of its loading time.

    It does without where rich is not installed. Only for the start of the program, while there is one thread.
    """
    if "rich" in sys.modules or "structlog" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["rich"]


_now = _Lines()
