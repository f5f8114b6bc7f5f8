"""What the vault keeps of a configuration, worked out before any transaction begins.

Patterns over megabytes take seconds: inside a transaction they would keep all others from writing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playbooks.access import Access
    from playbooks.vault.collection import Collected

_REMARKS: Final = ("!", "#", "Using ", "Current configuration", "Building configuration")


@dataclass(frozen=True, slots=True, repr=False)
class Ready:
    """A configuration with what is kept of it.

    `stable` is its redacted text and `plain` its full text, both without volatile lines;
    `alike` is the version from which it differs in states of the device alone, where there is one.
    """

    collected: Collected
    stable: str
    plain: str
    alike: int | None
    digest: str
    line_count: int
    is_saved: bool | None


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """A version the vault has, with its full text."""

    id: int
    text: str


def ready(access: Access, collected: Collected, last: Known | None = None) -> Ready:
    """Return `collected` as the vault keeps it beside the `last` version; 16 MiB take 3 s."""
    platform = access.platform
    stable = platform.without_volatile(platform.redact(collected.text))
    plain = platform.without_volatile(collected.text)
    return Ready(
        collected=collected,
        stable=stable,
        plain=plain,
        alike=last.id if last is not None and _is_configured_alike(access, last, plain) else None,
        digest=hashlib.sha256(stable.encode()).hexdigest(),
        line_count=len(stable.splitlines()),
        is_saved=_is_saved(access, collected),
    )


def _is_configured_alike(access: Access, last: Known, plain: str) -> bool:
    """Tell whether at most states of the device differ from its last version."""
    platform = access.platform
    if not platform.states:
        return False
    before = platform.without_volatile(last.text)
    return platform.without_states(before) == platform.without_states(plain)


def _is_saved(access: Access, collected: Collected) -> bool | None:
    """Tell whether what runs was saved, whatever remarks a device puts around either."""
    if collected.startup is None:
        return None
    running, startup = (
        [
            line.strip()
            for line in access.platform.without_volatile(text).splitlines()
            if line.strip() and not line.lstrip().startswith(_REMARKS)
        ]
        for text in (collected.text, collected.startup)
    )
    return running == startup
