"""What a device says on its command line, read in bounds.

netmiko's own channel reads until nothing more is there, so that a device which speaks faster than
it is read is never left, and drops what is no UTF-8, also letters that two packets share.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any, Final

from netmiko.channel import SSHChannel
from netmiko.exceptions import ReadException
from netmiko.netmiko_globals import MAX_BUFFER

if TYPE_CHECKING:
    from collections.abc import Callable

    import paramiko

MOST_BYTES: Final = 24 * 1024 * 1024
"""To one command: more than the vault takes for a configuration, so that it tells of that."""
AT_ONCE: Final = 1024 * 1024
"""Characters; who reads looks at the clock between."""


class BoundedChannel(SSHChannel):
    """A channel on which an answer of more than `MOST_BYTES` ends the session.

    What is no UTF-8 is read as U+FFFD, for who judges the text to see that it is none.
    """

    def __init__(self, conn: paramiko.Channel | None, encoding: str) -> None:
        super().__init__(conn, encoding)
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._said = 0

    def write_channel(self, out_data: str) -> None:
        """Type something; what is said from now on counts anew."""
        self._said = 0
        super().write_channel(out_data)

    def read_buffer(self) -> str:
        """Return what is there; raises ReadException when the session ended or never stops."""
        if self.remote_conn is None:
            raise ReadException("there is no session")
        if not self.remote_conn.recv_ready():
            return ""
        data = self.remote_conn.recv(MAX_BUFFER)
        if not data:
            raise ReadException("the device ended the session")
        return self.taken(data)

    def taken(self, data: bytes) -> str:
        """Count and read what was received; raises ReadException when it never stops."""
        self._said += len(data)
        if self._said > MOST_BYTES:
            if self.remote_conn is not None:
                self.remote_conn.close()
            raise ReadException(f"the device said more than {MOST_BYTES} bytes to one command")
        return self._decoder.decode(data)

    def read_channel(self) -> str:
        """Return what is there, about `AT_ONCE` characters at most."""
        parts: list[str] = []
        length = 0
        while length < AT_ONCE and (part := self.read_buffer()):
            parts.append(part)
            length += len(part)
        return "".join(parts)


def bounded(kind: Any) -> Callable[..., None]:
    """Return how a connection of netmiko's class `kind` is established with such a channel."""

    def establish_connection(self: Any, *args: Any, **kwargs: Any) -> None:
        kind.establish_connection(self, *args, **kwargs)
        if type(self.channel) is SSHChannel:
            self.channel = BoundedChannel(self.remote_conn, self.encoding)

    return establish_connection
