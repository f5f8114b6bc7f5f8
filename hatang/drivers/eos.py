"""NAPALM's eAPI driver, so that a commit may be confirmed by another login than made it.

Three habits of NAPALM 5.2 stand in the way: `close` aborts the configuration session, which takes a
commit that waits for its confirmation back at once; `confirm_commit` knows no session but the one
its own object opened; and the session's name tells nobody whose it is. A confirmation is worth
something only when it comes over a new login, and only for one's own commit.
"""

from __future__ import annotations

from typing import Any

from napalm.base.exceptions import CommitError
from napalm.eos.eos import EOSDriver

from hatang.drivers.byways import ByWay
from hatang.drivers.pending import PendingCommit


class ConfirmableEosDriver(ByWay, EOSDriver):  # type: ignore[misc]  # NAPALM ships no types
    """NAPALM's driver whose timed commits outlive the login that made them.

    A `commit_id` in optional_args names its configuration session, on the switch too: only a
    commit of that name is this driver's own.
    """

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        arguments = dict(optional_args or {})
        self.config_session: str | None = None
        self._commit_id: str | None = arguments.pop("commit_id", None)
        super().__init__(hostname, username, password, timeout, arguments)

    def pending_commits(self) -> list[PendingCommit]:
        """Return the commits that wait, each under its session's name; EOS lets one wait."""
        return [PendingCommit(name=name) for name in self._get_pending_commits() if name]

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Commit; with `revert_in` seconds the switch takes it back unless confirmed in time."""
        super().commit_config(message=message, revert_in=revert_in)
        if revert_in is not None:
            self._commit_id = self.config_session
            self.config_session = None  # or closing would abort it

    def confirm_commit(self) -> None:
        """Keep this driver's own commit and save it, once it waits no more.

        NAPALM saves in the same breath; over SSH it takes a refusal for a confirmation, and a
        change that takes itself back would then stand in startup.

        Raises:
            CommitError: it does not wait, or still waits when it was confirmed; nothing is saved.
        """
        if self._commit_id is None or self._commit_id not in self._get_pending_commits():
            raise CommitError("No pending commit-confirm of ours found!")
        self._run_commands([f"configure session {self._commit_id} commit"], encoding="text")
        if self._commit_id in self._get_pending_commits():
            raise CommitError("the commit still waits after its confirmation")
        self.config_session = None
        self.save_startup()

    def save_startup(self) -> None:
        """Write what runs to startup, as a confirmation does."""
        self._run_commands(["write memory"], encoding="text")

    def _load_config(self, *arguments: Any, **named: Any) -> None:
        if self.config_session is None and self._commit_id is not None:
            self.config_session = self._free(self._commit_id)
        super()._load_config(*arguments, **named)

    def _free(self, name: str) -> str | None:
        """Return `name` when no session has it, or only one that was never committed.

        Such a one was left by a login that broke; its text is old and is thrown away. A session
        that was committed keeps its name: what is compared then is not meant to be committed.
        """
        sessions = self._run_commands(["show configuration sessions"])[0]["sessions"]
        if name not in sessions:
            return name
        if sessions[name].get("state") != "pending":
            return None
        self._run_commands([f"configure session {name} abort"], encoding="text")
        return name
