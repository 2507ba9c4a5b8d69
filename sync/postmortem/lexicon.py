"""The words of every language that is understood, a file each in `languages/`: see docs/languages.md."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "uk", "zh")

_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_BETWEEN_LETTERS = re.compile(r"(?<=\w)[-'’‐‑](?=\w)|(?<=\w)['’]")
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"[\s/]*[^\W_]+")
_TOKEN = re.compile(r"[^\W_]+|[^\w\s]")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆ー]")


def unspaced(text: str) -> bool:
    """Whether a text has characters of a language that does without blanks between words."""
    return _UNSPACED.search(text) is not None


class Piece(NamedTuple):
    """A stretch of folded text and what it means there; `kinds` is empty for words that are in no file."""

    text: str
    kinds: frozenset[str]


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Words for comparison: lower case, no accents, hyphens and apostrophes within words as blanks, plain forms."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", text.casefold()))
        text = unicodedata.normalize("NFC", text).replace("ı", "i")
    else:
        text = text.casefold()
    return _BLANKS.sub(" ", _BETWEEN_LETTERS.sub(" ", text)).strip()


@cache
def _written(name: str) -> Mapping[str, tuple[str, ...]]:
    """The phrases of one language by what they mean, as written. Lines of one meaning are added up."""
    text = resources.files(f"{__package__}.languages").joinpath(f"{name}.txt").read_text("utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        key, colon, phrases = line.partition(":")
        if colon and not line.startswith("#"):
            found[key] = (*found.get(key, ()), *(one.strip() for one in phrases.split(",") if one.strip()))
    return found


def written(key: str, *names: str) -> tuple[str, ...]:
    """The phrases of one meaning in all languages, or in these, as they are written there, each once."""
    return tuple(dict.fromkeys(one for name in names or LANGUAGES for one in _written(name).get(key, ())))


@cache
def language(name: str) -> Mapping[str, tuple[str, ...]]:
    """The phrases of one language by what they mean, folded."""
    return {
        key: tuple(one.strip() for one in fold(" ,".join(some)).split(" ,") if one.strip())
        for key, some in _written(name).items()
    }


@cache
def phrases(*keys: str) -> tuple[str, ...]:
    """The phrases of all languages that have one of these meanings, each once."""
    return tuple(dict.fromkeys(one for name in LANGUAGES for key in keys for one in language(name).get(key, ())))


class Lexicon:
    """Finds phrases in folded text, the longest at each place.

    It goes word by word, or by characters where a language does without blanks.

    Args:
        kinds: phrases by what they mean; a star at the end stands for any ending of the last word.
    """

    def __init__(self, kinds: Mapping[str, Iterable[str]]) -> None:
        self._whole: dict[str, frozenset[str]] = {}
        self._stems: dict[str, frozenset[str]] = {}
        self._most = 1
        self._longest = 1
        for kind, some in kinds.items():
            for phrase in some:
                stem = phrase.removesuffix("*")
                table = self._whole if stem == phrase else self._stems
                table[stem] = table.get(stem, frozenset()) | {kind}
                self._most = max(self._most, stem.count(" ") + 1)
                if _UNSPACED.search(stem):
                    self._longest = max(self._longest, len(stem))
        self._last = frozenset(stem.rpartition(" ")[2] for stem in self._whole)
        self._last_stems = tuple({stem.rpartition(" ")[2] for stem in self._stems})
        self._shortest = min((len(stem) for stem in self._stems), default=0)

    def find(self, phrase: str) -> frozenset[str]:
        """What a whole folded phrase means; empty when it is not known."""
        found = self._whole.get(phrase)
        if found is not None or not self._stems:
            return found or frozenset()
        last = phrase.rfind(" ") + 1
        for end in range(len(phrase), max(last, self._shortest - 1), -1):
            found = self._stems.get(phrase[:end])
            if found is not None:
                return found
        return frozenset()

    def begin(self, text: str) -> Piece | None:
        """The longest phrase that a folded text begins with."""
        at = 0
        ends: list[int] = []
        while len(ends) < self._most and (token := _WORD.match(text, at)):
            ends.append(token.end())
            at = token.end()
        for end in reversed(ends):
            phrase = text[:end].strip()
            kinds = self.find(phrase)
            if kinds:
                return Piece(phrase, kinds)
        first = text[: ends[0]].strip() if ends else ""
        for end in range(min(len(first), self._longest), 0, -1) if _UNSPACED.search(first) else ():
            if kinds := self._whole.get(first[:end], frozenset()):
                return Piece(first[:end], kinds)
        return None

    def ends(self, word: str) -> bool:
        """Whether a folded word may be the last of a phrase: cheap, and now and then too generous."""
        return word in self._last or word.startswith(self._last_stems)

    def scan(self, text: str) -> list[Piece]:
        """A folded text, divided into known phrases, unknown words and signs."""
        tokens = _TOKEN.findall(text)
        pieces: list[Piece] = []
        at = 0
        while at < len(tokens):
            for count in range(min(self._most, len(tokens) - at), 0, -1):
                phrase = " ".join(tokens[at : at + count])
                kinds = self.find(phrase)
                if kinds:
                    pieces.append(Piece(phrase, kinds))
                    at += count
                    break
            else:
                token = tokens[at]
                pieces += self._unspaced(token) if _UNSPACED.search(token) else [Piece(token, frozenset())]
                at += 1
        return pieces

    def _unspaced(self, run: str) -> list[Piece]:
        """A run of characters without blanks between its words."""
        pieces: list[Piece] = []
        unknown = ""
        at = 0
        while at < len(run):
            for end in range(min(len(run), at + self._longest), at, -1):
                kinds = self._whole.get(run[at:end])
                if kinds:
                    if unknown:
                        pieces.append(Piece(unknown, frozenset()))
                        unknown = ""
                    pieces.append(Piece(run[at:end], kinds))
                    at = end
                    break
            else:
                unknown += run[at]
                at += 1
        if unknown:
            pieces.append(Piece(unknown, frozenset()))
        return pieces
