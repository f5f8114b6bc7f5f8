"""What every command is given: the opened hatang and the person who acts.

Whoever can read the data directory holds the master key, so he may say in whose name he acts; the
audit log keeps the account of the operating system beside that name.
"""

from __future__ import annotations

import getpass
import os
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.wiring import App, open_app
from hatang import audit, settings
from hatang.auth import users
from hatang.errors import DeniedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import AnySession, ReadSession, WriteSession
    from hatang.settings import Settings


@dataclass(slots=True)
class Door:
    """One invocation of a command; opens what it needs when it needs it."""

    config: Path | None = None
    person: str | None = None
    form: str | None = None
    command: str = ""
    _settings: Settings | None = field(default=None, repr=False)
    _app: App | None = field(default=None, repr=False)

    @property
    def settings(self) -> Settings:
        """The settings; raises SettingsError with everything wrong about them."""
        if self._settings is None:
            self._settings = settings.load(self.config)
        return self._settings

    @property
    def app(self) -> App:
        """The opened data directory; raises SettingsError when it cannot be used."""
        if self._app is None:
            self._app = open_app(self.settings)
        return self._app

    def actor(self, session: AnySession) -> Actor:
        """Return the person who acts.

        Raises:
            DeniedError: nobody of that name, or who has left.
        """
        name = self.person or account()
        try:
            user = users.get_user(session, name)
        except NotFoundError:
            user = None
        if user is None or not user.is_active:
            raise DeniedError(
                f"{name} is no user of hatang",
                fix="Say who acts with --as USER; `hatang user list` shows who there is.",
            )
        return users.actor_of(session, user)

    @contextmanager
    def read(self) -> Iterator[tuple[ReadSession, Actor]]:
        """Yield a session that cannot write, and who acts; a denial reaches the audit log."""
        with self._denials(), self.app.db.read() as session:
            yield session, self.actor(session)

    @contextmanager
    def write(self) -> Iterator[tuple[WriteSession, Actor]]:
        """Yield the transaction of this command, in which the audit log says it came from here."""
        with self._denials(), self.app.db.write() as session:
            actor = self.actor(session)
            audit.record(session, actor, "cli.command", self.command, {"account": account()})
            yield session, actor

    def acting(self) -> Actor:
        """Return who acts, for services that open sessions themselves; it is audit-logged."""
        with self.write() as (_session, actor):
            return actor

    def close(self) -> None:
        """Close what was opened."""
        if self._app is not None:
            self._app.close()
            self._app = None

    @contextmanager
    def _denials(self) -> Iterator[None]:
        try:
            yield
        except DeniedError as error:
            person = _Named(self.person or account())
            detail = {"account": account(), "reason": error.message}
            audit.record_denied(self.app.db, person, "cli.command", self.command, detail)
            raise


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    id: int | None = None


def account() -> str:
    """Return the account of the operating system, behind sudo the person's own."""
    sudo = os.environ.get("SUDO_USER")
    if sudo:
        return sudo
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())


_current: ContextVar[Door] = ContextVar("hatang_door")


def door() -> Door:
    """Return the door of the running command."""
    return _current.get()


@contextmanager
def using(opened: Door) -> Iterator[Door]:
    """Make `opened` the door inside the block, and close it afterwards."""
    token = _current.set(opened)
    try:
        yield opened
    finally:
        _current.reset(token)
        opened.close()
