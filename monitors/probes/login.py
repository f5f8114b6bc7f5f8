"""A stored login for the probes that log in; its secret goes to the peer and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from monitors.probes.result import Means


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password; the password shows in no repr."""

    username: str
    password: str = field(repr=False)


async def login(means: Means, name: str) -> Login:
    """Return the login stored as `name`.

    Raises:
        DriverError: NOT_SUPPORTED when there is none, or it holds no password.
    """
    try:
        stored = await means.credential(name)
        return Login(stored.username, stored.reveal("password"))
    except LookupError as error:
        raise DriverError(
            f"no login is stored as {name!r}",
            Reason.NOT_SUPPORTED,
            fix="Store a credential with username and password.",
        ) from error
