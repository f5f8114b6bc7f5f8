"""What is known of a device beside its configuration; what nobody knows is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from inventory.choices import DeviceRole
from playbooks import vault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from inventory.rows import DeviceRow
    from playbooks.vault import VersionRow

# TCVN 14423:2026 5.12.2.2 asks hot standby of the main devices.
MAIN_ROLES: Final = frozenset({DeviceRole.CORE, DeviceRole.HUB, DeviceRole.FIREWALL})


def of_device(
    device: DeviceRow, version: VersionRow, age_hours: int, support: tuple[date | None, date]
) -> Mapping[str, Any]:
    """Return the facts by which rules judge a device.

    `support` is the last day of the vendor's support, None where unknown, and today.
    """
    end, today = support
    facts: dict[str, Any] = {
        "device": {
            "role": device.role,
            "platform": version.platform,
            "needs_partner": device.role in MAIN_ROLES,
        },
        "backup": {"age_hours": age_hours},
        "session": {"legacy_ssh": version.transport.endswith(vault.OVER_SHA1)},
    }
    if version.is_saved is not None:
        facts["startup"] = {"same": version.is_saved}
    if end is not None:
        facts["software"] = {"supported": today <= end, "end_of_support": end.isoformat()}
    return facts
