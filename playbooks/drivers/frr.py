"""A NAPALM driver for FRRouting on Linux, with a way back that the device itself takes.

It logs in as a user who may use sudo, lets FRR's own frr-reload compute the difference, and
commits through `hatang-cc` (frr_cc.sh, installed on the router): its timer is armed before the
change is applied, and startup is written only on confirmation.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from napalm.base.exceptions import (
    CommitError,
    MergeConfigException,
    ReplaceConfigException,
)

from hatang.drivers.pending import UNCONFIRMED_SECONDS, PendingCommit
from playbooks.drivers.frr_merge import merge
from playbooks.drivers.frr_session import FrrSession

if TYPE_CHECKING:
    from hatang.drivers.protocols import CommandResult

CONFIRM_HELPER: Final = "/usr/local/sbin/hatang-cc"
_UNDECIDED: Final = {"pending", "reverting"}
_RELOAD_CONTEXTS: Final = {"Lines To Delete": "-", "Lines To Add": "+"}


class FrrDriver(FrrSession):
    """Changes FRRouting; a `commit_id` in optional_args names a commit it is to know again."""

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(hostname, username, password, timeout, optional_args)
        self._candidate: str | None = None
        self._commit_id: str | None = (optional_args or {}).get("commit_id")

    def close(self) -> None:
        """Log out; the candidate's file goes too."""
        try:
            if self._session is not None:
                self.discard_config()
        finally:
            super().close()

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Lay a snippet into the running configuration as the candidate."""
        self._load(merge(self._running(), _content(filename, config)), MergeConfigException)

    def load_replace_candidate(
        self, filename: str | None = None, config: str | None = None
    ) -> None:
        """Take a whole configuration as the candidate."""
        self._load(_content(filename, config), ReplaceConfigException)

    def compare_config(self) -> str:
        """Return what the device would change, one line each, `+` or `-` before it."""
        if self._candidate is None:
            return ""
        result = self._command(f"sudo -n {CONFIRM_HELPER} diff {self._candidate}")
        return _difference(result.stdout)

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Apply the candidate; with `revert_in` seconds it takes itself back unless confirmed."""
        if self._candidate is None:
            raise CommitError("no candidate is loaded")
        seconds = revert_in or UNCONFIRMED_SECONDS
        self._helper(f"begin {self._identifier()} {int(seconds)} {self._candidate}", seconds + 60)
        if revert_in is None:
            self.confirm_commit()

    def has_pending_commit(self) -> bool:
        """Tell whether this driver's commit is neither kept nor, to its last line, taken back.

        What it takes back can be confirmed no more, and reads as in until it is out.
        """
        if self._commit_id is None:
            return False
        return self._helper(f"status {self._commit_id}").stdout.strip() in _UNDECIDED

    def pending_commits(self) -> list[PendingCommit]:
        """Return this driver's own commit if it waits; another's keeps `commit_config` off."""
        return [PendingCommit(name=self._commit_id)] if self.has_pending_commit() else []

    def confirm_commit(self) -> None:
        """Keep the change and write it to startup."""
        self._helper(f"confirm {self._identifier()}")
        self._candidate = None

    def rollback(self) -> None:
        """Take the pending change back now."""
        self._helper(f"rollback {self._identifier()}", 180)
        self._candidate = None

    def discard_config(self) -> None:
        """Forget the candidate; nothing on the device has changed."""
        if self._candidate is not None:
            self._run(f"rm -f {self._candidate}")
            self._candidate = None

    def _identifier(self) -> str:
        if self._commit_id is None:
            self._commit_id = f"hatang-{uuid.uuid4().hex[:12]}"
        return self._commit_id

    def _load(self, text: str, error: type[Exception]) -> None:
        path = f"/tmp/hatang-{uuid.uuid4().hex[:12]}.conf"  # noqa: S108 - a name nobody can guess, mode 0600
        self._ssh.put(path, text.encode())
        checked = self._run(f"sudo -n vtysh -C -f {path}")
        if not checked.ok:
            self._run(f"rm -f {path}")
            raise error(checked.stderr.strip() or checked.stdout.strip())
        self._candidate = path

    def _helper(self, verb: str, timeout_seconds: float = 60) -> CommandResult:
        result = self._run(f"sudo -n {CONFIRM_HELPER} {verb}", timeout_seconds)
        if not result.ok:
            raise CommitError(result.stderr.strip() or f"{verb} ended with {result.status}")
        return result


def _content(filename: str | None, config: str | None) -> str:
    if config is not None:
        return config
    if filename is None:
        raise MergeConfigException("neither a file nor a configuration was given")
    return Path(filename).read_text(encoding="utf-8")


def _difference(output: str) -> str:
    lines: list[str] = []
    sign = ""
    for line in output.splitlines():
        heading = next((key for key in _RELOAD_CONTEXTS if key in line), None)
        if heading is not None:
            sign = _RELOAD_CONTEXTS[heading]
        elif sign and line.strip() and not line.startswith("==="):
            lines.append(f"{sign} {line}")
    return "\n".join(lines)
