"""netmiko's IOS command line, which asks the device for nothing that it has just said.

netmiko types an empty line whenever it wants to know where it stands: before and after each
command that goes into or out of configuration mode, and again before it enables. A third of all
that a change typed was such lines. What a device printed last since something was typed tells
the same, as long as it is a whole prompt and nothing came after it; else netmiko asks as ever.

And netmiko looks for an answer a hundred times a second; here it is woken by it.
"""

from __future__ import annotations

import re
from typing import Any, Final

from netmiko.cisco.cisco_ios import CiscoIosSSH

from hatang.drivers.channels import BoundedChannel

_CHUNK_BYTES: Final = 65_536
_KEPT_CHARACTERS: Final = 512
_PATIENCE_SECONDS: Final = 0.25
"""How long one look waits for an answer; netmiko's own timeouts are kept to within it."""


class PatientChannel(BoundedChannel):
    """Waits for what comes, where it is allowed to, instead of returning nothing."""

    patience: float | None = None

    def read_channel(self) -> str:
        """Return all that has come; with `patience` (seconds) wait so long for something."""
        came = str(super().read_channel())
        if came or self.patience is None:
            return came
        connection: Any = self.remote_conn
        before = connection.gettimeout()
        connection.settimeout(self.patience)
        try:
            came = self.taken(connection.recv(_CHUNK_BYTES))
        except TimeoutError:
            return ""
        finally:
            connection.settimeout(before)
        return came + str(super().read_channel())


class IosLine(CiscoIosSSH):
    """A command line of IOS that knows the prompt it stands at."""

    channel: PatientChannel
    remote_conn: Any
    _echo: str | None = None  # what was typed last, until it came back
    _seen = ""  # what came behind it
    _is_waiting = False

    def establish_connection(self, width: int = 511, height: int = 1000) -> None:
        """Log in."""
        super().establish_connection(width, height)
        self.channel = PatientChannel(self.remote_conn, self.encoding)

    def write_channel(self, out_data: str) -> None:
        """Type something; what was seen before it tells nothing any more."""
        self._echo, self._seen = out_data.strip(), ""
        super().write_channel(out_data)

    def read_channel(self) -> str:
        """Return what has come, and what an earlier look left over before it."""
        left = len(self._read_buffer)
        self.channel.patience = _PATIENCE_SECONDS if self._is_waiting and not left else None
        told = str(super().read_channel())
        self._seen += told[left:]
        if self._echo is not None and self._echo in self._seen:
            self._seen = self._seen.partition(self._echo)[2] if self._echo else self._seen
            self._echo = None
        self._seen = self._seen[-_KEPT_CHARACTERS:]
        return told

    def read_until_pattern(self, *args: Any, **named: Any) -> str:
        """Return what comes up to a pattern; see netmiko."""
        self._is_waiting = True
        try:
            return str(super().read_until_pattern(*args, **named))
        finally:
            self._is_waiting = False

    def find_prompt(self, delay_factor: float = 1.0, pattern: str | None = None) -> str:
        """Return the prompt, from what the device said last where that is one."""
        known = self._prompt()
        if known is None or pattern is not None:
            return str(super().find_prompt(delay_factor, pattern))
        return known

    def check_enable_mode(self, check_string: str = "#") -> bool:
        """Tell whether the device is enabled."""
        known = self._prompt()
        if known is None:
            return bool(super().check_enable_mode(check_string))
        return check_string in known

    def check_config_mode(self, check_string: str = ")#", *rest: Any, **named: Any) -> bool:
        """Tell whether the device is in configuration mode."""
        known = self._prompt()
        if known is None:
            return bool(super().check_config_mode(check_string, *rest, **named))
        return check_string in known

    def _prompt(self) -> str | None:
        """Return the prompt at which the device stands for certain; None where that is not so.

        It must be behind the echo of what was typed, or it may be one of before.
        """
        base = getattr(self, "base_prompt", "")
        if not base or self._echo is not None or self.remote_conn.recv_ready():
            return None
        last = self._seen.rpartition("\n")[2]
        return last.strip() if re.fullmatch(rf"{re.escape(base)}[^\s>#]*[>#] ?", last) else None
