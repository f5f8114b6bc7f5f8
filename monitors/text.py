"""Pieces of Prometheus' text format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Blocks = dict[str, str]
"""The lines of one device by metric name."""

_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


def label_text(labels: Iterable[tuple[str, str]]) -> str:
    """Return labels as `a="b",c="d"`, with what the text format reserves escaped."""
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
