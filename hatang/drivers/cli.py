"""Interactive command lines of network devices (netmiko).

Which netmiko class speaks to a platform is data of the platform (`device_type`); this module
adds FRRouting's vtysh, verified host keys, and output free of control characters.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from netmiko import ConfigInvalidException, NetmikoAuthenticationException
from netmiko.cisco.cisco_ios import CiscoIosBase
from netmiko.exceptions import NetmikoBaseException, NetmikoTimeoutException, ReadTimeout
from netmiko.ssh_dispatcher import CLASS_MAPPER

from hatang.drivers.byways import by_way, tunnel
from hatang.drivers.failures import Rule, translated
from hatang.drivers.hostkeys import known_hosts_file
from hatang.drivers.ssh import SSH_RULES, load_private_key
from hatang.drivers.terminal import clean, has_control, one_line
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hatang.drivers.protocols import HostKeys
    from hatang.drivers.target import SshLogin, Target

# The most specific first: netmiko wraps paramiko's refusal of a host key as a timeout.
CLI_RULES: Final[tuple[Rule, ...]] = (
    (ConfigInvalidException, Reason.REJECTED),
    (NetmikoAuthenticationException, Reason.AUTH_FAILED),
    (ReadTimeout, Reason.TIMEOUT),
    *SSH_RULES,
    (NetmikoTimeoutException, Reason.TIMEOUT),
    (NetmikoBaseException, Reason.PROTOCOL_ERROR),
)
_ECHO_CHARACTERS: Final = 40  # with a prompt before it, less than the narrowest terminal wraps at
_UNKNOWN_HOST: Final = "not found in known_hosts"


class FrrVtysh(CiscoIosBase):
    """FRRouting's vtysh as a login shell: IOS-like, already privileged, never pages.

    vtysh does not know `terminal width`, on which netmiko's IOS class waits in vain under load.
    """

    def session_preparation(self) -> None:
        """Wait for the prompt; there is nothing to set."""
        self._test_channel_read(pattern=r"[>#] ?$")
        self.set_base_prompt()

    def save_config(self, cmd: str = "write memory", *_args: object, **_kwargs: object) -> str:
        """Write the startup configuration; vtysh asks nothing back."""
        return str(self.send_command(cmd))


_OWN_CLASSES: Final[Mapping[str, type]] = {"frr_vtysh": FrrVtysh}


@dataclass(frozen=True, slots=True)
class CliOptions:
    """What a platform says about its command line.

    `error_pattern` is a regular expression that marks a refused configuration line.
    """

    device_type: str
    error_pattern: str = ""
    enable: bool = False
    connect_seconds: float = 10.0
    banner_seconds: float = 15.0
    auth_seconds: float = 15.0
    read_seconds: float = 60.0


def open_cli(
    target: Target, login: SshLogin, host_keys: HostKeys, options: CliOptions
) -> NetmikoSession:
    """Log in to `target`'s command line.

    Raises:
        DriverError: HOST_KEY_MISMATCH before any credential is sent, NOT_SUPPORTED for a device
            type that is unknown or has no SSH, else as `open_ssh`.
    """
    kind = _netmiko_class(options.device_type)
    with (
        observe("driver", "cli.open"),
        translated(target, "CLI login", CLI_RULES),
        ExitStack() as stack,
    ):
        known_hosts = stack.enter_context(known_hosts_file(host_keys, [target]))
        kind = by_way(kind, tunnel(target, host_keys, stack), target.legacy)
        with refused_keys(target):
            connection = kind(**_arguments(target, login, options, known_hosts))
        stack.callback(connection.disconnect)
        if options.enable:
            connection.enable()
        return NetmikoSession(target, connection, options, stack.pop_all())


def verified_arguments(known_hosts: Path) -> dict[str, Any]:
    """Return the netmiko arguments that make it refuse every key not in `known_hosts`."""
    return {
        "ssh_strict": True,
        "system_host_keys": False,
        "alt_host_keys": True,
        "alt_key_file": str(known_hosts),
        "use_keys": False,
        "allow_agent": False,
    }


class refused_keys:  # noqa: N801 - reads as a function where it is used
    """Names the reason when netmiko or NAPALM reports an unknown host key as a timeout."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def __enter__(self) -> None:
        """Watch the block."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raise HOST_KEY_MISMATCH for paramiko's RejectPolicy, which has no class of its own."""
        if error is not None and _UNKNOWN_HOST in str(error):
            raise DriverError(
                f"{self._target}: the server presents a kind of host key that is not enrolled",
                Reason.HOST_KEY_MISMATCH,
                fix="Scan the device, compare the fingerprint on its console, and enrol it.",
            ) from error


