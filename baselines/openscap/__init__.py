"""Scans of servers by the OpenSCAP that is installed on them, with a datastream somebody gives."""

from __future__ import annotations

from baselines.openscap.datastream import Datastream
from baselines.openscap.evaluating import MOST_SECONDS, Evaluated, evaluate

__all__ = ["MOST_SECONDS", "Datastream", "Evaluated", "evaluate"]
