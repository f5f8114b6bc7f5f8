"""Configuration texts of each dialect as one tree that keeps line numbers.

Refuses: guessing. A line nobody understands is counted, a text that is cut off or a bomb is named.
"""

from __future__ import annotations

from baselines.parsing.dialects import Dialect, dialect, names
from baselines.parsing.reading import parse
from baselines.parsing.tree import Fault, Tree

__all__ = ["Dialect", "Fault", "Tree", "dialect", "names", "parse"]
