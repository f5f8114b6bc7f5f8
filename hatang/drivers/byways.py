"""How netmiko, NAPALM and pyeapi are made to come through a jump host, or speak SHA-1 by waiver."""

from __future__ import annotations

import socket
from contextlib import ExitStack, closing, suppress
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from napalm.base.base import NetworkDriver
from napalm.base.exceptions import ConnectionException
from netmiko.exceptions import NetmikoTimeoutException
from netmiko.ssh_dispatcher import CLASS_MAPPER

from hatang.drivers.channels import bounded
from hatang.drivers.legacy import LegacyClient
from hatang.drivers.ssh import through

if TYPE_CHECKING:
    from collections.abc import Callable

    import paramiko

    from hatang.drivers.protocols import HostKeys
    from hatang.drivers.target import Allowance, Target

    Opens: TypeAlias = Callable[[], paramiko.Channel]

TUNNEL: Final = "hatang_tunnel"
ALLOWANCE: Final = "hatang_allowance"
_CHUNK_BYTES: Final = 32_768


def tunnel(target: Target, host_keys: HostKeys, stack: ExitStack) -> Opens | None:
    """Return what opens a channel to `target` through its jump host; None when it has none.

    `stack` ends the login on the jump host. Raises as `open_ssh`.
    """
    if target.via is None:
        return None
    hop = stack.enter_context(closing(through(target, host_keys)))
    return partial(hop.tunnel, target.host, target.port)


def by_way(kind: type, opens: Opens | None, allowance: Allowance | None) -> type:
    """Return the netmiko class `kind` made to come through a tunnel, or under `allowance`.

    Each connection gets a tunnel of its own: copying a file opens a second one. What the device
    says is read in bounds, whichever way it is reached.
    """
    members: dict[str, Any] = {"establish_connection": bounded(kind)}
    if opens is not None:

        def parameters(self: Any) -> dict[str, Any]:
            given: Any = kind
            return {**given._connect_params_dict(self), "sock": opens()}  # noqa: SLF001 - its door

        members["_connect_params_dict"] = parameters
    if allowance is not None:
        members["_get_ssh_client_instance"] = lambda _self: LegacyClient(allowance)
    return type(kind.__name__, (kind,), members)


class ByWay(NetworkDriver):  # type: ignore[misc]  # NAPALM ships no types
    """A NAPALM driver over netmiko that goes the way its optional_args TUNNEL and ALLOWANCE say.

    `line` is the netmiko class it speaks through, where that is not netmiko's own.
    """

    line: ClassVar[type | None] = None

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        given = dict(optional_args or {})
        self._opens: Opens | None = given.pop(TUNNEL, None)
        self._allowance: Allowance | None = given.pop(ALLOWANCE, None)
        super().__init__(hostname, username, password, timeout, given)

    def _netmiko_open(
        self, device_type: str, netmiko_optional_args: dict[str, Any] | None = None
    ) -> Any:
        kind = by_way(self.line or CLASS_MAPPER[device_type], self._opens, self._allowance)
        try:
            self._netmiko_device = kind(
                device_type=device_type,
                host=self.hostname,
                username=self.username,
                password=self.password,
                timeout=self.timeout,
                **(netmiko_optional_args or {}),
            )
        except NetmikoTimeoutException as error:
            raise ConnectionException(f"Cannot connect to {self.hostname}") from error
        if not getattr(self, "force_no_enable", False):
            self._netmiko_device.enable()
        return self._netmiko_device


def as_socket(channel: paramiko.Channel) -> socket.socket:
    """Return a socket whose other end is `channel`: TLS needs one of the operating system's."""
    near, far = socket.socketpair()
    for give, take in ((channel.recv, far.sendall), (far.recv, channel.sendall)):
        Thread(target=_carry, args=(give, take, channel, far), daemon=True, name="tunnel").start()
    return near


def _carry(
    give: Callable[[int], bytes],
    take: Callable[[bytes], object],
    channel: paramiko.Channel,
    far: socket.socket,
) -> None:
    with suppress(OSError):
        while data := give(_CHUNK_BYTES):
            take(data)
    channel.close()
    with suppress(OSError):  # wakes the other direction, which waits on this socket
        far.shutdown(socket.SHUT_RDWR)
