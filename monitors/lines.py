"""Lines of numbers in Prometheus' text format: the hot loop of writing a poll down.

Plain Python that a compiler may take (lines.pxd), as the SNMP decoder is; both forms write the
same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitors.samples import Cells


def lines(before: str, rows: dict[str, str], cells: Cells) -> str:
    """Return a line for each cell that is a number and whose row has labels.

    `before` is what stands before the labels of the row.
    """
    found: list[str] = []
    for index, value in cells.items():
        if isinstance(value, int | float):
            labels = rows.get(index)
            if labels is not None:
                found.append(f"{before}{labels}}} {value}\n")
    return "".join(found)