class NetmikoSession:
    """A logged-in command line; fills the Protocol CliSession."""

    def __init__(
        self,
        target: Target,
        connection: Any,
        options: CliOptions,
        stack: ExitStack,
    ) -> None:
        self._target = target
        self._connection = connection
        self._options = options
        self._stack = stack

    def show(self, command: str) -> str:
        """Return what `command` prints, without its echo and the prompt.

        Raises:
            DriverError: REJECTED when `command` is more than one line, TIMEOUT, PROTOCOL_ERROR.
        """
        self._refuse_controls([command])
        with observe("driver", "cli.show"), translated(self._target, "command", CLI_RULES):
            output = self._connection.send_command(command, read_timeout=self._options.read_seconds)
            return clean(str(output))

    @property
    def name(self) -> str:
        """What the device calls itself before its cursor, without what surrounds it."""
        return str(self._connection.base_prompt).strip()

    def ask(self, line: str, until: str) -> str:
        """Type `line` and return what follows, up to the prompt or question that `until` matches.

        `until` is a regular expression for the end of the output, which stays in it.

        Raises:
            DriverError: REJECTED when `line` is more than one line, TIMEOUT, PROTOCOL_ERROR.
        """
        self._refuse_controls([line])
        connection = self._connection
        # A prompt left over from before must not end the answer: the echo comes first.
        echo = re.escape(line[:_ECHO_CHARACTERS])
        with observe("driver", "cli.ask"), translated(self._target, "command", CLI_RULES):
            connection.write_channel(f"{line}{connection.RETURN}")
            output = connection.read_until_pattern(
                pattern=rf"{echo}[\s\S]*(?:{until})", read_timeout=self._options.read_seconds
            )
            told = clean(str(output)).partition(line[:_ECHO_CHARACTERS])[2]
            return told.partition("\n")[2]

    def configure(self, lines: Sequence[str]) -> str:
        """Enter `lines` one by one in configuration mode and leave it; returns the dialogue.

        Raises:
            DriverError: REJECTED, naming the line the device refused (those before it stand), or
                when a line carries a control character, in which case nothing was sent.
        """
        self._refuse_controls(lines)
        with observe("driver", "cli.configure"), translated(self._target, "configure", CLI_RULES):
            try:
                output = self._connection.send_config_set(
                    list(lines),
                    error_pattern=self._options.error_pattern,
                    read_timeout=self._options.read_seconds,
                )
            except ConfigInvalidException:
                self._connection.exit_config_mode()
                raise
            return clean(str(output))

    def close(self) -> None:
        """Log out and delete the session's known_hosts file."""
        self._stack.close()

    def _refuse_controls(self, lines: Sequence[str]) -> None:
        for line in lines:
            if has_control(line):
                raise DriverError(
                    f"{self._target}: {one_line(line)!r} carries a control character",
                    Reason.REJECTED,
                    fix="Send one line a command, without line ends or control characters.",
                )


def _netmiko_class(device_type: str) -> type:
    kind = _OWN_CLASSES.get(device_type) or CLASS_MAPPER.get(device_type)
    if kind is None or device_type.endswith(("_telnet", "_serial")):
        raise DriverError(
            f"no verified command line of type {device_type!r}",
            Reason.NOT_SUPPORTED,
            fix="Name an SSH device type of netmiko, or 'frr_vtysh', in the platform.",
        )
    return kind


def _arguments(
    target: Target, login: SshLogin, options: CliOptions, known_hosts: Path
) -> dict[str, Any]:
    key = login.private_key and load_private_key(login.private_key, login.passphrase)
    return {
        "device_type": options.device_type,
        "host": target.host,
        "port": target.port,
        "username": login.username,
        "password": login.password or "",
        "secret": login.enable_password or "",
        "pkey": key or None,
        "conn_timeout": options.connect_seconds,
        "banner_timeout": options.banner_seconds,
        "auth_timeout": options.auth_seconds,
        **verified_arguments(known_hosts),
    }
