"""Fortinet FortiOS: under `cfg-save revert` a unit boots from what was saved unless told to save.

The boot is disruptive, and in a cluster every member takes it. A revision on flash carries the
commit's name; its comment is all FortiOS keeps that another login can know a change by. Revisions
stay: only the newest tells whose change waits, and one is added when a change was kept.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final

from napalm.base.exceptions import CommandErrorException, CommitError, LockError

from hatang.drivers.pending import PendingCommit
from playbooks.drivers.timed import TimedDriver

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playbooks.drivers.tree import Lines

_MODE: Final = re.compile(r"^\s*set cfg-(?:save|revert-timeout) .*\n?", re.MULTILINE)
_REVERTS: Final = re.compile(r"^\s*set cfg-save revert\b", re.MULTILINE)
_REVISION: Final = re.compile(r"^\s*(\d+)\s.*?\b(hatang-[\w-]+)", re.MULTILINE)
_NAMED: Final = re.compile(r'^(edit|delete) "?([^"]*)"?$')
_VALUE: Final = re.compile(r'\s*"((?:[^"\\]|\\.)*)"$')


class FortiOsDriver(TimedDriver):
    """Changes FortiOS; a unit with virtual domains is not changed yet."""

    device_type: ClassVar[str] = "fortinet"
    prompt: ClassVar[str] = r"{name}(?: \([^)\n]*\))? [#$]\s*$"
    refusal: ClassVar[re.Pattern[str]] = re.compile(
        r"^(?:Command fail|command parse error|Unknown action|entry not found|node_check_object)",
        re.MULTILINE,
    )
    running: ClassVar[str] = "show"

    def _require(self) -> None:
        status = self._type("get system status")
        if re.search(r"Virtual domain configuration: (?:multiple|enable|split)", status):
            raise NotImplementedError("a unit with virtual domains is not changed")

    def _running(self) -> str:
        return _MODE.sub("", self._type(self.running))

    def _parse(self, text: str) -> Lines:
        return blocks(text)

    def _merged(self, before: Lines, wanted: Lines) -> Lines:
        return predicted(before, wanted)

    def _typed(self, wanted: Lines) -> Iterable[str]:
        return typed(wanted)

    def _arm(self, seconds: int) -> None:
        if self._is_reverting():
            raise LockError("another change waits for `execute cfg save`")
        self._type(f"execute backup config flash {self._commit_id}")
        self._set_mode(f"set cfg-revert-timeout {seconds}", "set cfg-save revert")

    def _mark_whole(self) -> None:
        self._type(f"execute backup config flash {self._commit_id}-whole")

    def pending_commits(self) -> list[PendingCommit]:
        """Return what waits for `execute cfg save`, under our name where it is ours."""
        named = sorted((int(found[1]), found[2]) for found in _REVISION.finditer(self._revisions()))
        ours = {self._commit_id, f"{self._commit_id}-whole", f"{self._commit_id}-kept"}
        if not ours.intersection(name for _number, name in named) or not self._is_reverting():
            return []
        is_ours = named[-1][1] in ours and not named[-1][1].endswith("-kept")
        return self._ours(waits=True) if is_ours else [PendingCommit()]

    def _is_whole(self) -> bool:
        return f"{self._commit_id}-whole" in self._revisions()

    def _keep(self) -> None:
        try:
            self._type("execute cfg save")
        except CommandErrorException as error:
            raise CommitError(str(error)) from error
        self._set_mode("set cfg-save automatic")
        with suppress(CommandErrorException):  # it is kept, whatever becomes of the note
            self._type(f"execute backup config flash {self._commit_id}-kept")

    def _take_back(self) -> None:
        # A refused line leaves its block open; `abort` throws away what that held.
        with suppress(CommandErrorException):
            self._type("abort")
        self._require_pending()
        self._type("execute cfg reload", answer="y")

    def _is_reverting(self) -> bool:
        return bool(_REVERTS.search(self._type("show system global")))

    def _revisions(self) -> str:
        return self._type("execute revision list config")

    def _set_mode(self, *lines: str) -> None:
        for line in ("config system global", *lines, "end"):
            self._type(line)


def blocks(text: str) -> Lines:
    """Read `config … edit … next … end`; what is left open ends where it cannot go on.

    Raises:
        ValueError: a line stands where none of its kind may.
    """
    top: Lines = {}
    stack: list[tuple[str, Lines]] = [("", top)]
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        verb = line.split()[0]
        if verb in {"next", "end"}:
            _close(stack, verb, line)
        elif verb in {"config", "edit"}:
            if verb == "config" and not raw.startswith(" "):
                del stack[1:]
            elif verb == "edit" and stack[-1][0] == "edit":
                stack.pop()
            below = stack[-1][1].setdefault(_normal(line), {})
            stack.append((verb, below))
        elif verb in {"set", "unset", "delete"} and len(stack) > 1:
            stack[-1][1][_normal(line)] = {}
        else:
            raise ValueError(f"{line}: stands in no block")
    return top


def _close(stack: list[tuple[str, Lines]], verb: str, line: str) -> None:
    kind = "edit" if verb == "next" else "config"
    if verb == "end" and stack[-1][0] == "edit":
        stack.pop()
    if stack[-1][0] != kind:
        raise ValueError(f"{line}: closes nothing")
    stack.pop()


def _normal(line: str) -> str:
    found = _NAMED.match(line)
    if found:
        return f'{found[1]} "{found[2]}"'
    words = line.split(maxsplit=2)
    return " ".join(words) if len(words) < 3 else f"{words[0]} {words[1]} {_bare(words[2])}"


def _bare(value: str) -> str:
    """Return a value as the device shows it: quoted only where it must be."""
    found = _VALUE.match(value)
    return found[1] if found and re.fullmatch(r"[^\s\"\\]+", found[1]) else value


def predicted(before: Lines, wanted: Lines) -> Lines:
    """Return what `before` becomes by the lines of `wanted`."""
    after = {line: dict(below) for line, below in before.items()}
    for line, below in wanted.items():
        verb, _, rest = line.partition(" ")
        if verb == "delete":
            after.pop(f"edit {rest}", None)
        elif verb in {"set", "unset"}:
            _unset(after, rest.split()[0])
            if verb == "set":
                after[line] = {}
        else:
            after[line] = predicted(after.get(line, {}), below)
    return after


def _unset(lines: Lines, name: str) -> None:
    for line in [line for line in lines if line.startswith(f"set {name} ")]:
        del lines[line]


def typed(wanted: Lines) -> Iterator[str]:
    """Yield the lines to type."""
    for line, below in wanted.items():
        yield line
        if line.startswith(("config ", "edit ")):
            yield from typed(below)
            yield "end" if line.startswith("config ") else "next"
