"""Configurations follow their device to the unit it belongs to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from inventory.models import Device
from playbooks.models import ConfigVersion

if TYPE_CHECKING:
    from hatang.db import WriteSession


class ConfigurationScopes:
    """Fills the gate SCOPE."""

    def follow(self, session: WriteSession) -> None:
        """Give every version the scope of its device."""
        now = select(Device.scope_id).where(Device.id == ConfigVersion.device_id).scalar_subquery()
        session.execute(
            update(ConfigVersion)
            .where(ConfigVersion.scope_id != now)
            .values(scope_id=now)
            .execution_options(synchronize_session=False)
        )
