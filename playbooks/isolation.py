"""Under which user of the operating system playbooks run: one who reads none of hatang's secrets.

A playbook is code. Run by hatang's own user it could read the master key and the records; run by a
user of its own it reads what every user may, and the keys of its one run.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hatang.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.settings import Settings

ON: Final = "ok"
OFF: Final = "off: playbooks run as hatang's own user and could read its keys"
_FIX: Final = "Run hatang as root, and set playbooks.ansible_user to a user of its own."


@dataclass(frozen=True, slots=True)
class Identity:
    """A user without rights; `name` is its login."""

    name: str
    uid: int
    gid: int

    def take(self, folder: Path) -> None:
        """Give `folder`, with all that lies in it, to this user."""
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def identity(settings: Settings) -> Identity | None:
    """Return the user playbooks run as; None when nobody set one.

    Raises:
        SettingsError: the user does not exist, is root, or cannot be taken because hatang does
            not run as root. Running with more rights than was asked for is no way out.
    """
    name = settings.playbooks.ansible_user
    if not name:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise SettingsError(
            f"playbooks.ansible_user: there is no user {name}",
            fix=f"Make it: useradd --system --shell /usr/sbin/nologin {name}",
        ) from None
    if entry.pw_uid == 0:
        raise SettingsError("playbooks.ansible_user: root isolates nothing", fix=_FIX)
    if os.geteuid() != 0:
        raise SettingsError("playbooks.ansible_user: only root can run playbooks as it", fix=_FIX)
    return Identity(name, entry.pw_uid, entry.pw_gid)


def describe(settings: Settings) -> str:
    """Return for health pages how playbooks are kept apart from hatang's secrets."""
    try:
        user = identity(settings)
    except SettingsError as error:
        return f"refused: {error.message}"
    return OFF if user is None else ON
