"""Settings and names given by hand, to sources."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sync.errors import SettingsError, UsageError
from sync.ports import Source
from sync.process.clock import SystemClock
from sync.wiring import systems
from sync.wiring.systems import Host, folder_of

if TYPE_CHECKING:
    from config.settings import Settings, SourceSettings
    from sync.run.summary import Observer


_NO_SOURCE = "{} so there is nothing to sync."
_ADD_ONE = """Name a file with --postmortem, or add a source to sync.toml:

    [sources.docs]
    kind = "files"
    path = "docs/postmortems"
"""


def _where(settings: Settings) -> str:
    if settings.file:
        return f"{settings.file} configures no source,"
    return f"There is no sync.toml in {Path.cwd()},"


@dataclass(slots=True)
class Selection:
    """Documents named by hand: the sources that hold them, and their (source, path) names."""

    sources: dict[str, Source]
    names: list[tuple[str, str]] = field(default_factory=list)
    roots: dict[str, Path] = field(default_factory=dict)
    commit: bool = False


def configured_sources(
    settings: Settings, observer: Observer, commit: bool = False, host: Host | None = None
) -> dict[str, Source]:
    """Every source of the settings; `commit` as if they all said so. Raises SettingsError when there is none."""
    if not settings.sources:
        raise SettingsError(_NO_SOURCE.format(_where(settings)), _ADD_ONE)
    sources = settings.sources.items()
    return {name: make_source(settings, name, source, observer, commit, host) for name, source in sources}


def make_source(
    settings: Settings,
    name: str,
    source: SourceSettings,
    observer: Observer,
    commit: bool = False,
    host: Host | None = None,
) -> Source:
    """One source; `commit` as if its settings said so."""
    return systems.make_source(settings, name, source, observer, host or Host(SystemClock(observer.left)), commit)


def select(settings: Settings, refs: list[str], observer: Observer, commit: bool = False) -> Selection:
    """Find the documents that are named by hand.

    A path under a configured source belongs to it; any other belongs to a source made for it, whose root is the
    git work tree, else the folder of sync.toml, else its own folder.
    """
    configured = {
        name: make_source(settings, name, source, observer, commit) for name, source in settings.sources.items()
    }
    selection = Selection(dict(configured), commit=commit)
    for ref in refs:
        if is_address(ref):
            selection.names.append(by_url(configured, ref))
        else:
            selection.names.extend(_by_path(settings, selection, Path(ref)))
    selection.names = list(dict.fromkeys(selection.names))
    return selection


def selection_of(
    settings: Settings, names: Sequence[tuple[str, str]], observer: Observer, commit: bool = False
) -> Selection:
    """The configured sources, and those that `select` made for documents which were named by hand, where they are.

    Args:
        names: (source, path) of documents that runs have seen.

    Raises:
        SettingsError: there is no source at all.
    """
    from adapters.files.git import work_tree

    here = Path.cwd()
    roots = [root for root in (work_tree(here), settings.file and settings.file.parent, here) if root]
    unknown = [Path(path) for source, path in names if source not in settings.sources]
    found = [next((str(root / path) for root in roots if (root / path).is_file()), "") for path in unknown]
    if refs := [ref for ref in found if ref]:
        return select(settings, refs, observer, commit)
    return Selection(configured_sources(settings, observer, commit), commit=commit)


@contextmanager
def opened(settings: Settings, observer: Observer) -> Iterator[dict[str, Source]]:
    """Every configured source, for a command that only reads; closed at the end."""
    sources: dict[str, Source] = {}
    try:
        for name, source in settings.sources.items():
            sources[name] = make_source(settings, name, source, observer)
        yield sources
    finally:
        for one in sources.values():
            one.close()


def is_address(ref: str) -> bool:
    """Whether a document is named by the address of its page."""
    return urlsplit(ref).scheme in ("http", "https")


def by_url(configured: Mapping[str, Source], ref: str) -> tuple[str, str]:
    """(source, path) of the document whose page this is; of several sources that may have it, one that lists it.

    Raises UsageError when there is none, SourceError.
    """
    found = [(name, path) for name, source in configured.items() if (path := source.path_of(ref))]
    if len(found) > 1:
        found = [(name, path) for name, path in found if path in configured[name].paths()] or found
    if not found:
        cure = "Add its repository as a source in sync.toml, or its space."
        raise UsageError(f"{ref}: no configured source holds this page.", cure)
    return found[0]


def _by_path(settings: Settings, selection: Selection, ref: Path) -> list[tuple[str, str]]:
    if not ref.exists():
        raise UsageError(f"{ref}: there is no such file.", "Check the path; it is relative to the working directory.")
    real = Path(os.path.realpath(ref))
    for name, source in settings.sources.items():
        folder = folder_of(settings, source)
        root = Path(os.path.realpath(folder)) if folder else None
        if root and real.is_relative_to(root):
            return _under(name, selection.sources[name], root, real)
    return _by_itself(settings, selection, real)


def _under(name: str, source: Source, root: Path, real: Path) -> list[tuple[str, str]]:
    inside = real.relative_to(root).as_posix()
    if not real.is_dir():
        return [(name, inside)]
    prefix = "" if inside == "." else inside + "/"
    paths = [path for path in source.paths() if path.startswith(prefix)]
    if not paths:
        raise UsageError(f"{real}: the folder holds no postmortem.", "Name a folder with Markdown files in it.")
    return [(name, path) for path in paths]


def _by_itself(settings: Settings, selection: Selection, real: Path) -> list[tuple[str, str]]:
    from adapters.files.git import work_tree
    from adapters.files.source import FilesSource

    folder = real if real.is_dir() else real.parent
    home = settings.file.parent if settings.file else None
    root = work_tree(folder) or (home if home and real.is_relative_to(home) else folder)
    name = _name_for(selection, root)
    source = selection.sources.setdefault(name, FilesSource(name, root, commit=selection.commit))
    return _under(name, source, root, real)


def _name_for(selection: Selection, root: Path) -> str:
    """The made source's name: none, so that the document keeps its identity wherever the work tree lies."""
    for name, known in selection.roots.items():
        if known == root:
            return name
    name = "" if "" not in selection.roots else root.name
    selection.roots[name] = root
    return name
