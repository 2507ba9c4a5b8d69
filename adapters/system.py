"""What a system of the outside world tells the rest of the program of itself: its settings, and how its parts are made.

Each system's folder has one `System`, in its module `system`, and `adapters.registry` lists them all. The module is
loaded at every start: it imports a tracker, a source or a client only within the function that makes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr

from sync.errors import SettingsError
from sync.model import Finding
from sync.ports import Clock, RateLimiter, Source, Tracker, Watch

if TYPE_CHECKING:
    from adapters.http.policy import Waiting
    from adapters.http.webhook import Sender


# --- settings --------------------------------------------------------------------------------


class Section(BaseModel):
    """A table of sync.toml: unknown keys are errors, values never change. What is a secret has the type SecretStr."""

    # Built as parts of the settings, at once; by themselves only when somebody makes one.
    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True, defer_build=True
    )


S = TypeVar("S", bound=Section)
P = TypeVar("P", bound=Section)


class Use(NamedTuple):
    """What the settings want of a system.

    Attributes:
        tracker: tickets may be made in it; source: postmortems are read from it.
        project: nothing but its own section can name the project of some tickets.
    """

    tracker: bool
    source: bool
    project: bool


class Missing(NamedTuple):
    """A key that must be set; `what` says to what, in words that follow "must be" or "set … to"."""

    key: str
    what: str
    secret: bool = False


class Wrong(NamedTuple):
    """A key, or with "" the section, that cannot be as it is; `words` say why, and what would be right."""

    key: str
    words: str


Problem = Missing | Wrong


# --- making ----------------------------------------------------------------------------------


class Surroundings(NamedTuple):
    """What the process gives an adapter that it makes.

    Attributes:
        root: the folder that relative paths are relative to.
        state: a folder for what must last; cache: one for copies of what can be read again. They may not exist.
        mark_key: signs the marks on tickets; empty when there is nothing to make it from.
        requests_per_minute: no more calls than that; None for what the system itself asks for.
        waiting: told why, and how many seconds, before a wait.
        rate_limiter: shared with all that call under the same account; None when nobody else does.
        watch: told of each call; None when nobody wants to know.
        commit: whether this call asks that what is written back be committed.
    """

    clock: Clock
    root: Path
    state: Path
    cache: Path
    mark_key: bytes
    requests_per_minute: int | None
    waiting: Waiting
    rate_limiter: RateLimiter | None
    watch: Watch | None
    commit: bool = False


def _never(section: Any) -> bool:
    return False


def _nothing(*_: Any) -> Iterator[Any]:
    return iter(())


def _nobody(section: Any) -> tuple[str, ...]:
    return ()


class TrackerPart(NamedTuple, Generic[S]):
    """A system in which tickets are made.

    Attributes:
        make: a tracker, from the system's section.
        ready: whether the section holds what signing in needs: then tickets that documents link are followed, though
            none is made there.
        signing: the secret from which the key of marks is made, where `state.mark_secret` is not set; None for a
            tracker that signs none.
        spelled: an account as the tracker spells it, for one that a person wrote in `[people]`.
        by_name: whether anybody can be assigned by name, without an account.
        examine: findings for the doctor about a tracker that must not be opened to be looked at; None for one that
            can be.
    """

    make: Callable[[S, Surroundings], Tracker]
    ready: Callable[[S], bool] = _never
    signing: Callable[[S], SecretStr | None] | None = None
    spelled: Callable[[str], str] = str
    by_name: bool = False
    examine: Callable[[S, Surroundings], Iterator[Finding]] | None = None


class SourcePart(NamedTuple, Generic[P, S]):
    """A system that holds postmortems: a kind of `[sources.NAME]`.

    Attributes:
        keys: those of `[sources.NAME]` that this kind reads, beside the ones that all have. A key that another kind
            has as well must be the same there.
        make: a source, from its name, its keys, and the system's section.
        check: what is wrong with its keys.
        folder: where its documents lie on this machine, relative to the settings; None for what is read over a network.
        pushed: (repository, branch) whose pushes change its documents; "" for the repository's own branch. None where
            nothing is pushed.
    """

    keys: type[P]
    make: Callable[[str, P, S, Surroundings], Source]
    check: Callable[[P], Iterator[Problem]] = _nothing
    folder: Callable[[P], str] | None = None
    pushed: Callable[[P], tuple[str, str]] | None = None


class System(NamedTuple, Generic[S]):
    """One system.

    Attributes:
        name: of its section, of its tracker, and of its kind of source.
        section: the model of `[name]`; None for a system that needs no such table.
        account: what tells the account of a section from others: calls are counted for it. () for none.
        addresses: keys of the section with an address to which a secret is sent.
        check: what is wrong with the section, or missing for this use.
        sender: what reads its webhooks; the section then has a key `webhook_secret`.
        lender: the system from whose section `borrow` may take what is not set in this one; "" for none.
        borrow: this section, completed from the lender's.
    """

    name: str
    section: type[S] | None = None
    tracker: TrackerPart[S] | None = None
    source: SourcePart[Any, S] | None = None
    account: Callable[[S], tuple[str, ...]] = _nobody
    addresses: tuple[str, ...] = ()
    check: Callable[[S, Use], Iterator[Problem]] = _nothing
    sender: Callable[[], Sender] | None = None
    lender: str = ""
    borrow: Callable[[S, Any], S] | None = None


# --- the table -------------------------------------------------------------------------------


class Registry:
    """Systems by their names. The first tracker and the first kind of source are what settings without a word mean.

    Raises:
        ValueError: two systems are called the same, or one borrows from none that is there.
    """

    def __init__(self, systems: Iterable[System[Any]]) -> None:
        self._systems: dict[str, System[Any]] = {}
        for system in systems:
            if system.name in self._systems:
                raise ValueError(f"two systems are called {system.name}")
            self._systems[system.name] = system
        for system in self._systems.values():
            if system.lender and system.lender not in self._systems:
                raise ValueError(f"{system.name} borrows from {system.lender}, which is no system")
        self.trackers = tuple(name for name, system in self._systems.items() if system.tracker)
        self.kinds = tuple(name for name, system in self._systems.items() if system.source)

    def __iter__(self) -> Iterator[System[Any]]:
        return iter(self._systems.values())

    def system(self, name: str) -> System[Any]:
        """The system of that name. Raises SettingsError when there is none."""
        if name not in self._systems:
            raise SettingsError(f"{name}: there is no such system.", f"There are: {', '.join(self._systems)}.")
        return self._systems[name]

    def tracker(self, name: str) -> TrackerPart[Any]:
        """The tracker of that name. Raises SettingsError when there is none."""
        found = self._systems[name].tracker if name in self._systems else None
        if found is None:
            raise SettingsError(f"{name}: there is no such tracker.", f"There are: {', '.join(self.trackers)}.")
        return found

    def source(self, kind: str) -> SourcePart[Any, Any]:
        """The kind of source of that name. Raises SettingsError when there is none."""
        found = self._systems[kind].source if kind in self._systems else None
        if found is None:
            raise SettingsError(f"{kind}: there is no such kind of source.", f"There are: {', '.join(self.kinds)}.")
        return found
