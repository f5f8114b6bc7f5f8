"""Doctor: what of this installation is in order, each line with the way out; it changes nothing."""

from __future__ import annotations

from hatang.doctor.checked import Checked
from hatang.doctor.examination import examine

__all__ = ["Checked", "examine"]
