"""Fetches configurations from devices, read-only; one that fails spoils no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.drivers.ssh import open_ssh
from hatang.errors import DriverError, HatangError, Reason
from inventory import platforms
from playbooks.access import open_driver, show
from playbooks.choices import ConfigKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from hatang.drivers.protocols import HostKeys
    from playbooks.access import Access

AT_ONCE: Final = 8  # sessions at a time; the far ends' sshd and thin lines set the pace
OVER_SHA1: Final = ", SSH with SHA-1"
"""What a transport is called by that a waiver allowed."""
SCRIPT_SHELL: Final = "HATANG_SUDO=1 sh -s"
SCRIPT_SECONDS: Final = 120.0  # every command in it may take 20
MINIMUM_LINES: Final = 2  # a device that answers with less has not shown its configuration


@dataclass(frozen=True, slots=True)
class Collected:
    """A configuration as the device gave it; `startup` is the saved one, None where none is."""

    text: str
    kind: ConfigKind
    transport: str
    command: str
    collected_at: datetime
    startup: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """What came of one device: its configuration, or why there is none."""

    access: Access
    collected: Collected | None
    reason: Reason = Reason.OK
    message: str = ""


def collect(access: Access, host_keys: HostKeys) -> Collected:
    """Fetch the running configuration; raises DriverError, also when the answer is none."""
    text, startup = _fetched(access, host_keys)
    if len(text.splitlines()) < MINIMUM_LINES:
        raise DriverError(
            f"{access.name}: the device showed no configuration", Reason.PROTOCOL_ERROR
        )
    return replace(as_running(access, text), startup=startup or None)


def _fetched(access: Access, host_keys: HostKeys) -> tuple[str, str]:
    """Return what runs and what was saved; the latter empty where a device keeps none."""
    drivers, commands = access.platform.drivers, access.platform.commands
    if commands.script is not None:
        return _scripted(access, host_keys), ""
    if drivers.napalm is None and commands.running_config is not None:
        return show(access, host_keys, commands.running_config), ""
    with open_driver(access, host_keys) as driver:
        running: str = driver.call("get_config", retrieve="running")["running"]
        if commands.startup_config is None:
            return running, ""
        with suppress(DriverError):  # what runs is kept, whatever becomes of the rest
            return running, driver.call("get_config", retrieve="startup")["startup"]
    return running, ""


def _scripted(access: Access, host_keys: HostKeys) -> str:
    """Return what the platform's script prints on the device; it reads and changes nothing."""
    lines = platforms.script(access.platform)
    session = open_ssh(access.ssh, access.login, host_keys)
    try:
        told = session.run(SCRIPT_SHELL, lines.encode(), SCRIPT_SECONDS)
    finally:
        session.close()
    if not told.ok:
        raise DriverError(
            f"{access.name}: the script ended with status {told.status}", Reason.REJECTED
        )
    return told.stdout


def as_running(access: Access, text: str) -> Collected:
    """Return `text` as the running configuration the device has just shown."""
    drivers = access.platform.drivers
    script = access.platform.commands.script
    name = f"napalm {drivers.napalm}" if drivers.napalm else f"netmiko {drivers.netmiko}"
    if script is not None:
        name = "ssh"
    legacy = access.ssh.legacy
    return Collected(
        text=text,
        kind=ConfigKind.RUNNING,
        transport=f"{name}{OVER_SHA1}" if legacy is not None and legacy.used else name,
        command=script or access.platform.commands.running_config or "",
        collected_at=clock.now(),
    )


def collect_many(accesses: Sequence[Access], host_keys: HostKeys) -> Iterator[Collection]:
    """Fetch from many devices, a few at a time; yields each as it ends, in no order."""
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="vault") as pool:
        waiting = {pool.submit(collect, access, host_keys): access for access in accesses}
        for done in as_completed(waiting):
            access = waiting[done]
            try:
                yield Collection(access, done.result())
            except HatangError as error:
                reason = error.reason if isinstance(error, DriverError) else Reason.INTERNAL
                yield Collection(access, None, reason, error.message)
