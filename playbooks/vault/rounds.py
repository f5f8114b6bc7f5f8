"""A round of the vault: ask many devices, keep what they give, say what they did not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from hatang import gates, log
from hatang.auth import Actor, Permission
from hatang.errors import HatangError, Reason
from hatang.operations import classify
from inventory import platforms
from inventory import service as inventory
from inventory.rows import EVERYTHING
from playbooks.access import prepare
from playbooks.pace import USUAL, Pace
from playbooks.vault.collection import Collection, collect_many
from playbooks.vault.store import compared, store

if TYPE_CHECKING:
    from collections.abc import Collection as Names
    from collections.abc import Iterator

    from hatang.db import AnySession, Database
    from hatang.drivers.protocols import HostKeys
    from inventory.models import Device
    from inventory.rows import DeviceRow
    from playbooks.access import Access

logger = log.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of one device; `version` is None when nothing was kept."""

    device: str
    reason: Reason
    message: str = ""
    version: int | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """The devices of a round: those to ask, and those that cannot be asked, with why."""

    accesses: tuple[Access, ...]
    refused: tuple[Kept, ...]


def is_collected(row: DeviceRow | Device) -> bool:
    """Whether a round of everything asks this device; a server only where it has a login."""
    platform = platforms.get(row.platform)
    if platform.commands.script is None:
        return platform.is_backed_up
    return platform.drivers.transport in row.credentials


def begin(session: AnySession, actor: Actor, names: Names[str] | None) -> Round:
    """Return the devices `names` that may be read; None: all that show theirs.

    Raises:
        DeniedError: the actor may not read configurations.
    """
    acting = actor.acting(Permission.VAULT_READ)
    accesses: list[Access] = []
    refused: list[Kept] = []
    for row in inventory.list_devices(session, acting, EVERYTHING).items:
        if row.name in names if names is not None else is_collected(row):
            try:
                accesses.append(prepare(session, row))
            except HatangError as error:
                refused.append(Kept(row.name, classify(error), error.message))
    found = {access.name for access in accesses} | {kept.device for kept in refused}
    missing = sorted(set(names or ()) - found)
    refused += [Kept(name, Reason.REJECTED, "there is no such device") for name in missing]
    return Round(tuple(accesses), tuple(refused))


def run(
    db: Database,
    host_keys: HostKeys,
    actor: Actor,
    accesses: tuple[Access, ...],
    source: str,
    *,
    pace: Pace = USUAL,
) -> Iterator[Kept]:
    """Ask each device at the given pace and keep its configuration; yields each as it ends."""
    for found in collect_many(db, accesses, host_keys, pace):
        yield _keep(db, actor, found, source)


def _keep(db: Database, actor: Actor, found: Collection, source: str) -> Kept:
    name = found.access.name
    try:
        if found.reason is Reason.LEGACY_ONLY:
            _tell_legacy(db, found.access)
        if found.collected is None:
            return Kept(name, found.reason, found.message)
        kept = compared(db, found.access, found.collected)
        with db.write() as session:
            version, is_new = store(session, actor, found.access, kept, source=source)
    except HatangError as error:
        return Kept(name, classify(error), error.message)
    except SQLAlchemyError:
        logger.exception("what was collected could not be kept", extra={"device": name})
        return Kept(name, Reason.INTERNAL, "the database did not take it")
    return Kept(name, Reason.OK, version=version, is_new=is_new)


def _tell_legacy(db: Database, access: Access) -> None:
    with db.write() as session:
        for gate in gates.all_of(gates.LEGACY_SSH):
            gate.seen(session, access.device_id, access.scope_id)
