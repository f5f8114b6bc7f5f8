"""Which words of an entry name a person, and what stands in their place when they have grown old.

The chain covers the pseudonyms and not the names (form 1), so that a name can be replaced later
and each link still verifies. A pseudonym is keyed: whoever has the database alone can neither
compute nor guess it, and the same person always has the same one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

NAMED: Final = 0
SEALED: Final = 1
REPLACED: Final = 2
"""What a row's hash covers: its names (written before there were pseudonyms), the pseudonyms of
the names that it shows, or the pseudonyms that it shows."""

FORM: Final = "persons/1"
"""Goes into each hash of this form. What counts as a name below is part of the form: another set
needs another form, or what was written by this one would no longer verify."""

KEYS: Final = frozenset({"account", "assignee", "before", "receiver"})
LIKE: Final = "person-" + "_" * 32
_DOMAIN: Final = b"hatang pseudonym 1\0"
_TARGET: Final = re.compile(r"(^user/|/users/)([^/]+)")
_PSEUDONYM: Final = re.compile(r"person-[0-9a-f]{32}|number-[0-9a-f]{16}")
_NOBODY: Final = frozenset({"", "-"})


class Entry(Protocol):
    """What of an entry may name persons."""

    @property
    def actor_id(self) -> int | None:
        """The account; None for a process."""

    @property
    def actor(self) -> str:
        """The name."""

    @property
    def action(self) -> str:
        """What was done."""

    @property
    def target(self) -> str:
        """To what."""

    @property
    def detail(self) -> dict[str, Any]:
        """And how."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry's words with pseudonyms in the place of names."""

    actor: str
    target: str
    detail: dict[str, Any]


def pseudonym(key: bytes, name: str) -> str:
    """Return what stands for `name`: `person-` and 128 bits of its HMAC, in hexadecimal."""
    return f"person-{_digest(key, name)[:32]}"


def number_pseudonym(key: bytes, number: str) -> str:
    """Return what stands for a telephone number or mail address: `number-` and 64 bits."""
    return f"number-{_digest(key, number)[:16]}"


def is_pseudonym(value: object) -> bool:
    """Tell whether `value` is what one of the two above returns."""
    return isinstance(value, str) and _PSEUDONYM.fullmatch(value) is not None


def conceal(entry: Entry, key: bytes) -> Shown:
    """Return the words of `entry`, which shows its names, with pseudonyms instead.

    Processes keep their names. A name in a reason is found where it is the actor's.
    """

    def hide(name: str) -> str:
        return name if name in _NOBODY else pseudonym(key, name)

    is_person = entry.actor_id is not None or entry.action == "cli.command"
    actor = hide(entry.actor) if is_person else entry.actor
    target = _TARGET.sub(lambda found: found[1] + hide(found[2]), entry.target)
    # Who had an incident before stands there; in other entries that word names no person.
    keys = KEYS if entry.action.startswith("incident.") else KEYS - {"before"}
    detail = conceal_detail(entry.detail, hide, keys)
    reason = detail.get("reason") if isinstance(detail, dict) else None
    if is_person and isinstance(reason, str) and entry.actor:
        whole = re.compile(rf"(?<!\w){re.escape(entry.actor)}(?!\w)")
        detail["reason"] = whole.sub(actor, reason)
    return Shown(actor, target, detail)


def conceal_detail(detail: Any, hide: Callable[[str], str], keys: frozenset[str] = KEYS) -> Any:
    """Return `detail` with `hide` done to what stands under one of the `keys` of persons.

    What somebody made of it that is no mapping is returned as it is, for verification to tell.
    """
    if not isinstance(detail, dict):
        return detail
    return {
        name: hide(value) if name in keys and isinstance(value, str) else value
        for name, value in detail.items()
    }


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, _DOMAIN + text.encode(), hashlib.sha256).hexdigest()
