"""Who an owner's words mean among the accounts that may be assigned. Exactly one, or nobody. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sync.model import Account, Owner, OwnerKind
from sync.ports import Accounts

_ACCOUNT_ID = re.compile(r"[0-9a-f]{24}|[0-9]+:[0-9a-f-]{36}|qm:[0-9a-f:-]+|ug:[0-9a-f-]+", re.IGNORECASE)
_SHOWN = 5


def looks_like_account_id(text: str) -> bool:
    """Whether words are an account id of Cloud, which no name and no address is."""
    return bool(_ACCOUNT_ID.fullmatch(text.strip()))


def pick(owner: Owner, found: Sequence[Mapping[str, Any]], user_key: str, complete: bool) -> Accounts:
    """Choose among the users that a search for the owner's words gave.

    Args:
        user_key: accountId, or name on Data Center.
        complete: whether the search gave all there are; with a part of them nobody is certain.
    """
    words = plain_words(owner).casefold()
    people = [user for user in found if user.get(user_key) and user.get("active", True)]
    exact = [user for user in people if words in _names(user, owner.kind, user_key)]
    if not exact and owner.kind is OwnerKind.EMAIL:
        # The search knows addresses that the answer may not show: an address that is shown and differs is another's.
        exact = [user for user in people if not user.get("emailAddress")]
    if owner.kind is OwnerKind.ACCOUNT and user_key == "name":
        # A login may be somebody else's in another product: the name must be the same as well.
        name = _folded(owner.mentioned.name if owner.mentioned else "")
        exact = [user for user in exact if name and name == _folded(str(user.get("displayName") or ""))]
    matches = tuple(_account(user, user_key) for user in exact)
    if len(matches) == 1 and (complete or owner.kind is not OwnerKind.NAME):
        return Accounts(matches)
    if matches:
        certain = matches if len(matches) > 1 else ()
        return Accounts(certain, "" if certain else "too many accounts have such a name to be certain of one")
    if people:
        names = ", ".join(f"{user.get('displayName')} ({user[user_key]})" for user in people[:_SHOWN])
        return Accounts((), f"no account that may be assigned is called exactly so; close to it: {names}")
    return Accounts((), "no account that may be assigned goes by that name")


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def plain_words(owner: Owner) -> str:
    """An owner's words without an @ and with single blanks; of an account, its login where it has one."""
    text = owner.mentioned.login if owner.mentioned and owner.mentioned.login else owner.text
    return " ".join(text.strip().lstrip("@").split())


def _names(user: Mapping[str, Any], kind: OwnerKind, user_key: str) -> set[str]:
    """What must be the owner's words. A user name that is also a first name is not everybody's of that name."""
    keys = {
        OwnerKind.NAME: ("displayName",),
        OwnerKind.EMAIL: ("emailAddress", user_key),
        OwnerKind.HANDLE: ("displayName", user_key),
        OwnerKind.ACCOUNT: (user_key,),
    }.get(kind, ())
    return {" ".join(str(user[key]).casefold().split()) for key in keys if user.get(key)}


def _account(user: Mapping[str, Any], user_key: str) -> Account:
    return Account(str(user[user_key]), str(user.get("displayName") or ""))
