"""H3C and HPE Comware 7: lines act at once, under `configuration commit delay`.

What stood before is stored on flash under the commit's name first: by it a later login knows whose
change waits, and the device itself tells whether anything still differs from it. What runs when all
lines are in is stored too: where neither runs, another changed the device since.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from napalm.base.exceptions import CommandErrorException, CommitError

from hatang.drivers.pending import PendingCommit
from playbooks.drivers import tree
from playbooks.drivers.views import ViewDriver

if TYPE_CHECKING:
    from collections.abc import Iterable

SINGLE: Final = (
    "sysname",
    "description",
    "ip address",
    "mtu",
    "port link-type",
    "port access vlan",
    "ospf cost",
    "info-center loghost",
    "snmp-agent sys-info location",
    "snmp-agent sys-info contact",
    "name",
)


class ComwareDriver(ViewDriver):
    """Changes Comware 7."""

    device_type: ClassVar[str] = "hp_comware"
    prompt: ClassVar[str] = r"[<\[]{name}[^\s>\]]*[>\]]\s*$"
    refusal: ClassVar[re.Pattern[str]] = re.compile(r"^\s*(?:% |Error:|Info: Failed)", re.MULTILINE)
    running: ClassVar[str] = "display current-configuration"
    saving: ClassVar[str] = "save force"
    startup: ClassVar[str] = "display saved-configuration"

    def _require(self) -> None:
        version = self._type("display version")
        if not re.search(r"Comware Software, Version 7\.", version):
            raise NotImplementedError("only Comware 7 takes a change back by itself")

    def _parse(self, text: str) -> tree.Lines:
        return tree.indented(text, "#", ("return", "quit"))

    def _merged(self, before: tree.Lines, wanted: tree.Lines) -> tree.Lines:
        return tree.merged(before, wanted, "undo", SINGLE)

    def _typed(self, wanted: tree.Lines) -> Iterable[str]:
        return tree.typed(wanted, "quit")

    def _arm(self, seconds: int) -> None:
        self._store(self._commit_id)
        self._enter()
        self._type(f"configuration commit delay {max(1, seconds // 60)}")

    def _mark_whole(self) -> None:
        self._store(f"{self._commit_id}-whole")

    def pending_commits(self) -> list[PendingCommit]:
        """Return our commit if it waits; one without a name where another changed the device since.

        Then nobody can tell whether ours was kept, taken back, or still waits below that.
        """
        files = self._type("dir flash:/")
        if f"{self._commit_id}.cfg" not in files or not self._differs(self._commit_id):
            return []
        whole = f"{self._commit_id}-whole"
        if f"{whole}.cfg" in files and self._differs(whole):
            return [PendingCommit()]
        return self._ours(waits=True)

    def _differs(self, name: str) -> bool:
        told = self._type(f"display diff configfile flash:/{name}.cfg current-configuration")
        return bool(re.search(r"^[-+](?![-+])", told, re.MULTILINE))

    def _is_whole(self) -> bool:
        return f"{self._commit_id}-whole.cfg" in self._type("dir flash:/")

    def _keep(self) -> None:
        self._enter()
        try:
            self._type("configuration commit")
        except CommandErrorException as error:
            raise CommitError(str(error)) from error
        self._leave()
        self.save_startup()
        self._forget()

    def _take_back(self) -> None:
        if self.pending_commits() not in ([], self._ours(waits=True)):
            raise CommitError("another changed the device since: nothing is taken back")
        self._enter()
        name = f"flash:/{self._commit_id}.cfg"
        self._type(f"configuration replace file {name}", answer="n")
        self._type("configuration commit")
        self._leave()
        self._forget()

    def _store(self, name: str) -> None:
        self._type(f"save flash:/{name}.cfg", answer="y")

    def _forget(self) -> None:
        found = self._type("dir flash:/")
        for name in (f"{self._commit_id}.cfg", f"{self._commit_id}-whole.cfg"):
            if name in found:
                self._type(f"delete /unreserved flash:/{name}", answer="y")
