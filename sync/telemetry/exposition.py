"""Figures as a file in Prometheus' text exposition format (version 0.0.4), for node_exporter. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PREFIX = "postmortem_sync"


class Exposition:
    """Figures, one family after the other."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(
        self, name: str, help: str, samples: Iterable[tuple[Mapping[str, str], float]], kind: str = "gauge"
    ) -> None:
        """A family: its name without the prefix, what it means in a sentence, and (labels, value) of each sample."""
        whole = f"{PREFIX}_{name}"
        self._lines += [f"# HELP {whole} {help}", f"# TYPE {whole} {kind}"]
        for labels, value in samples:
            pairs = ",".join(f'{key}="{_escaped(words)}"' for key, words in labels.items())
            self._lines.append(f"{whole}{{{pairs}}} {value!r}" if pairs else f"{whole} {value!r}")

    def text(self) -> str:
        """The whole; ends in a line end."""
        return "\n".join(self._lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
