"""Which files of a tree are documents: for every source that is made of files. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence


class Chosen:
    """Tells documents from other files by their paths.

    Args:
        glob: which files, relative to the tree's top; `**/` crosses folders and `*` does not.
        exclude: globs of files to leave out.
    """

    def __init__(self, glob: str, exclude: Sequence[str] = ()) -> None:
        self._wanted = _compiled(glob)
        self._excluded = [_compiled(pattern) for pattern in exclude]

    def __call__(self, path: str) -> bool:
        """Whether the file at this posix path, relative to the tree's top, is a document."""
        wanted = self._wanted.fullmatch(path) is not None
        return wanted and not any(pattern.fullmatch(path) for pattern in self._excluded)


def _compiled(glob: str) -> re.Pattern[str]:
    parts: list[str] = []
    for piece in re.split(r"(\*\*/|\*\*|\*|\?|\[[^]]*\])", glob):
        match piece:
            case "**/":
                parts.append("(?:.*/)?")
            case "**":
                parts.append(".*")
            case "*":
                parts.append("[^/]*")
            case "?":
                parts.append("[^/]")
            case _ if piece.startswith("["):
                parts.append(fnmatch.translate(piece)[len("(?s:") : -len(r")\Z")])
            case _:
                parts.append(re.escape(piece))
    return re.compile("".join(parts), re.DOTALL)
