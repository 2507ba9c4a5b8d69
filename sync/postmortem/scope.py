"""What the places around an item say of it: its section, its group, and the words it stands below."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sync.model import Owner, State


@dataclass(frozen=True, slots=True)
class Scope:
    """Where items are read.

    Attributes:
        section: as on the items.
        signs: of the place, for weighing (`evidence.WEIGHTS`).
        people, state: what the title of the group says of all its items.
        parent: words of the line that the items stand below; context on the ticket.
        only_tasks: whether only what is marked as a to-do counts.
        explicit: whether the section promises actions and nothing else, so that what was done already counts.
    """

    section: str
    signs: frozenset[str] = frozenset()
    people: tuple[Owner, ...] = ()
    state: State | None = None
    parent: str = ""
    only_tasks: bool = False
    explicit: bool = False

    def grouped(self, people: tuple[Owner, ...], state: State | None, parent: str) -> Scope:
        """The scope within a group; what its title does not say is as around it."""
        return replace(self, people=people or self.people, state=state or self.state, parent=parent or self.parent)

    def signed(self, *signs: str) -> Scope:
        """With further signs."""
        return replace(self, signs=self.signs | frozenset(signs))
