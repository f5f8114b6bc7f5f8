"""Turns what a library raised into a DriverError with one of the closed reasons.

Libraries wrap each other's exceptions (NAPALM wraps netmiko wraps paramiko) and lose the reason
on the way: netmiko calls a wrong host key a timeout. So the whole chain is searched, and the
first rule that matches any link wins.
"""

from __future__ import annotations

import errno
import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeAlias

from hatang.drivers.terminal import one_line
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hatang.drivers.target import Target

Rule: TypeAlias = tuple[type[BaseException], Reason]

COMMON_RULES: Final[tuple[Rule, ...]] = (
    (ssl.SSLCertVerificationError, Reason.CERTIFICATE_INVALID),
    (ssl.SSLError, Reason.PROTOCOL_ERROR),
    (ConnectionRefusedError, Reason.REFUSED),
    (socket.gaierror, Reason.UNREACHABLE),
    (TimeoutError, Reason.TIMEOUT),
    (ConnectionError, Reason.PROTOCOL_ERROR),
    (EOFError, Reason.PROTOCOL_ERROR),
)
# What paramiko says of a server that answers a password by asking for a new one.
_ASKS_FOR_ANOTHER: Final = "Illegal info request from server"
_UNREACHABLE: Final = frozenset(
    {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
)


def reason_of(error: BaseException, rules: Sequence[Rule] = ()) -> Reason:
    """Return why `error` happened; `rules` of the transport come before the common ones."""
    chain = list(_chain(error))
    for link in chain:
        if isinstance(link, DriverError):
            return link.reason
    for kind, reason in (*rules, *COMMON_RULES):
        if any(isinstance(link, kind) for link in chain):
            return reason
    numbers = {link.errno for link in chain if isinstance(link, OSError)}
    return Reason.UNREACHABLE if numbers & _UNREACHABLE else Reason.INTERNAL


def driver_error(
    error: Exception, target: Target | str, action: str, rules: Sequence[Rule] = ()
) -> DriverError:
    """Return `error` as a DriverError that names the target and what was being done."""
    if isinstance(error, DriverError):
        return error
    if any(_ASKS_FOR_ANOTHER in str(link) for link in _chain(error)):
        return DriverError(
            f"{target}: {action} failed: the password has expired, the device asks for a new one",
            Reason.AUTH_FAILED,
            fix="Set another password on the device and write it to the credential.",
        )
    reason = reason_of(error, rules)
    detail = one_line(str(error)) or reason.replace("_", " ")
    return DriverError(f"{target}: {action} failed: {detail}", reason)


@contextmanager
def translated(target: Target | str, action: str, rules: Sequence[Rule] = ()) -> Iterator[None]:
    """Raise whatever fails inside the block as a DriverError."""
    try:
        yield
    except DriverError:
        raise
    except Exception as error:
        raise driver_error(error, target, action, rules) from error


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        # paramiko's NoValidConnectionsError keeps the socket errors in a dict of its own.
        yield from getattr(link, "errors", {}).values() if isinstance(link, OSError) else ()
        link = link.__cause__ or link.__context__
