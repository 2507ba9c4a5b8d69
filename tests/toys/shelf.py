"""A shelf of pages: a source in one file, of a system that has no tracker and may use the board's token."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr

from adapters.documents import Chosen
from adapters.http.webhook import Sender, delivery_of, payload_of, text_at
from adapters.system import Missing, Problem, Section, SourcePart, Surroundings, System, Use
from sync.errors import SourceError
from sync.model import Finding
from sync.ports import Document, Rewrite, Source, WebhookEvent, WriteResult
from tests.toys.board import BoardSettings


class Shelf:
    """The file, as the service itself would have it: pages by their paths."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, bytes]:
        pages = json.loads(self._path.read_text("utf-8")) if self._path.exists() else {}
        return {path: text.encode("latin-1") for path, text in pages.items()}

    def save(self, pages: Mapping[str, bytes]) -> None:
        self._path.write_text(json.dumps({path: data.decode("latin-1") for path, data in pages.items()}), "utf-8")


class ShelfSource:
    """The source that the port asks for."""

    together = False

    def __init__(self, name: str, shelf: Shelf, row: str, address: str) -> None:
        self.name = name
        self._shelf = shelf
        self._wanted = Chosen(f"{row}**/*.md")
        self._address = address

    def paths(self) -> list[str]:
        return sorted(path for path in self._shelf.read() if self._wanted(path))

    def version(self, path: str) -> str:
        return ""

    def read(self, path: str) -> Document:
        data = self._shelf.read().get(path)
        if data is None:
            raise SourceError(f"{path}: there is no such page.", "Look at the shelf.")
        return Document(self.name, path, data, hashlib.sha256(data).hexdigest(), self.url(path))

    def url(self, path: str) -> str:
        return f"{self._address}/{path}"

    def path_of(self, url: str) -> str:
        path = url.removeprefix(f"{self._address}/")
        return path if path != url and self._wanted(path) else ""

    def requests(self) -> int:
        return 0

    def check(self) -> list[Finding]:
        return [Finding("documents", True, detail=str(len(self.paths())))]

    def write(self, rewrites: Sequence[Rewrite]) -> list[WriteResult]:
        pages = self._shelf.read()
        results = []
        for one in rewrites:
            path = one.document.path
            if pages.get(path) != one.document.data:
                results.append(WriteResult(path, stale=True))
                continue
            pages[path] = one.data
            results.append(WriteResult(path, hashlib.sha256(one.data).hexdigest()))
        self._shelf.save(pages)
        return results

    def close(self) -> None:
        return


# --- what the registry is told ---------------------------------------------------------------


class ShelfSettings(Section):
    """`[shelf]`."""

    base_url: str = ""
    token: SecretStr | None = None
    webhook_secret: SecretStr | None = None


class ShelfSourceSettings(Section):
    """`[sources.NAME]` with `kind = "shelf"`."""

    path: str = ""
    row: str = ""


def _source(name: str, keys: ShelfSourceSettings, settings: ShelfSettings, around: Surroundings) -> Source:
    return ShelfSource(name, Shelf(around.root / (keys.path or "shelf")), keys.row, settings.base_url)


def _borrow(settings: ShelfSettings, lender: BoardSettings) -> ShelfSettings:
    if settings.base_url or settings.token:
        return settings
    return settings.model_copy(update={"base_url": lender.base_url, "token": lender.token})


def _check(settings: ShelfSettings, use: Use) -> Iterator[Problem]:
    if use.source and not settings.token:
        yield Missing("token", "a reader's token", secret=True)


def _check_source(keys: ShelfSourceSettings) -> Iterator[Problem]:
    if not keys.row:
        yield Missing("row", "the beginning of the pages' names")


def _event(headers: Mapping[str, str], body: bytes) -> WebhookEvent:
    payload = payload_of(headers, body)
    return WebhookEvent(delivery_of("", body), "edited", pages=(text_at(payload, "page"),))


def _sender() -> Sender:
    return Sender("shelf", "x-shelf-signature", _event)


SHELF = System(
    "shelf",
    ShelfSettings,
    source=SourcePart(ShelfSourceSettings, _source, _check_source),
    addresses=("base_url",),
    check=_check,
    sender=_sender,
    lender="board",
    borrow=_borrow,
)
