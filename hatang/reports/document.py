"""A report that is read on paper: a head of facts, tables below it, a line at the foot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.reports.table import Table


@dataclass(frozen=True, slots=True)
class Document:
    """A titled report in one language.

    `facts` are what stands at its head, as name and value; the footer is on every page, and
    each of `signers`, a part such as "Thư ký", gets room to sign at the end.
    """

    title: str
    tables: Sequence[Table]
    facts: Sequence[tuple[str, str]] = field(default=())
    footer: str = ""
    language: str = "vi"
    is_landscape: bool = False
    signers: Sequence[str] = field(default=())
