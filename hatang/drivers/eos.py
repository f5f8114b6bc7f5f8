"""NAPALM's eAPI driver, so that a commit may be confirmed by another login than made it.

Two habits of NAPALM 5.2 stand in the way: `close` aborts the configuration session, which takes a
commit that waits for its confirmation back at once; and `confirm_commit` knows no session but the
one its own object opened. A confirmation is worth something only when it comes over a new login.
"""

from __future__ import annotations

from napalm.eos.eos import EOSDriver


class ConfirmableEosDriver(EOSDriver):  # type: ignore[misc]  # NAPALM ships no types
    """NAPALM's driver whose timed commits outlive the login that made them."""

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Commit; with `revert_in` seconds the switch takes it back unless confirmed in time."""
        super().commit_config(message=message, revert_in=revert_in)
        if revert_in is not None:
            self.config_session = None  # or closing would abort it

    def confirm_commit(self) -> None:
        """Confirm the commit that waits; EOS lets one wait at a time."""
        waiting = self._get_pending_commits()
        if len(waiting) == 1:
            (self.config_session,) = waiting
        super().confirm_commit()
