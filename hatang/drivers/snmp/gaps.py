"""Why something asked for did not come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from hatang.errors import Reason


class Gap(NamedTuple):
    """Why a column, or a scalar, is not whole."""

    reason: Reason
    detail: str
