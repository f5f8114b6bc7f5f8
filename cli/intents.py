"""Opens a change from what the inbox wants fixed: the lines come from the platform's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.errors import ConflictError
from inventory import platforms
from inventory import service as inventory
from playbooks.changes import Draft, create
from playbooks.choices import Intent

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import WriteSession
    from hatang.gates import Intent as Wanted


class ChangeFromIntent:
    """The change gate over change sets."""

    def open(self, session: WriteSession, actor: Actor, intent: Wanted) -> str:
        """Return the key of the draft that was opened; a person plans and submits it.

        Raises:
            ConflictError: the platform's data does not say how this field is set.
        """
        given = intent.arguments
        device = inventory.get_device(session, actor, given["device"])
        lines = platforms.get(device.platform).set_lines(given["field"], given)
        if lines is None:
            raise ConflictError(
                f"hatang does not know how {device.platform} sets {given['field']}",
                fix="Draft the change yourself, or accept what was seen.",
            )
        reason = f"{intent.reason} ({intent.origin})"
        draft = Draft(
            intent.title,
            reason,
            {device.name: lines},
            intent=Intent.REMEDIATION,
            origin={"origin": intent.origin},
        )
        number = create(session, actor, draft)
        return f"change/{number}"
