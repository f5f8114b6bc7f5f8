"""Every kind of the inventory and every field of it is told in docs/inventory.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inventory.kinds.registry import KINDS
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from inventory.kinds.kind import Kind


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_field_is_documented(kind: Kind) -> None:
    text = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")
    assert f"`{kind.section}`" in text or f"### {kind.section}\n" in text
    assert {name for name in kind.row.model_fields if f"`{name}`" not in text} == set()
