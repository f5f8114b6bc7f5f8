"""Other tools as sources of an import: who may ask them, and with which stored token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang import drivers, secrets
from hatang.auth import Permission, require
from hatang.drivers.addresses import AddressRule
from hatang.drivers.tls import TlsTrust
from inventory.service.importing import require_province
from inventory.sources import netbox

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.sources.document import Document
    from inventory.sources.mapping import Mapping

TIMEOUT_SECONDS: Final = 60.0
BODY_BYTES: Final = 64 * 1024 * 1024


def netbox_address(  # noqa: PLR0913 RUF100 - where it is, and how it proves itself
    session: AnySession,
    actor: Actor,
    url: str,
    credential: str,
    *,
    ca_file: Path | None = None,
    lab: bool = False,
) -> netbox.Address:
    """Return how the NetBox at `url` is asked with the stored `credential`.

    Loopback and own addresses are refused unless `lab`, the setting.

    Raises:
        DeniedError: the actor may not import, or not use credentials: whoever names a URL decides
            who is shown the token.
        NotFoundError: there is no such credential.
    """
    require_province(actor)
    require(actor, Permission.CREDENTIAL_WRITE)
    held = secrets.get(session, credential)
    trust, rule = TlsTrust(ca_file=ca_file), AddressRule(lab=lab)
    return netbox.Address(
        url, held, drivers.http.HttpOptions(trust, rule, TIMEOUT_SECONDS, BODY_BYTES)
    )


def read_netbox(address: netbox.Address, mapping: Mapping) -> Document:
    """Return what a NetBox holds, to be planned; takes minutes, so in no transaction.

    Raises:
        DriverError: it cannot be reached or proven, refuses, or does not answer as NetBox does.
        NotFoundError: the credential has no token.
    """
    return netbox.translate(netbox.fetch(address), mapping)
