"""The systems a province's network has to carry, and how each kind is measured: data, not code.

Refuses: measuring; knowing what exists in a province (that is the inventory's own rows).
"""

from __future__ import annotations

from inventory.catalogue.loading import owners, probe_templates, systems
from inventory.catalogue.schema import Owner, Per, ProbeTemplate, System, Text

__all__ = [
    "Owner",
    "Per",
    "ProbeTemplate",
    "System",
    "Text",
    "owners",
    "probe_templates",
    "systems",
]
