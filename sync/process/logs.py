"""Logs: structlog to stderr, for people on a terminal and as JSON otherwise, without secrets."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
import uuid
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from sync.process.redaction import Redactor

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_COLOURS = {"debug": "2", "info": "36", "warning": "33", "error": "31"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class _Set:
    """How this process logs."""

    def __init__(self, level: int, console: bool, stream: TextIO | None, redactor: Redactor, run_id: str) -> None:
        self.level = level
        self.console = console
        self.redactor = redactor
        self.run_id = run_id
        self.ready_for: TextIO | None = None
        self._stream = stream

    @property
    def stream(self) -> TextIO:
        """Where lines go. Looked up each time, as standard error may be put elsewhere."""
        return self._stream or sys.stderr

    def render(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        """structlog's one processor: the stamp, the exception, no secret, one line."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        level = "error" if method in ("exception", "critical") else method
        event = {"time": now, "level": level, "run": self.run_id, **event}
        if error := event.pop("exc_info", None):
            event["exception"] = _traceback(error)
        clean: dict[str, Any] = self.redactor.value(event)
        if self.console:
            return _console_line(clean, self.stream.isatty())
        return json.dumps(clean, ensure_ascii=False, default=str)


_now = _Set(logging.WARNING, False, None, Redactor(), "")


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
    out = stream or sys.stderr
    chosen = LEVELS["debug" if verbose else "error" if quiet else level]
    console = form == "console" or (form == "auto" and out.isatty())
    _now = _Set(chosen, console, stream, Redactor(secrets), run_id or uuid.uuid4().hex[:12])
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _Libraries)]:
        root.removeHandler(handler)
    root.addHandler(_Libraries(max(chosen, logging.WARNING)))
    sys.excepthook = _uncaught
    if chosen <= logging.INFO:
        with _without_rich():
            _prepare()
    return _now.run_id


class Log:
    """The logger. structlog is loaded with the first line that is really written: an idle run writes none."""

    def __init__(self, facts: dict[str, Any] | None = None) -> None:
        self._facts = facts or {}

    def bind(self, **facts: Any) -> Log:
        """The same logger, with these facts on every line."""
        return Log(self._facts | facts)

    def debug(self, event: str, **facts: Any) -> None:
        self._write("debug", event, facts)

    def info(self, event: str, **facts: Any) -> None:
        self._write("info", event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        self._write("warning", event, facts)

    def error(self, event: str, **facts: Any) -> None:
        self._write("error", event, facts)

    def _write(self, level: str, event: str, facts: dict[str, Any]) -> None:
        if LEVELS[level] >= _now.level:
            getattr(_prepare(), level)(event, **self._facts, **facts)


def log() -> Log:
    """The logger. Events are names, facts are key-values: `log().info("ticket created", key="OPS-12")`."""
    return Log()


def redacted(text: str) -> str:
    """A text for people, such as an error's message, without any secret that `configure` was told."""
    return _now.redactor.text(text)


def _prepare() -> Any:
    import structlog

    if _now.ready_for is not _now.stream:
        structlog.configure(
            processors=[_now.render],
            wrapper_class=structlog.make_filtering_bound_logger(_now.level),
            logger_factory=structlog.PrintLoggerFactory(_now.stream),
            cache_logger_on_first_use=False,
        )
        _now.ready_for = _now.stream
    return structlog.get_logger()


@contextmanager
def _without_rich() -> Iterator[None]:
    """structlog loads rich for its development renderer, which we do not use: two thirds of its loading time.

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


class _Libraries(logging.Handler):
    """What libraries log goes the same way as our own lines, and loses its secrets."""

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning"
        facts: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1]:
            facts["exc_info"] = record.exc_info
        Log()._write(level, record.getMessage(), facts)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    print(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", redacted(_traceback(error))), end="", file=_now.stream)


def _traceback(error: Any) -> str:
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    return "".join(traceback.format_exception(error)) if isinstance(error, BaseException) else ""


def _console_line(event: dict[str, Any], colour: bool) -> str:
    level = str(event.pop("level", "info"))
    time = str(event.pop("time", ""))[11:19]
    run = event.pop("run", "")
    words = str(event.pop("event", ""))
    exception = str(event.pop("exception", "")).rstrip("\n")
    facts = " ".join(f"{name}={_fact(value)}" for name, value in event.items())
    line = f"{words.replace(chr(10), ' ')}" + (f"  {facts}" if facts else "") + f"  run={run}"
    shown = f"\x1b[{_COLOURS.get(level, '0')}m{level:<7}\x1b[0m" if colour else f"{level:<7}"
    rest = f"{line}\n{exception}" if exception else line
    # Words of documents and trackers stand in facts and exceptions: they must not steer the terminal.
    return f"{time} {shown} {_CONTROL.sub(chr(0xFFFD), rest)}"


def _fact(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value if value and not re.search(r'[\s"=]', value) else json.dumps(value, ensure_ascii=False)
