"""What devices lack by the vault to be as intended; a proposal, never more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang import blobs
from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory import platforms
from playbooks import vault
from playbooks.models import ConfigVersion
from playbooks.remediation import remediation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import DeviceRow


def proposals(
    session: AnySession,
    actor: Actor,
    devices: Sequence[DeviceRow],
    wanted: Mapping[str, str],
    *,
    is_whole: bool,
) -> tuple[dict[str, str], dict[str, int]]:
    """Return the lines each device lacks to be as `wanted`, and the version compared with.

    Devices that are as intended are left out of the lines.

    Raises:
        InvalidInputError: every device of which the vault holds nothing or whose way to the
            intended text is not known for certain.
        DeniedError: the actor may not read the vault.
    """
    lines: dict[str, str] = {}
    versions: dict[str, int] = {}
    problems = []
    for device in devices:
        try:
            version = vault.latest(session, actor, device.id)
        except NotFoundError as error:
            fix = error.fix or "Collect it first."
            problems.append(Problem("change", "intended", device.name, error.message, fix))
            continue
        platform = platforms.get(device.platform)
        raw = blobs.get(session, session.get_one(ConfigVersion, version.id).raw).decode()
        running = platform.without_volatile(raw)
        found = remediation(platform.name, running, wanted[device.name], is_whole=is_whole)
        if found is None:
            message = f"no certain way to the intended text is known on {platform.name}"
            fix = "Leave it out, or write the lines yourself."
            problems.append(Problem("change", "intended", device.name, message, fix))
        elif found:
            lines[device.name] = found
        versions[device.name] = version.id
    if problems:
        raise InvalidInputError(problems)
    return lines, versions
