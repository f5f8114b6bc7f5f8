"""Readings by net-snmp, the third party; passwords reach it in a file, never as arguments."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.acceptance.doors import clean_environ, run

if TYPE_CHECKING:
    from pathlib import Path

IF_HC_IN_OCTETS = ".1.3.6.1.2.1.31.1.1.1.6"  # IF-MIB, RFC 2863


@dataclass(frozen=True)
class Agent:
    """How an agent of the lab is asked."""

    folder: Path

    @classmethod
    def with_credential(cls, folder: Path, credential: dict[str, str]) -> Agent:
        """Write net-snmp's snmp.conf for a credential of kind snmpv3."""
        folder.mkdir(mode=0o700)
        path = folder / "snmp.conf"
        path.touch(mode=0o600)
        path.write_text(
            "defVersion 3\ndefSecurityLevel authPriv\n"
            f"defSecurityName {credential['username']}\n"
            f"defAuthType {credential['auth_protocol']}\n"
            f"defAuthPassphrase {credential['auth_password']}\n"
            f"defPrivType {credential['priv_protocol']}\n"
            f"defPrivPassphrase {credential['priv_password']}\n"
        )
        return cls(folder)

    def column(self, address: str, oid: str) -> dict[int, int]:
        """Return the values of a table's column by the last part of their index."""
        environ = clean_environ(SNMPCONFPATH=os.fspath(self.folder), MIBS="")
        words = ["snmpbulkwalk", "-Oqn", "-t", "3", "-r", "2", address, oid]
        lines = run(words, environ).good().out.splitlines()
        pairs = (line.split() for line in lines if line.startswith(f"{oid}."))
        return {int(name.rpartition(".")[2]): int(value) for name, value in pairs}
