"""Linux servers: files that the platform declares, each with the commands that make it hold.

A text names files by a line `# file: PATH`, each with all it is to hold below it.
The server computes the difference. linux_cc.sh keeps how things run, arms the server's own timer
and only then brings the files into effect; the files themselves are written on confirmation, so
that a restart before it takes the change back too. Nothing is installed on the server.
"""

from __future__ import annotations

import shlex
import uuid
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from napalm.base.exceptions import (
    CommandErrorException,
    CommitError,
    MergeConfigException,
    NapalmException,
)

from hatang.drivers.pending import UNCONFIRMED_SECONDS, PendingCommit
from hatang.drivers.ssh import open_ssh
from inventory import platforms
from playbooks.drivers.session import OneSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.drivers.protocols import CommandResult, SshSession
    from inventory.platforms import Platform

HELPER: Final = Path(__file__).with_name("linux_cc.sh")
_HEAD: Final = "# file: "
_AS_ROOT: Final = '[ "$(id -u)" = 0 ] && exec sh -s; exec sudo -n sh -s'
_SCRIPT_SECONDS: Final = 120.0  # every command in the platform's script may take 20
_WORK_SECONDS: Final = 120.0  # of a verb, whose every command may take 20
_NOT_BACK: Final = 6  # what was there did not all come back: no refusal, a doubt
_UNDECIDED: Final = frozenset({"pending", "reverting"})


class LinuxSession(OneSession):
    """A server over SSH, and what its platform declares; a `commit_id` names a commit to know."""

    _session: SshSession | None

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(hostname, username, password, timeout, optional_args)
        named: str | None = self._arguments.get("commit_id")
        self._commit_id = named or f"hatang-{uuid.uuid4().hex[:12]}"

    @property
    def platform(self) -> Platform:
        """What is known of Linux servers."""
        return platforms.get("linux")

    def open(self) -> None:
        """Log in; the host key is proven before a credential leaves."""
        given = self._arguments
        self._session = open_ssh(given["target"], given["login"], given["host_keys"])

    def get_config(
        self,
        retrieve: str = "all",
        full: bool = False,  # noqa: FBT001, FBT002 - NAPALM's signature
        sanitized: bool = False,  # noqa: FBT001, FBT002 - NAPALM's signature
        format: str = "text",
    ) -> dict[str, str]:
        """Return what the platform's script prints as what runs, as the vault has it."""
        if sanitized:
            raise NotImplementedError("the configuration vault redacts")
        running = ""
        if retrieve in {"all", "running"}:
            lines = platforms.script(self.platform).encode()
            told = self._ssh.run("HATANG_SUDO=1 sh -s", lines, _SCRIPT_SECONDS)
            if not told.ok:
                raise CommandErrorException(f"the script ended with status {told.status}")
            running = told.stdout
        return {"running": running, "startup": "", "candidate": ""}

    def _do(self, verb: str, candidate: Mapping[str, str] = MappingProxyType({})) -> str:
        told = self._ask(verb, candidate)
        if told.status == _NOT_BACK:
            raise NapalmException(_said(told))
        if not told.ok:
            raise CommitError(_said(told))
        return told.stdout

    def _ask(self, verb: str, candidate: Mapping[str, str]) -> CommandResult:
        lines = [self._helper(), f"id={shlex.quote(self._commit_id)}"]
        for one in self.platform.managed:
            if one.path in candidate:
                commands = (one.check, one.runs, one.keep, one.apply, one.back)
                lines.append(f"stage {shlex.join((one.path, candidate[one.path], *commands))}")
        script = "\n".join([*lines, verb, ""])
        return self._ssh.run(_AS_ROOT, script.encode(), _WORK_SECONDS)

    def _helper(self) -> str:
        return HELPER.read_text(encoding="utf-8")

    @property
    def _ssh(self) -> SshSession:
        if self._session is None:
            raise CommandErrorException("the session is not open")
        return self._session


class LinuxDriver(LinuxSession):
    """Changes a server's files."""

    _candidate: Mapping[str, str] = MappingProxyType({})

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        """Take files as the candidate; the server looks at each and changes nothing."""
        text = config if config is not None else Path(filename or "").read_text(encoding="utf-8")
        try:
            candidate = files(text, {one.path for one in self.platform.managed})
        except ValueError as error:
            raise MergeConfigException(str(error)) from error
        told = self._ask("try", candidate)
        if not told.ok:
            raise MergeConfigException(_said(told))
        self._candidate = candidate

    def load_replace_candidate(
        self, filename: str | None = None, config: str | None = None
    ) -> None:
        """Refuse: what a file no longer says stays in effect, so that nothing is replaced."""
        raise NotImplementedError("this driver sets files; it replaces no whole configuration")

    def compare_config(self) -> str:
        """Return what would change in each file and in what runs, `+` or `-` before each line."""
        return self._do("difference", self._candidate).strip() if self._candidate else ""

    def discard_config(self) -> None:
        """Forget the candidate; nothing on the server has changed."""
        self._candidate = MappingProxyType({})

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Apply the candidate; the server takes it back unless confirmed in `revert_in` seconds.

        Raises:
            CommitError: it was refused or came not into effect; what was there is back.
            NapalmException: it is not.
        """
        if not self._candidate:
            raise CommitError("no candidate is loaded")
        self._do(f"begin {int(revert_in or UNCONFIRMED_SECONDS)}", self._candidate)
        if revert_in is None:
            self.confirm_commit()

    def pending_commits(self) -> list[PendingCommit]:
        """Return this driver's own commit if it waits; another's keeps `commit_config` off."""
        waits = self._do("status").strip() in _UNDECIDED
        return [PendingCommit(name=self._commit_id)] if waits else []

    def has_pending_commit(self) -> bool:
        """Tell whether a commit is neither kept nor, to its last file, taken back."""
        return bool(self.pending_commits())

    def confirm_commit(self) -> None:
        """Keep the change and write its files."""
        self._do("confirm")
        self._candidate = MappingProxyType({})

    def save_startup(self) -> None:
        """Do nothing: a confirmation is over when the files are written."""

    def rollback(self) -> None:
        """Take the pending change back now."""
        self._do("take_back")
        self._candidate = MappingProxyType({})


def files(text: str, known: set[str]) -> dict[str, str]:
    """Return the files of a text by path.

    Raises:
        ValueError: a line before the first file, a file that is not `known`, or one named twice.
    """
    found: dict[str, str] = {}
    path = ""
    for line in text.splitlines():
        if line.startswith(_HEAD):
            path = line.removeprefix(_HEAD).strip()
            if path not in known:
                raise ValueError(f"{path}: is none of {', '.join(sorted(known))}")
            if path in found:
                raise ValueError(f"{path}: stands there twice")
            found[path] = ""
        elif path:
            found[path] += f"{line}\n"
        elif line.strip():
            raise ValueError(f"{line}: stands in no file; begin with `{_HEAD}PATH`")
    if not found:
        raise ValueError(f"names no file; begin with `{_HEAD}PATH`")
    return found


def _said(told: CommandResult) -> str:
    return told.stderr.strip()[-500:] or f"ended with status {told.status}"
