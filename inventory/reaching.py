"""By which way a device is reached over SSH: through a jump host, and with what a waiver allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import gates, secrets
from hatang.drivers.target import Allowance, Hop

if TYPE_CHECKING:
    from hatang.db import AnySession
    from inventory.rows import DeviceRow


def hop(session: AnySession, device: DeviceRow) -> Hop | None:
    """Return the jump host that `credentials.jump` names; None when the device is reached itself.

    Raises:
        NotFoundError: the credential does not exist.
    """
    name = device.credentials.get("jump")
    return None if name is None else Hop.of(secrets.get(session, name), name)


def allowance(session: AnySession, device: DeviceRow) -> Allowance | None:
    """Return the waiver in force by which SSH with SHA-1 may be spoken with `device`."""
    for gate in gates.all_of(gates.LEGACY_SSH):
        if waiver := gate.allowed(session, device.id):
            return Allowance(waiver)
    return None
