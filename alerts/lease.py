"""One leader a duty: two workers may run, one of them works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.models import Lease
from hatang import clock

if TYPE_CHECKING:
    from datetime import timedelta

    from hatang.db import WriteSession


def hold(session: WriteSession, duty: str, holder: str, length: timedelta) -> bool:
    """Take or renew the lease of `duty` for `length`; False while another holds it.

    One that ends much later than a lease can was taken before a clock was set back: it holds no
    more, or a dead leader would keep the duty for as long as the clock had been ahead.
    """
    moment = clock.now()
    row = session.get(Lease, duty, with_for_update=True)
    if row is None:
        session.add(Lease(duty=duty, holder=holder, until=moment + length))
        session.flush()
        return True
    if row.holder != holder and moment < row.until <= moment + 2 * length:
        return False
    row.holder, row.until = holder, moment + length
    return True


def release(session: WriteSession, duty: str, holder: str) -> None:
    """Give the lease back, so that a successor need not wait for its end."""
    row = session.get(Lease, duty, with_for_update=True)
    if row is not None and row.holder == holder:
        session.delete(row)
