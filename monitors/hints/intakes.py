"""The two doors of the receiver: traps by UDP, and log lines that rsyslog hands over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang import log
from hatang.drivers.datagrams import Intake
from hatang.drivers.trap import RefusedError, TrapReader
from hatang.drivers.trapcodec import DecodeError, version
from monitors.hints import counters
from monitors.hints.senders import Bucket, Gate, Replays

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from hatang.drivers.datagrams import Address
    from hatang.drivers.target import SnmpUser
    from hatang.settings import ReceiverSettings
    from monitors.hints.catalogue import Catalogue, Hint
    from monitors.hints.senders import Sender

_logger = log.get_logger(__name__)

TRAP: Final = "trap"
SYSLOG: Final = "syslog"


class TrapDoor:
    """Takes notifications on `sock` and gives what they hint at to `put`."""

    def __init__(
        self,
        sock: socket.socket,
        settings: ReceiverSettings,
        catalogue: Catalogue,
        put: Callable[[Sender, Hint], object],
    ) -> None:
        self._sock = sock
        self._catalogue = catalogue
        self._put = put
        self._v3 = Bucket(settings.v3_per_second)
        self._replays = Replays(settings.replay_seconds)
        self._named: set[str] = set()
        self._reader: TrapReader | None = None
        self.gate = Gate(settings.sender_per_second)
        self.intake = _intake(sock, TRAP, self._admit, settings.queue)

    @property
    def port(self) -> int:
        """Return the UDP port on which it listens."""
        return int(self._sock.getsockname()[1])

    def know(self, users: Sequence[SnmpUser], communities: Sequence[str]) -> None:
        """Believe exactly these from now on."""
        old, self._reader = self._reader, TrapReader(users, communities, self._answer)
        if old is not None:
            old.close()

    async def serve(self) -> None:
        """Look at what comes until cancelled."""
        self.intake.start()
        try:
            while True:
                self.look_at(*await self.intake.take())
                counters.QUEUED.labels(TRAP).set(len(self.intake))
        finally:
            self.intake.close()
            if self._reader is not None:
                self._reader.close()

    def look_at(self, address: Address, datagram: bytes) -> None:
        """Take one datagram that the gate let in."""
        sender = self.gate.senders.get(address[0])
        if self._reader is None or sender is None:
            return
        try:
            found = self._reader.read(datagram, address)
        except RefusedError as error:
            counters.DROPPED.labels(TRAP, error.reason).inc()
            return
        if found is None:
            return
        if self._replays.is_one(address[0], datagram):
            counters.DROPPED.labels(TRAP, "replay").inc()
            return
        hint = self._catalogue.trap(found)
        counters.RECEIVED.labels(self._name(sender), hint.kind if hint else "unmapped").inc()
        if hint is not None:
            self._put(sender, hint)

    def _admit(self, address: Address, datagram: bytes) -> bool:
        reason = self.gate.refusal(address[0])
        if not reason:
            try:
                if version(datagram) == "v3" and not self._v3.take():
                    reason = "v3_rate"
            except (DecodeError, IndexError):
                reason = "malformed"
        if reason:
            counters.DROPPED.labels(TRAP, reason).inc()
        return not reason

    def _name(self, sender: Sender) -> str:
        if sender.key not in self._named:
            if len(self._named) >= counters.MOST_SENDERS:
                return counters.OTHER
            self._named.add(sender.key)
        return sender.key

    def _answer(self, datagram: bytes, address: Address) -> None:
        try:
            self._sock.sendto(datagram, address)
        except OSError as error:
            _logger.debug("%s was not answered: %s", address[0], error)


class LineDoor:
    """Takes lines `ADDRESS MESSAGE` on `sock` and gives what they hint at to `put`."""

    def __init__(
        self,
        sock: socket.socket,
        settings: ReceiverSettings,
        catalogue: Catalogue,
        put: Callable[[Sender, Hint], object],
    ) -> None:
        self._catalogue = catalogue
        self._put = put
        self.gate = Gate(settings.sender_per_second)
        self.intake = _intake(sock, SYSLOG, self._admit, settings.queue)

    async def serve(self) -> None:
        """Look at what comes until cancelled."""
        self.intake.start()
        try:
            while True:
                self.look_at((await self.intake.take())[1])
                counters.QUEUED.labels(SYSLOG).set(len(self.intake))
        finally:
            self.intake.close()

    def look_at(self, datagram: bytes) -> None:
        """Take one line that the gate let in."""
        address, text = _split(datagram)
        sender = self.gate.senders.get(address)
        if sender is None:
            return
        hint = self._catalogue.line(text)
        counters.LINES.labels(hint.kind if hint else "unmapped").inc()
        if hint is not None:
            self._put(sender, hint)

    def _admit(self, _address: Address, datagram: bytes) -> bool:
        reason = self.gate.refusal(_split(datagram)[0])
        if reason:
            counters.DROPPED.labels(SYSLOG, reason).inc()
        return not reason


def _split(datagram: bytes) -> tuple[str, str]:
    address, _, text = datagram.decode("utf-8", "replace").partition(" ")
    return address.removeprefix("::ffff:"), text.strip()


def _intake(
    sock: socket.socket, source: str, admit: Callable[[Address, bytes], bool], limit: int
) -> Intake:
    lost = counters.DROPPED.labels(source, "kernel").inc
    return Intake(sock, admit, lost, counters.DROPPED.labels(source, "queue_full").inc, limit)
