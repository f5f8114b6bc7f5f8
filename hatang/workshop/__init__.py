"""Heavy or risky work on a bench of its own: a spawned, niced, limited process.

A piece of work that dies, hangs or eats memory costs that piece and nothing else.
"""

from __future__ import annotations

from hatang.workshop.bench import Bench, Fault, Limits, SpoiltError

__all__ = ["Bench", "Fault", "Limits", "SpoiltError"]
