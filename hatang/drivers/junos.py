"""NAPALM's Junos driver over NETCONF, made to know its peer by the host key somebody enrolled.

It also tells whose `commit confirmed` waits: Junos keeps the user, and says the length in words.

PyEZ asks for no key unless it is told to, and takes the file of known ones from an OpenSSH client
configuration only.
"""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from jnpr.junos import Device
from jnpr.junos.exception import ConnectError
from napalm.junos.junos import JunOSDriver
from ncclient.transport.errors import SSHUnknownHostError

from hatang.drivers.pending import PendingCommit

KNOWN_HOSTS: Final = "alt_key_file"
"""The optional argument with the file of enrolled keys, called as netmiko calls it."""


# Of the newest commit while it waits: `commit confirmed, rollback in 10mins`.
_WAITS: Final = re.compile(r"rollback in (\d+) ?min")


class UnknownPeerError(Exception):
    """The device showed another host key than the enrolled ones; no login was sent."""


class VerifiedJunosDriver(JunOSDriver):  # type: ignore[misc]  # NAPALM ships no types
    """Opens a session only with a device whose host key is in the file KNOWN_HOSTS."""

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        given = optional_args or {}
        if not password:
            raise NotImplementedError("Junos is read over NETCONF with a password")
        super().__init__(hostname, username, password, timeout, given)
        self._folder = TemporaryDirectory(prefix="hatang-junos-")
        config = Path(self._folder.name) / "ssh_config"
        config.write_text(f"Host *\n  UserKnownHostsFile {given[KNOWN_HOSTS]}\n", "utf-8")
        self.device = Device(
            hostname,
            user=username,
            password=password,
            port=self.port,
            ssh_config=str(config),
            hostkey_verify=True,
            look_for_keys=False,
            allow_agent=False,
            conn_open_timeout=timeout,
        )

    def open(self) -> None:
        """Connect, and log in once the device has proven itself.

        Raises:
            UnknownPeerError: its host key is not the enrolled one.
        """
        try:
            super().open()
        except ConnectError as error:
            if isinstance(error.__context__, SSHUnknownHostError):
                raise UnknownPeerError(str(error.__context__)) from error
            raise

    def close(self) -> None:
        """Log out; the client configuration goes too."""
        try:
            super().close()
        finally:
            self._folder.cleanup()

    def save_startup(self) -> None:
        """Do nothing: what was committed is what Junos starts with."""

    def pending_commits(self) -> list[PendingCommit]:
        """Return the commit that waits, with its user and its timer's length."""
        if not self._get_pending_commits():
            return []
        told = self.device.rpc.get_commit_revision_information(detail=True)
        waits = _WAITS.search(told.findtext("comment") or "")
        return [
            PendingCommit(
                user=(told.findtext("user") or "").strip() or None,
                seconds=int(waits[1]) * 60 if waits else None,
            )
        ]
