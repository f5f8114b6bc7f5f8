"""Another login for devices, that counts only where it was proven.

The lines that bring it go in as every change does, under the device's own timer. What confirms is a
login with the new credential; until then the old one stays with the device in the inventory, and a
device that nobody can open with the new takes the change back. Both are kept sealed all the while.

Where the new login is another user's, the old user stays on the device: to remove it is a change of
its own, see `removing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hatang import audit, events, secrets
from hatang.auth import Actor, Permission
from hatang.errors import DeniedError, InvalidInputError, NotFoundError, Problem
from inventory import platforms
from inventory.models import Device
from inventory.service.importing import CHANGED
from playbooks.choices import Intent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hatang.db import AnySession, WriteSession
    from hatang.secrets import Credential
    from inventory.platforms import Platform
    from inventory.rows import DeviceRow
    from playbooks.models import Change

WHERE: Final = "rotation"
SETTING: Final = "login"
REMOVES: Final = "no_login"


def rotation(
    session: AnySession, actor: Actor, devices: Sequence[DeviceRow], name: str
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return each device's lines for the credential `name`, and what the change was made of.

    Raises:
        DeniedError: the actor may not write credentials of the whole province.
        InvalidInputError: no such credential, or one that cannot be written into a configuration;
            a device whose platform has no such lines, which has this login already, or which is
            reached another way as the same user with another password.
    """
    require_province(actor)
    try:
        new = secrets.get(session, name)
    except NotFoundError as error:
        problem = Problem(WHERE, "credential", name, "there is no such credential", error.fix)
        raise InvalidInputError([problem]) from error
    problems = [*_unfit(new)] or [
        problem for device in devices for problem in _beyond(session, device, new)
    ]
    if problems:
        raise InvalidInputError(problems)
    given = {"name": new.username, "value": new.reveal("password")}
    texts = {
        device.name: f"{platforms.get(device.platform).set_lines(SETTING, given)}\n"
        for device in devices
    }
    before = {str(device.id): device.credentials[_transport(device)] for device in devices}
    users = {number: secrets.get(session, held).username for number, held in before.items()}
    left = {number: user for number, user in users.items() if user != new.username}
    return texts, {"credential": name, "before": before, "left": left}


def require_province(actor: Actor) -> None:
    """Return where the actor may handle logins of every unit; raises DeniedError."""
    # The secret goes to the devices named, and a credential opens devices of any unit.
    if actor.acting(Permission.CREDENTIAL_WRITE).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not handle credentials of the whole province",
            fix="Ask somebody whose role reaches the whole province.",
        )


def credential_of(change: Change, device_id: int, *, is_back: bool) -> str | None:
    """Return with which credential a push must be proven; None where the device's own does."""
    if change.intent != Intent.ROTATION:
        return None
    origin = change.origin
    found: str = origin["before"][str(device_id)] if is_back else origin["credential"]
    return found


def shown_origin(change: Change) -> dict[str, Any]:
    """Return what a change was made of, as anybody who sees it may read it.

    The name a login is stored under is nobody's to read.
    """
    return {} if change.intent == Intent.ROTATION else change.origin


def give(session: WriteSession, device_id: int, name: str) -> None:
    """Let the device be opened with the credential `name` from now on, wherever the old one was."""
    device = session.get_one(Device, device_id, with_for_update=True)
    old = device.credentials.get(platforms.get(device.platform).drivers.transport)
    if old == name:
        return
    device.credentials = {
        use: name if held == old else held for use, held in device.credentials.items()
    }
    session.flush()
    detail = {"from": old, "to": name}
    subject = f"device/{device.device_key}"
    audit.record(session, Actor.system("push"), "inventory.credential", subject, detail)
    events.publish(session, CHANGED, device.device_key, {"devices": [device.name]})


def _unfit(new: Credential) -> Iterator[Problem]:
    fix = "Give a credential of kind ssh with a username and a password of printable characters."
    if new.kind != "ssh" or not new.has("password") or new.has("private_key"):
        yield Problem(WHERE, "credential", new.name, "is no user with a password alone", fix)
        return
    for value in (new.username, new.reveal("password")):
        if not value.isascii() or not value.isprintable() or any(map(str.isspace, value)):
            message = "holds a blank or a character that a command line may not take"
            yield Problem(WHERE, "credential", new.name, message, fix)
            return


def _beyond(session: AnySession, device: DeviceRow, new: Credential) -> Iterator[Problem]:
    platform = platforms.get(device.platform)
    if platform.settings.get(SETTING) is None:
        message = f"hatang knows no lines that give {device.platform} a login"
        fix = "Leave it out, and change its login with a playbook."
        yield Problem(WHERE, "devices", device.name, message, fix)
        return
    held = device.credentials.get(platform.drivers.transport)
    if held is None:
        fix = f"Give it credentials.{platform.drivers.transport} first."
        yield Problem(WHERE, "devices", device.name, "is opened with no credential now", fix)
    elif _is_stuck(session, platform, held, new):
        yield no_way_to_remove(WHERE, device.name, device.platform)
    elif held == new.name or _is_same(secrets.get(session, held), new):
        message = f"is opened with {held} now, which is the same login"
        fix = "Name a credential with another password."
        yield Problem(WHERE, "devices", device.name, message, fix)
    else:
        yield from _locked_out(session, device, held, new)


def no_way_to_remove(where: str, device: str, platform: str) -> Problem:
    """Return that a user who was added could not be taken away again."""
    message = f"hatang knows no lines that take a user away from {platform}"
    fix = "Name a credential of the user it is opened as now: only the password changes."
    return Problem(where, "devices", device, message, fix)


def _is_stuck(session: AnySession, platform: Platform, held: str, new: Credential) -> bool:
    """Whether the old user would stay for good."""
    is_other = secrets.get(session, held).username != new.username
    return is_other and platform.settings.get(REMOVES) is None


def _locked_out(
    session: AnySession, device: DeviceRow, held: str, new: Credential
) -> Iterator[Problem]:
    """Yield the other ways to the device that its user's new password would close."""
    for use, name in sorted(device.credentials.items()):
        if name in (held, new.name):
            continue
        try:
            other = secrets.get(session, name)
        except NotFoundError:
            continue  # it opens nothing now
        if other.kind != "ssh" or other.username != new.username or _is_same(other, new):
            continue
        message = f"is opened by {use} as the same user, with {name}"
        fix = f"Give credentials.{use} the name {held} as well, and both go on together."
        yield Problem(WHERE, "devices", device.name, message, fix)


def _is_same(old: Credential, new: Credential) -> bool:
    if old.username != new.username or not old.has("password"):
        return False
    return old.reveal("password") == new.reveal("password")


def _transport(device: DeviceRow) -> str:
    return platforms.get(device.platform).drivers.transport
