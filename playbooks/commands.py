"""One read-only command on many devices, identical answers grouped: 200 devices, 2 answers."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hatang import audit
from hatang.auth import Permission
from hatang.errors import DriverError, HatangError, InvalidInputError, Problem, Reason
from inventory import service as inventory
from inventory.platforms.schema import Shell
from playbooks.access import Access, prepare, show
from playbooks.pace import USUAL, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hatang.auth import Actor
    from hatang.db import Database
    from hatang.drivers.protocols import HostKeys

# What only reads on the platforms that have a command line; anything else is refused. A control
# character would end the line and begin another command; behind a pipe stands only what filters,
# since IOS takes `red` for redirect and a server's shell runs whatever is there.
_TEXT: Final = r"[^|;&`$<>\x00-\x1f\x7f]*"
_FILTERS: Final = "include|inc|i|exclude|exc|begin|beg|section|sec|count|match|except|no-more"
_BEHIND: Final = rf"(?:\| *(?:{_FILTERS})\b{_TEXT})?"
LOOKING: Final = re.compile(rf"(?:show|display|get)\b{_TEXT}{_BEHIND}")
# RouterOS's menus end in what is done there; its brackets and braces run commands.
_MENU: Final = re.compile(r"/[a-z0-9 -]+ print(?: (?:terse|detail|without-paging))*|/export")
# These send packets into the network; who may ask for changes may do that.
REACHING: Final = re.compile(rf"(?:ping|traceroute|tracert)\b{_TEXT}{_BEHIND}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one device answered, or why it did not."""

    device: str
    output: str | None
    reason: Reason = Reason.OK
    message: str = ""


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """Devices that gave the same answer; those that gave none are grouped by why."""

    devices: tuple[str, ...]
    output: str | None
    reason: Reason
    message: str


def run_command(
    db: Database,
    host_keys: HostKeys,
    actor: Actor,
    command: str,
    devices: Sequence[str],
    *,
    pace: Pace = USUAL,
) -> list[AnswerGroup]:
    """Run `command` on `devices`, a few at a time; returns the answers, the commonest first.

    Secrets that the platforms know are masked. A device that fails spoils no other.

    Raises:
        DeniedError: the actor may not read configurations.
        InvalidInputError: the command may do more than read, or a device is unknown; all at once.
    """
    acting = actor.acting(Permission.VAULT_READ)
    with db.write() as session:
        problems: list[Problem] = []
        accesses: list[Access] = []
        for name in dict.fromkeys(devices):
            try:
                accesses.append(prepare(session, inventory.get_device(session, acting, name)))
            except (LookupError, DriverError) as error:
                fix = "Use a device of the inventory that has an address and an SSH credential."
                problems.append(Problem("command", "devices", name, str(error), fix))
        problems += _check_command(command, actor, {one.platform.shell for one in accesses})
        if problems:
            raise InvalidInputError(problems)
        detail = {"command": command, "devices": [access.name for access in accesses]}
        audit.record(session, actor, "command.run", "devices", detail)

    def ask(access: Access) -> str:
        with pace.turn(db, access.aaa_server):
            return show(access, host_keys, command)

    with ThreadPoolExecutor(max_workers=pace.at_once, thread_name_prefix="command") as pool:
        return group(pool.map(lambda access: _answer(access, ask), accesses))


def _check_command(command: str, actor: Actor, shells: set[Shell]) -> list[Problem]:
    """Return why `actor` may not have `command` run; roles differ in what they may do."""
    if LOOKING.fullmatch(command) or (shells == {Shell.ROUTEROS} and _MENU.fullmatch(command)):
        return []
    if REACHING.fullmatch(command):
        if actor.may(Permission.CHANGE_REQUEST):
            return []
        fix = "Ask an engineer; your role looks only."
        return [Problem("command", "command", command[:80], "sends packets from the device", fix)]
    fix = "Use a single show, display, ping or traceroute command; filter with include."
    return [Problem("command", "command", command[:80], "may do more than read", fix)]


def _answer(access: Access, ask: Callable[[Access], str]) -> Answer:
    try:
        output = ask(access)
    except DriverError as error:
        return Answer(access.name, None, error.reason, error.message)
    except HatangError as error:
        return Answer(access.name, None, Reason.INTERNAL, error.message)
    return Answer(access.name, access.platform.redact(output))


def group(answers: Iterable[Answer]) -> list[AnswerGroup]:
    """Group answers that are equal but for blanks at line ends and around the whole."""
    groups: dict[tuple[str | None, Reason], list[Answer]] = {}
    for answer in answers:
        output = answer.output
        text = None if output is None else "\n".join(map(str.rstrip, output.strip().splitlines()))
        groups.setdefault((text, answer.reason), []).append(answer)
    found = [
        AnswerGroup(
            tuple(sorted(answer.device for answer in members)),
            text,
            reason,
            "\n".join(sorted(answer.message for answer in members if answer.message)),
        )
        for (text, reason), members in groups.items()
    ]
    return sorted(found, key=lambda one: (-len(one.devices), one.devices))
