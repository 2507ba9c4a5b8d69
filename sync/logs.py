"""Logs: structlog to stderr, for people on a terminal and as JSON otherwise, without secrets."""

from __future__ import annotations

import io
import json
import logging
import sys
import traceback
import uuid
from collections.abc import Iterable, MutableMapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from sync.redaction import Redactor

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_COLOURS = {"debug": "2", "info": "36", "warning": "33", "error": "31"}


def configure(
    level: str = "warning",
    form: str = "auto",
    secrets: Iterable[str] = (),
    verbose: bool = False,
    quiet: bool = False,
    stream: TextIO | None = None,
    run_id: str | None = None,
) -> str:
    """Set up logging for this process.

    Args:
        form: "console", "json", or "auto": console on a terminal, else JSON.
        secrets: values that must never be printed.
        verbose, quiet: from the command line; they set the level to debug, and to error.

    Returns:
        The run id that stands on every line.
    """
    import structlog

    out = stream or sys.stderr
    chosen = "debug" if verbose else "error" if quiet else level
    console = form == "console" or (form == "auto" and out.isatty())
    redactor = Redactor(secrets)
    identity = run_id or uuid.uuid4().hex[:12]

    def render(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        error = event.pop("exc_info", None)
        if error:
            event["exception"] = _traceback(error)
        clean: dict[str, Any] = redactor.value(dict(event))
        return _console_line(clean, out.isatty()) if console else json.dumps(clean, ensure_ascii=False, default=str)

    def stamp(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"time": now, "level": method, "run": identity, **event}

    structlog.configure(
        processors=[stamp, render],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[chosen]),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    return identity


def log() -> FilteringBoundLogger:
    """The logger. Events are names, facts are key-values: `log().info("ticket created", key="OPS-12")`."""
    import structlog

    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def _traceback(error: Any) -> str:
    if error is True:
        error = sys.exc_info()
    text = io.StringIO()
    if isinstance(error, BaseException):
        traceback.print_exception(error, file=text)
    elif isinstance(error, tuple) and error[1] is not None:
        traceback.print_exception(error[1], file=text)
    return text.getvalue()


def _console_line(event: dict[str, Any], colour: bool) -> str:
    level = str(event.pop("level", "info"))
    time = str(event.pop("time", ""))[11:19]
    run = event.pop("run", "")
    words = str(event.pop("event", ""))
    exception = event.pop("exception", "")
    facts = " ".join(f"{name}={_fact(value)}" for name, value in event.items())
    shown = f"\x1b[{_COLOURS.get(level, '0')}m{level:<7}\x1b[0m" if colour else f"{level:<7}"
    line = f"{time} {shown} {words}" + (f"  {facts}" if facts else "") + f"  run={run}"
    return f"{line}\n{exception}" if exception else line


def _fact(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return json.dumps(text, ensure_ascii=False) if " " in text and isinstance(value, str) else text
