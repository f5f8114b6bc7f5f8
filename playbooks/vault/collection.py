"""Fetches configurations from devices, read-only; one that fails spoils no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.drivers.ssh import open_ssh
from hatang.errors import DriverError, HatangError, Reason
from inventory import platforms
from inventory.platforms import clocks
from playbooks.access import command_line, open_driver
from playbooks.choices import ConfigKind
from playbooks.pace import USUAL, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from hatang.db import Database
    from hatang.drivers.napalm import NapalmSession
    from hatang.drivers.protocols import HostKeys
    from playbooks.access import Access

OVER_SHA1: Final = ", SSH with SHA-1"
"""What a transport is called by that a waiver allowed."""
SCRIPT_SHELL: Final = "HATANG_SUDO=1 sh -s"
SCRIPT_SECONDS: Final = 120.0  # every command in it may take 20
MAXIMUM_CHARACTERS: Final = 16 * 1024 * 1024  # as a script may print; no configuration is larger
MINIMUM_LINES: Final = 2  # a device that answers with less has not shown its configuration


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a device said its time is, and our own clock halfway between question and answer.

    `said` is empty when it gave no answer; `device_at` is None when no moment follows from it.
    """

    said: str
    device_at: datetime | None
    server_at: datetime


@dataclass(frozen=True, slots=True)
class Collected:
    """A configuration as the device gave it; `startup` is the saved one, None where none is.

    `clock` is None where nobody asked the device for its time.
    """

    text: str
    kind: ConfigKind
    transport: str
    command: str
    collected_at: datetime
    startup: str | None = None
    clock: ClockReading | None = None


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What runs and what was saved; the latter empty where a device keeps none."""

    running: str
    startup: str
    clock: ClockReading | None


@dataclass(frozen=True, slots=True)
class Collection:
    """What came of one device: its configuration, or why there is none."""

    access: Access
    collected: Collected | None
    reason: Reason = Reason.OK
    message: str = ""


def collect(access: Access, host_keys: HostKeys) -> Collected:
    """Fetch the running configuration; raises DriverError, also when the answer is none."""
    got = _fetched(access, host_keys)
    if len(got.running.splitlines()) < MINIMUM_LINES:
        raise DriverError(
            f"{access.name}: the device showed no configuration", Reason.PROTOCOL_ERROR
        )
    if len(got.running) > MAXIMUM_CHARACTERS:
        raise DriverError(
            f"{access.name}: the device showed {len(got.running)} characters, which is too large "
            "for a configuration",
            Reason.PROTOCOL_ERROR,
        )
    found = as_running(access, got.running)
    return replace(found, startup=got.startup or None, clock=got.clock)


def _fetched(access: Access, host_keys: HostKeys) -> _Fetched:
    drivers, commands = access.platform.drivers, access.platform.commands
    if commands.script is not None:
        return _scripted(access, host_keys)
    if drivers.napalm is None and commands.running_config is not None:
        with command_line(access, host_keys) as ask:
            running = ask(commands.running_config)
            return _Fetched(running, "", _clock(access, running, ask))
    with open_driver(access, host_keys) as driver:
        running = driver.call("get_config", retrieve="running")["running"]
        told = _clock(access, running, partial(_asked, driver, access))
        startup = ""
        if commands.startup_config is not None:
            with suppress(DriverError):  # what runs is kept, whatever becomes of the rest
                startup = driver.call("get_config", retrieve="startup")["startup"]
    return _Fetched(running, startup, told)


def _asked(driver: NapalmSession, access: Access, command: str) -> str:
    asked = access.platform.clock
    if asked is not None and asked.at_shell:
        return str(driver.call("shell", command))
    return str(driver.call("cli", [command])[command])


def _clock(access: Access, running: str, ask: Callable[[str], str]) -> ClockReading | None:
    """Return what the device says its time is; one that does not say spoils nothing else."""
    asked = access.platform.clock
    if asked is None:
        return None
    before, said = clock.now(), ""
    with suppress(DriverError):
        said = ask(asked.command)
    halfway = before + (clock.now() - before) / 2
    return ClockReading(said, clocks.read(asked, said, running), halfway)


def _scripted(access: Access, host_keys: HostKeys) -> _Fetched:
    """Return what the platform's script prints on the device; it reads and changes nothing."""
    lines = platforms.script(access.platform)
    session = open_ssh(access.ssh, access.login, host_keys)
    try:
        told = session.run(SCRIPT_SHELL, lines.encode(), SCRIPT_SECONDS)
        at = _clock(access, told.stdout, lambda command: session.run(command).stdout)
    finally:
        session.close()
    if not told.ok:
        raise DriverError(
            f"{access.name}: the script ended with status {told.status}", Reason.REJECTED
        )
    return _Fetched(told.stdout, "", at)


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


def collect_many(
    db: Database, accesses: Sequence[Access], host_keys: HostKeys, pace: Pace = USUAL
) -> Iterator[Collection]:
    """Fetch from many devices, as many at a time as `pace` says; yields each as it ends."""

    def fetch(access: Access) -> Collected:
        with pace.turn(db, access.aaa_server):
            return collect(access, host_keys)

    with ThreadPoolExecutor(max_workers=pace.at_once, thread_name_prefix="vault") as pool:
        waiting = {pool.submit(fetch, access): access for access in accesses}
        for done in as_completed(waiting):
            access = waiting[done]
            try:
                yield Collection(access, done.result())
            except HatangError as error:
                reason = error.reason if isinstance(error, DriverError) else Reason.INTERNAL
                yield Collection(access, None, reason, error.message)
