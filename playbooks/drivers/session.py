"""What our NAPALM drivers have in common: how they are made, and the one session they hold."""

from __future__ import annotations

from typing import Any, Protocol

from napalm.base.base import NetworkDriver


class _Session(Protocol):
    def close(self) -> None: ...


class OneSession(NetworkDriver):  # type: ignore[misc] # NAPALM ships no type information
    """Holds one session; a driver opens it with what stands in optional_args."""

    _session: _Session | None

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        self.hostname = hostname
        self.username = username
        self.timeout = timeout
        self._arguments = optional_args or {}
        self._session = None

    def close(self) -> None:
        """Log out."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def is_alive(self) -> dict[str, bool]:
        """Tell whether a session is open."""
        return {"is_alive": self._session is not None}
