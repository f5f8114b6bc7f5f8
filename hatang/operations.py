"""One wrapper around every probe, job and driver call: it times, counts and classifies.

So no plug-in carries boilerplate, and a failure has one of the closed set of reasons everywhere.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import errno
import socket
import ssl
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.errors import (
    ConflictError,
    DeniedError,
    DriverError,
    InvalidInputError,
    Reason,
    UnauthenticatedError,
    UnavailableError,
)
from hatang.metrics import OPERATION_SECONDS, OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(StrEnum):
    """What is observed; closed, because it labels metrics."""

    PROBE = "probe"
    JOB = "job"
    DRIVER = "driver"
    EVENT = "event"


class Operation:
    """One observed call; who catches a failure inside it sets `reason` instead of raising."""

    def __init__(self) -> None:
        self.reason = Reason.OK
        self.seconds = 0.0


# First match wins, so subclasses stand before their bases (all of these are OSErrors but a few).
_BY_TYPE: Final[tuple[tuple[type[BaseException], Reason], ...]] = (
    (asyncio.CancelledError, Reason.CANCELLED),
    (concurrent.futures.CancelledError, Reason.CANCELLED),
    (KeyboardInterrupt, Reason.CANCELLED),
    (TimeoutError, Reason.TIMEOUT),
    (ssl.SSLCertVerificationError, Reason.CERTIFICATE_INVALID),
    (ssl.SSLError, Reason.PROTOCOL_ERROR),
    (ConnectionRefusedError, Reason.REFUSED),
    (ConnectionError, Reason.UNREACHABLE),
    (socket.gaierror, Reason.UNREACHABLE),
    (UnauthenticatedError, Reason.AUTH_FAILED),
    (DeniedError, Reason.REJECTED),
    (InvalidInputError, Reason.REJECTED),
    (ConflictError, Reason.BUSY),
    (UnavailableError, Reason.UNREACHABLE),
    (UnicodeDecodeError, Reason.PROTOCOL_ERROR),
    (NotImplementedError, Reason.NOT_SUPPORTED),
)
_BY_ERRNO: Final = {
    errno.EHOSTUNREACH: Reason.UNREACHABLE,
    errno.ENETUNREACH: Reason.UNREACHABLE,
    errno.ENETDOWN: Reason.UNREACHABLE,
    errno.EHOSTDOWN: Reason.UNREACHABLE,
}


def classify(error: BaseException) -> Reason:
    """Return the reason `error` stands for; what nobody foresaw is INTERNAL, never OK."""
    stated = getattr(error, "reason", None)
    if isinstance(stated, Reason) and stated is not Reason.OK:
        return stated
    if isinstance(error, DriverError):
        return Reason.INTERNAL
    for kind, reason in _BY_TYPE:
        if isinstance(error, kind):
            return reason
    if isinstance(error, OSError) and error.errno in _BY_ERRNO:
        return _BY_ERRNO[error.errno]
    return Reason.INTERNAL


@contextmanager
def observe(kind: str, name: str) -> Iterator[Operation]:
    """Count and time the block as `kind` (a Kind) and `name`; whatever it raises goes on.

    `name` comes from a registry (probe, job or driver name), never from data: it labels metrics.
    """
    operation = Operation()
    started = clock.monotonic()
    kind = Kind(kind)
    try:
        yield operation
    except BaseException as error:
        operation.reason = classify(error)
        raise
    finally:
        operation.seconds = clock.monotonic() - started
        OPERATION_SECONDS.labels(kind, name).observe(operation.seconds)
        OPERATIONS.labels(kind, name, operation.reason).inc()
