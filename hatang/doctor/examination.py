"""Goes through every group of checks; what breaks inside one is a line too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang.doctor import files, machine, processes, records
from hatang.doctor.checked import Checked
from hatang.gates import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hatang.settings import Settings

GROUPS: Final[Mapping[str, Callable[[Settings], Iterable[Checked]]]] = {
    "machine": machine.examine,
    "files": files.examine,
    "records": records.examine,
    "processes": processes.examine,
}


def examine(settings: Settings) -> list[Checked]:
    """Return every line about this installation; it writes nothing and raises nothing."""
    found: list[Checked] = []
    for name, group in GROUPS.items():
        try:
            found += group(settings)
        except Exception as error:  # noqa: BLE001 - one broken check must not hide the others
            detail = f"cannot be examined: {type(error).__name__}: {error}"
            found.append(Checked(name, Verdict.ERROR, detail, "Set HATANG_LOG__LEVEL=debug."))
    return found
