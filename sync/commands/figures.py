"""The figures of a run: in a file for Prometheus' node_exporter, and then in the run's JSON too.

Whoever else wants them, such as a collector of metrics, is told the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sync import __version__
from sync.errors import JournalError, SettingsError
from sync.process.files import write_whole
from sync.process.logs import log
from sync.process.terminal import Terminal
from sync.report.figures import Counts, InTime
from sync.telemetry.metrics import Metrics, last_success, text
from sync.wiring.facts import facts_of_last_run, reading_journal

if TYPE_CHECKING:
    from config.settings import Settings
    from sync.run.summary import Summary


class Figures:
    """The figures of one `sync run`; nothing of a dry run, nor of documents named by hand.

    Args:
        tell: told them too.
    """

    def __init__(
        self,
        settings: Settings,
        terminal: Terminal,
        options: argparse.Namespace,
        tell: Callable[[Metrics], None] | None = None,
    ) -> None:
        self._settings = settings
        self._terminal = terminal
        self._began = datetime.now(UTC)
        given = vars(options).get("metrics")
        configured = settings.metrics.file
        self._file = Path(given) if given else settings.root / configured if configured else None
        self._tell = tell
        whole = options.command == "run" and not options.dry_run
        self._wanted = whole and bool(self._file or tell)

    def ended(self, summary: Summary) -> Mapping[str, object] | None:
        """Write the file; answers the same figures for `--json`, or None when there is no file.

        Raises:
            SettingsError: the file cannot be written.
        """
        return self._leave(summary) if self._wanted else None

    def stopped(self) -> None:
        """The run was stopped: one failure, which keeps the time of the last success.

        Why it stopped is told elsewhere, and is not hidden by a file that cannot be written.
        """
        if self._wanted:
            try:
                self._leave(None)
            except SettingsError as error:
                log().error("the figures are lost", why=str(error))

    def _leave(self, summary: Summary | None) -> Mapping[str, object] | None:
        metrics = self._metrics(summary)
        if self._tell:
            self._tell(metrics)
        if not self._file:
            return None
        try:
            write_whole(self._file, text(metrics))
        except OSError as error:
            raise SettingsError(
                f"{self._file}: the figures cannot be written ({error.strerror}).",
                "Make its folder, and make it writable; or name another file with --metrics or metrics.file.",
            ) from error
        return metrics.to_json()

    def _metrics(self, summary: Summary | None) -> Metrics:
        now = datetime.now(UTC)
        well = summary is not None and not summary.failed
        names = ("created", "updated", "adopted", "written_back", "skipped", "held", "conflicts")
        return Metrics(
            __version__,
            now.timestamp(),
            now.timestamp() if well else self._success_before(),
            summary.seconds if summary else (now - self._began).total_seconds(),
            summary.failed if summary else 1,
            dict(sorted(summary.requests.items())) if summary else {},
            {name: getattr(summary, name) for name in names} if summary else {},
            *(self._counted() if summary else (None, None)),
        )

    def _success_before(self) -> float:
        try:
            return last_success(self._file.read_text(encoding="utf-8")) if self._file else 0.0
        except (OSError, UnicodeDecodeError):
            return 0.0

    def _counted(self) -> tuple[Counts | None, InTime | None]:
        from sync.report.in_time import in_time
        from sync.report.report import counts
        from sync.report.spelling import unified

        try:
            journal = reading_journal(self._settings)
            try:
                facts = facts_of_last_run(self._settings, self._terminal, journal)
            finally:
                journal.close()
        except JournalError:
            return None, None
        items, today = unified(facts).items, date.today()
        return counts(items, today), in_time(items, today)
