"""Who an owner's words mean, by the people listed in the settings. Pure: no guess is ever made."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.model import Owner, OwnerKind


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of `[people]`.

    Attributes:
        accounts: by tracker: a login, an account id or an e-mail address.
        aliases: other ways in which documents write the person.
    """

    name: str
    accounts: Mapping[str, str]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """The answer of the list: the owner to look for, or why there is none (`why`)."""

    owner: Owner | None
    why: str = ""


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().strip().lstrip("@").split())


class People:
    """The list, indexed by every way to write a person."""

    def __init__(self, people: Sequence[Person] = ()) -> None:
        self._index: dict[str, list[Person]] = {}
        for person in people:
            for words in {_key(w) for w in (person.name, *person.aliases, *person.accounts.values())}:
                self._index.setdefault(words, []).append(person)

    def find(self, owner: Owner, tracker: str) -> Mapped:
        """The owner as a tracker should look for it; unchanged when the list does not know it."""
        known = self._index.get(_key(owner.text), [])
        if not known and owner.mentioned:
            known = self._index.get(_key(owner.mentioned.name), [])
        if not known:
            return Mapped(owner)
        if len(known) > 1:
            names = ", ".join(sorted(person.name for person in known))
            return Mapped(None, f"{owner.text!r} may be {names}: make the aliases in [people] differ")
        person = known[0]
        account = person.accounts.get(tracker)
        if account:
            kind = OwnerKind.EMAIL if "@" in account.lstrip("@") else OwnerKind.HANDLE
            return Mapped(Owner(account.lstrip("@"), kind))
        return Mapped(None, f'[people] lists {person.name!r} without an account for {tracker}: add {tracker} = "…"')
