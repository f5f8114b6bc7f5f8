"""Pieces of Prometheus' text format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


class Unwritten(Protocol):
    """Lines that are written when somebody wants them: what they say is settled before."""

    def text(self) -> str:
        """Return the lines."""
        ...

    def count(self) -> int:
        """Return how many lines there are."""
        ...


Texts = dict[str, str]
"""Lines by metric name."""

Blocks = Mapping[str, "str | Unwritten"]
"""The lines of one device by metric name, some of them not written yet."""

_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


def written(block: str | Unwritten) -> str:
    """Return a block's lines."""
    return block if isinstance(block, str) else block.text()


def label_text(labels: Iterable[tuple[str, str]]) -> str:
    """Return labels as `a="b",c="d"`, with what the text format reserves escaped."""
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels)
