"""The keys of `[sources.NAME]` with `kind = "files"`."""

from __future__ import annotations

from adapters.system import Section


class FilesSourceSettings(Section):
    """`[sources.NAME]` with `kind = "files"`: a folder, or a git work tree."""

    path: str = ""
    id: str = ""
    formerly: tuple[str, ...] = ()
    glob: str = "**/*.md"
    exclude: tuple[str, ...] = ()
    url: str = ""
    commit: bool = False
    hooks: bool = False
