"""Cisco NX-OS: lines act at once; its scheduler rolls back to a checkpoint unless it is removed.

The checkpoint is taken before the scheduler is armed, so that what is rolled back to does not hold
the scheduler again. A second checkpoint after the last line marks the change as whole. The
scheduler counts in minutes of the wall clock, so that the last may be cut short: at least two.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from napalm.base.exceptions import CommitError, LockError, MergeConfigException

from playbooks.drivers import tree
from playbooks.drivers.views import ViewDriver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.drivers.pending import PendingCommit

SINGLE: Final = (
    "hostname",
    "description",
    "ip address",
    "mtu",
    "speed",
    "duplex",
    "switchport mode",
    "switchport access vlan",
    "switchport trunk allowed vlan",
    "switchport trunk native vlan",
    "ip ospf cost",
    "snmp-server location",
    "snmp-server contact",
    "name",
)
_LEAST_SECONDS: Final = 120
_OURS: Final = re.compile(r"(hatang-[\w-]+)")
_OWN: Final = re.compile(r"^scheduler (?:job|schedule) name hatang-")


class NxosDriver(ViewDriver):
    """Changes NX-OS; needs `feature scheduler`."""

    device_type: ClassVar[str] = "cisco_nxos"
    prompt: ClassVar[str] = r"{name}(?:\([^)\n]*\))?[#>]\s*$"
    refusal: ClassVar[re.Pattern[str]] = re.compile(
        r"^\s*(?:% |ERROR:|Error:|Syntax error)|Invalid (?:command|range)|Rollback failed",
        re.MULTILINE,
    )
    running: ClassVar[str] = "show running-config"
    saving: ClassVar[str] = "copy running-config startup-config"
    startup: ClassVar[str] = "show startup-config"
    enter: ClassVar[str] = "configure terminal"
    leave: ClassVar[str] = "end"

    def _require(self) -> None:
        if "feature scheduler" not in self._type("show running-config"):
            raise NotImplementedError("without `feature scheduler` nothing takes a change back")

    def _running(self) -> str:
        return without_own(self._type(self.running))

    def _parse(self, text: str) -> tree.Lines:
        return tree.indented(text, "!", ("end", "exit"))

    def _merged(self, before: tree.Lines, wanted: tree.Lines) -> tree.Lines:
        return tree.merged(before, wanted, "no", SINGLE)

    def _typed(self, wanted: tree.Lines) -> Iterable[str]:
        return tree.typed(wanted, "exit")

    def _arm(self, seconds: int) -> None:
        if seconds < _LEAST_SECONDS:
            raise MergeConfigException(f"NX-OS counts in minutes: give {_LEAST_SECONDS} s or more")
        found = _OURS.search(self._schedules())
        if found is not None:
            raise LockError(f"{found[1]} waits for its confirmation")
        name, minutes = self._commit_id, seconds // 60
        self._type(f"checkpoint {name}")
        self._enter()
        for line in (
            f"scheduler job name {name}",
            f"rollback running-config checkpoint {name} best-effort",
            "exit",
            f"scheduler schedule name {name}",
            f"job name {name}",
            f"time start +{minutes // 60:02}:{minutes % 60:02}",
            "exit",
        ):
            self._type(line)

    def _mark_whole(self) -> None:
        self._type(f"checkpoint {self._commit_id}-whole")

    def pending_commits(self) -> list[PendingCommit]:
        """Return our commit while what is to take it back is scheduled."""
        return self._ours(waits=self._commit_id in self._schedules())

    def _is_whole(self) -> bool:
        return f"{self._commit_id}-whole" in self._type("show checkpoint summary")

    def _keep(self) -> None:
        self._disarm()
        if self._is_pending():
            raise CommitError("the schedule would not go")
        self.save_startup()
        self._forget()

    def _take_back(self) -> None:
        self._require_pending()
        self._type(f"rollback running-config checkpoint {self._commit_id} best-effort")
        if self._is_pending():
            self._disarm()
        self._forget()

    def _disarm(self) -> None:
        self._enter()
        for what in ("schedule", "job"):
            self._type(f"no scheduler {what} name {self._commit_id}")
        self._leave()

    def _schedules(self) -> str:
        return self._type("show scheduler schedule")

    def _forget(self) -> None:
        found = self._type("show checkpoint summary")
        for name in (f"{self._commit_id}-whole", self._commit_id):
            if name in found:
                self._type(f"no checkpoint {name}")
                found = found.replace(name, "")


def without_own(text: str) -> str:
    """Return a configuration without the schedule that waits to take a change back."""
    kept: list[str] = []
    is_own = False
    for line in text.splitlines():
        if not line.startswith((" ", "\t")):
            is_own = bool(_OWN.match(line))
        if not is_own:
            kept.append(line)
    return "\n".join(kept) + "\n"
