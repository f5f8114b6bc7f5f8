"""Why something asked for did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hatang.errors import Reason
from hatang.operations import classify

if TYPE_CHECKING:
    from typing import Self

SILENT: Final = frozenset({Reason.TIMEOUT, Reason.AUTH_FAILED, Reason.REFUSED, Reason.UNREACHABLE})
"""Failures that may mean that the agent is not there, whatever it was asked for."""


class Gap(NamedTuple):
    """Why a column, or a scalar, is not whole."""

    reason: Reason
    detail: str

    @classmethod
    def of(cls, error: Exception) -> Self:
        """Return the gap that `error` leaves."""
        return cls(classify(error), str(error))
