"""Files on this machine, as the registry knows them."""

from __future__ import annotations

from adapters.files.settings import FilesSourceSettings
from adapters.system import Section, SourcePart, Surroundings, System
from sync.ports import Source


def _source(name: str, keys: FilesSourceSettings, section: Section, around: Surroundings) -> Source:
    from adapters.files.source import FilesSource

    commit = around.commit or keys.commit
    return FilesSource(
        name,
        around.root / _folder(keys),
        keys.glob,
        keys.exclude,
        commit=commit,
        url=keys.url,
        id=keys.id,
        formerly=keys.formerly,
        hooks=keys.hooks,
    )


def _folder(keys: FilesSourceSettings) -> str:
    return keys.path or "."


FILES: System[Section] = System("files", source=SourcePart(FilesSourceSettings, _source, folder=_folder))
