"""A bridge's state as it answers now; one that does not answer is down, with the reason."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from conference.bridges import driver
from conference.bridges.protocol import BridgeAccess, BridgeStatus
from conference.choices import BridgeState
from hatang import secrets
from hatang.auth import Permission, require
from hatang.drivers.addresses import AddressRule
from hatang.drivers.http import HttpOptions, open_async_http
from hatang.errors import DriverError
from inventory import service as inventory

if TYPE_CHECKING:
    import httpx

    from hatang.auth import Actor
    from hatang.db import AnySession, Database

TIMEOUT_SECONDS: Final = 5.0
# A bridge's own admin interface on the data centre's network often speaks http only.
CLEAR_TEXT: Final = "bridge interface inside the data centre"


def client(base_url: str, *, lab: bool) -> httpx.AsyncClient:
    """Return a client for a bridge or registrar."""
    options = HttpOptions(
        addresses=AddressRule(lab=lab), timeout_seconds=TIMEOUT_SECONDS, clear_text=CLEAR_TEXT
    )
    return open_async_http(base_url, options)


def access(session: AnySession, actor: Actor, code: str) -> tuple[str, BridgeAccess]:
    """Return the bridge's driver name and what opens it; raises NotFoundError."""
    row = inventory.get_bridge(session, actor, code)
    secret = ""
    if row.credential is not None:
        held = secrets.get(session, row.credential)
        secret = held.reveal("token" if held.has("token") else "password")
    found = BridgeAccess(row.code, row.url, row.admin_url, secret, row.capacity_ports)
    return row.driver, found


async def ask(driver_name: str, access: BridgeAccess, *, lab: bool) -> BridgeStatus:
    """Ask the bridge; a failure is a state too, with its reason."""
    try:
        return await driver(driver_name).status(access, partial(client, lab=lab))
    except DriverError as error:
        return BridgeStatus(BridgeState.DOWN, None, reason=error.reason)


def bridge_status(db: Database, actor: Actor, code: str, *, lab: bool = False) -> BridgeStatus:
    """Return how the bridge `code` answers now.

    Raises:
        NotFoundError: there is no such bridge, driver or credential.
    """
    require(actor, Permission.CONFERENCE_READ)
    with db.read() as session:
        name, found = access(session, actor, code)
    return asyncio.run(ask(name, found, lab=lab))
