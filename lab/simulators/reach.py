"""Whether the management port lets anybody in; a shut one cuts the sessions that shut it."""

import asyncio
from typing import Protocol

from lab.simulators.device import Device

_EAPI = "management api http-commands"


class Server(Protocol):
    """A listener that can go away and come back on its port."""

    async def open(self) -> int:
        """Listen; the port in use."""

    async def close(self, *, cut: bool = True) -> None:
        """Stop listening and, with `cut`, end every session."""


def is_reachable(device: Device) -> bool:
    """False when the running configuration closes the door to management.

    A shut management interface with a kernel port behind it needs nothing here: its port is down.
    """
    settings = device.settings
    name = settings.management_interface
    modelled = settings.netns is None or name not in settings.interfaces
    if name and modelled and device.is_shut(name):
        return False
    if not device.takes_logins():
        return False
    return settings.persona != "eos" or "no shutdown" in device.running.get(_EAPI, {})


class Reach:
    """Opens and closes the server as the configuration says."""

    def __init__(self, device: Device, server: Server) -> None:
        self._device, self._server = device, server
        self._wanted = asyncio.Event()
        self._open = True
        device.observers.append(self._wanted.set)
        self._wanted.set()
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            reachable = is_reachable(self._device)
            if self._device.has_rebooted:
                self._device.has_rebooted, self._open = False, False
                await self._server.close()
            if reachable and not self._open:
                await self._server.open()
            elif self._open and not reachable:
                # A service turned off takes no new login; those that stand go on.
                await self._server.close(cut=self._device.takes_logins())
            self._open = reachable

    async def stop(self) -> None:
        """Close for good."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._server.close()
