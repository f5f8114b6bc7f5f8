"""EOS configuration sessions: a private candidate, committed whole, with or without a timer."""

from dataclasses import dataclass
from time import time
from typing import Any

from lab.simulators.device import Device, arm, confirm, revert
from lab.simulators.editor import Editor
from lab.simulators.tree import Tree, changes, clone, transplant, unified_diff

MAX_PENDING = 5  # `service configuration session max pending` of EOS defaults to 5


class SessionError(Exception):
    """The session command cannot be done; the text is what EOS prints."""


@dataclass
class ConfigSession:
    """One named candidate and the running configuration it was taken from."""

    name: str
    base: Tree
    candidate: Tree
    state: str = "pending"


class Sessions:
    """All configuration sessions of the switch. They live in memory, as on the real thing."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._sessions: dict[str, ConfigSession] = {}

    def enter(self, name: str) -> Editor:
        """Open the session, or go on with it."""
        session = self._alive().get(name)
        if session is None or session.state == "completed":
            pending = [entry for entry in self._alive().values() if entry.state == "pending"]
            if len(pending) >= MAX_PENDING:
                raise SessionError("Maximum number of pending sessions has been reached")
            running = self._device.running
            session = ConfigSession(name, clone(running), clone(running))
            self._sessions[name] = session
        if session.state != "pending":
            raise SessionError(f"Session {name} is waiting for its commit timer")
        return Editor(self._device.grammar, session.candidate, self._device.fixed)

    def clean(self, editor: Editor) -> None:
        """`rollback clean-config`: a candidate with nothing in it but the physical ports."""
        editor.path.clear()
        editor.tree.clear()
        editor.tree.update({section: {} for section in sorted(self._device.fixed)})

    def tree(self, name: str) -> Tree:
        """The candidate."""
        return self._get(name).candidate

    def diffs(self, name: str) -> str:
        """Candidate against running configuration, empty when they agree."""
        names = ("system:/running-config", f"session:/{name}-session-config")
        return unified_diff(self._device.running, self._target(self._get(name)), names, 3)

    def commit(self, name: str, user: str, seconds: int = 0) -> None:
        """Make the candidate run; with `seconds`, only until they are over unconfirmed."""
        session = self._get(name)
        if session.state == "pendingCommitTimer":
            confirm(self._device, user)
            session.state = "completed"
            return
        if session.state != "pending":
            raise SessionError(f"Session {name} is already completed")
        if self._device.pending:
            raise SessionError("Another session is waiting for its commit timer")
        if seconds:
            arm(self._device, seconds, user, name, self._device.running)
        session.state = "pendingCommitTimer" if seconds else "completed"
        self._device.replace(self._target(session), user, f"configure session {name}")

    def abort(self, name: str, user: str) -> None:
        """Throw the candidate away; take it back when it already runs on a timer."""
        session = self._get(name)
        if session.state == "pendingCommitTimer":
            revert(self._device, user, "abort")
        del self._sessions[name]

    def show(self) -> dict[str, Any]:
        """`show configuration sessions detail`, in JSON."""
        return {
            "maxSavedSessions": 1,
            "maxOpenSessions": MAX_PENDING,
            "sessions": {name: self._shown(session) for name, session in self._alive().items()},
        }

    def _shown(self, session: ConfigSession) -> dict[str, Any]:
        shown: dict[str, Any] = {"state": session.state, "instances": {}, "description": ""}
        pending = self._device.pending
        if session.state == "pendingCommitTimer" and pending:
            # Relative to the boot, in the switch's own (scaled) seconds.
            passed = (time() - pending.armed_at) * self._device.settings.clock_factor
            uptime = time() - self._device.booted_at
            shown["commitBy"] = uptime + pending.seconds - passed
        return shown

    def _target(self, session: ConfigSession) -> Tree:
        """The candidate's own changes on what runs now: another's commit is not undone."""
        if session.base == self._device.running:
            return session.candidate
        target = clone(self._device.running)
        transplant(changes(session.base, session.candidate), target)
        return target

    def _alive(self) -> dict[str, ConfigSession]:
        """Sessions that exist; one whose timer ran out does not."""
        pending = self._device.pending
        name = pending.name if pending else None
        self._sessions = {
            key: session
            for key, session in self._sessions.items()
            if session.state != "pendingCommitTimer" or key == name
        }
        return self._sessions

    def _get(self, name: str) -> ConfigSession:
        session = self._alive().get(name)
        if session is None:
            raise SessionError(f"Session {name} does not exist")
        return session
