"""What a postmortem, an item and a place are called, the same on every machine, and how alike two texts are. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sync.model.ticket import Mark

LONGEST_PLACE = 400
"""Characters of a place that stand on a mark as they are; a longer one is digested."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Which postmortem a document is, the same for everybody who reads it.

    Attributes:
        home: where documents live: a repository's host/owner/name, a site; "" for a folder that nobody named.
        path: within the home; a page's id; the whole path of a file without a home.
        print: digest of the title and the date.
        id: digest of the `id` in the front matter; "" when it states none.
        day: of the postmortem: of two, the older is the one with the earlier day.
        former: what else marks may call it: its places under former names of its home, and its names in version 1.
    """

    home: str
    path: str
    print: str
    id: str = ""
    day: date | None = None
    former: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Home and path. A place can be used again, and a postmortem can move."""
        return place_of(self.home, self.path)

    @property
    def homes(self) -> frozenset[str]:
        """Its home, under every name that it had."""
        return frozenset({self.home, *(home_of(place) for place in self.former if "#" in place)})

    def formerly_at(self, homes: Iterable[str]) -> Origin:
        """The same, known as well by former names of its home."""
        return replace(self, former=(*self.former, *(place_of(home, self.path) for home in sorted(homes))))

    @property
    def name(self) -> str:
        """What the journal calls it: a stated id stays the same wherever the document is moved within its home."""
        return f"{_short(self.home)}#id:{self.id}" if self.id else self.place


def names_on(mark: Mark) -> tuple[str, ...]:
    """What the journal may call the postmortem on a mark."""
    return (mark.place, f"{_short(home_of(mark.place))}#id:{mark.id}") if mark.id else (mark.place,)


def place_of(home: str, path: str) -> str:
    """A place as it stands on a mark."""
    place = f"{home}#{path}"
    if len(place) <= LONGEST_PLACE:
        return place
    return f"{_short(home)}#sha256:{_digest('path', path)}"


def home_of(place: str) -> str:
    """The home within a place."""
    return place.partition("#")[0]


def print_of(title: str, day: date | None) -> str:
    """A postmortem's print; "" for one without a title, which is like no other."""
    if not title.strip():
        return ""
    return _digest("print", fold(title), day.isoformat() if day else "")


def stated_id(text: str) -> str:
    """An `id` as it stands on a mark: of bounded length, whatever the document says."""
    return _digest("id", text.strip()) if text.strip() else ""


def item_digest(text: str, occurrence: int = 0) -> str:
    """An item within its postmortem; `occurrence` counts those of the same words, from 0."""
    words = _digest("item", fold(text))
    return f"{words}.{occurrence}" if occurrence else words


def words_in(item: str) -> str:
    """The part of an item's digest that its words alone make."""
    return item.partition(".")[0]


def item_id(origin: Origin, item: str) -> str:
    """An item among those of all postmortems."""
    return _digest("item id", origin.name, item)


def fold(text: str) -> str:
    """A text without what people change by the way: blanks, the case of its first letter, compatible forms."""
    words = " ".join(unicodedata.normalize("NFC", text).split())
    return words[:1].lower() + words[1:]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _short(home: str) -> str:
    return home if len(home) <= LONGEST_PLACE // 2 else f"sha256:{_digest('home', home)}"


# --- words -----------------------------------------------------------------------------------


def normalise(text: str) -> str:
    """The words of a text alone, for measuring how alike two are."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold())) or text.strip()


def similarity(one: str, other: str) -> float:
    """Dice coefficient of two texts' words, 0 to 1."""
    a, b = normalise(one).split(), normalise(other).split()
    if not a or not b:
        return 0.0
    rest = list(b)
    common = 0
    for word in a:
        if word in rest:
            rest.remove(word)
            common += 1
    return 2 * common / (len(a) + len(b))
