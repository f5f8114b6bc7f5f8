"""Doctor: what of this installation is in order, each line with the way out; it changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred

if TYPE_CHECKING:
    from hatang.doctor.checked import Checked
    from hatang.doctor.examination import examine

__all__ = ["Checked", "examine"]

__getattr__ = deferred.names(__name__)
