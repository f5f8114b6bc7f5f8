"""A running NetBox as a source: asked page by page, then told in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import deferred

if TYPE_CHECKING:
    from inventory.sources.netbox.client import Address, fetch
    from inventory.sources.netbox.translation import translate

__all__ = ["Address", "fetch", "translate"]

__getattr__ = deferred.names(__name__)
