"""What each driver declares it can do and prove, and on what it was seen to do so.

Planning reads the way back from the platform; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from inventory.choices import Safety

if TYPE_CHECKING:
    from collections.abc import Mapping


class Seen(StrEnum):
    """On what a driver's pushes were proven."""

    REAL = "real"
    SIMULATED = "simulated"
    NOTHING = "nothing"


class Difference(StrEnum):
    """Who computes what a change would differ by, before it is in."""

    DEVICE = "device"
    PREDICTED = "predicted"


@dataclass(frozen=True, slots=True)
class Declared:
    """`candidate`: lines wait on the device until they are committed.

    `names_commit`: another login can tell whose commit waits by a name. `disruptive`: taking a
    change back boots the device.
    """

    candidate: bool
    difference: Difference
    replace: bool
    confirm: Safety
    names_commit: bool
    disruptive: bool
    seen: Seen


DECLARED: Final[Mapping[str, Declared]] = {
    "frr": Declared(
        candidate=True,
        difference=Difference.DEVICE,
        replace=True,
        confirm=Safety.FILE_RESTORE,
        names_commit=True,
        disruptive=False,
        seen=Seen.REAL,
    ),
    "ios": Declared(
        candidate=True,
        difference=Difference.DEVICE,
        replace=True,
        confirm=Safety.NATIVE,
        names_commit=False,
        disruptive=False,
        seen=Seen.SIMULATED,
    ),
    "eos": Declared(
        candidate=True,
        difference=Difference.DEVICE,
        replace=True,
        confirm=Safety.NATIVE,
        names_commit=True,
        disruptive=False,
        seen=Seen.SIMULATED,
    ),
    "junos": Declared(
        candidate=True,
        difference=Difference.DEVICE,
        replace=True,
        confirm=Safety.NATIVE,
        names_commit=False,
        disruptive=False,
        seen=Seen.NOTHING,
    ),
    "linux": Declared(
        candidate=True,
        difference=Difference.DEVICE,
        replace=False,
        confirm=Safety.FILE_RESTORE,
        names_commit=True,
        disruptive=False,
        seen=Seen.REAL,
    ),
    "iosxr": Declared(
        candidate=True,
        difference=Difference.DEVICE,
        replace=False,
        confirm=Safety.NATIVE,
        names_commit=True,
        disruptive=False,
        seen=Seen.SIMULATED,
    ),
    "huawei_vrp": Declared(
        candidate=True,
        difference=Difference.DEVICE,
        replace=False,
        confirm=Safety.NATIVE,
        names_commit=True,
        disruptive=False,
        seen=Seen.SIMULATED,
    ),
    "hp_comware": Declared(
        candidate=False,
        difference=Difference.PREDICTED,
        replace=False,
        confirm=Safety.NATIVE,
        names_commit=True,
        disruptive=False,
        seen=Seen.SIMULATED,
    ),
    "nxos": Declared(
        candidate=False,
        difference=Difference.PREDICTED,
        replace=False,
        confirm=Safety.FILE_RESTORE,
        names_commit=True,
        disruptive=False,
        seen=Seen.SIMULATED,
    ),
    "mikrotik_routeros": Declared(
        candidate=False,
        difference=Difference.PREDICTED,
        replace=False,
        confirm=Safety.FILE_RESTORE,
        names_commit=True,
        disruptive=True,
        seen=Seen.SIMULATED,
    ),
    "fortinet": Declared(
        candidate=False,
        difference=Difference.PREDICTED,
        replace=False,
        confirm=Safety.RELOAD,
        names_commit=True,
        disruptive=True,
        seen=Seen.SIMULATED,
    ),
}
