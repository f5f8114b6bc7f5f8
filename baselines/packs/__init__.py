"""Rule packs: read-only data, one folder a framework and edition, signed and named by their hash.

A pack with a wrong signature, a key nobody vouches for, a changed, missing or extra file, or a rule
without its fixtures does not load, and says why.
"""

from __future__ import annotations

from baselines.packs.loading import (
    DEFAULT,
    DIRECTORY,
    KEYS,
    Pack,
    Shelf,
    lint,
    load,
    names,
    rule_of,
)

__all__ = ["DEFAULT", "DIRECTORY", "KEYS", "Pack", "Shelf", "lint", "load", "names", "rule_of"]
