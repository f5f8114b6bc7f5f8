"""Which probe a service of the inventory gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitors.targets import ServiceTarget

if TYPE_CHECKING:
    from collections.abc import Mapping

BY_SCHEME: Final[Mapping[str, str]] = {
    "http": "http",
    "https": "http",
    "dns": "dns",
    "sip": "sip_options",
    "smtp": "smtp",
    "tcp": "tcp",
    "ping": "ping",
}
# What a service without an address of its own is asked, by kind, on the devices it runs on.
BY_KIND: Final[Mapping[str, str]] = {
    "web": "https://{address}/",
    "dns": "dns://{address}/",
    "mail": "smtp://{address}",
    "sip": "sip:{address}",
}


def targets(
    code: str, kind: str, url: str | None, addresses: list[str], scope_id: int | None
) -> list[ServiceTarget]:
    """Return the probes of a service: of its `url`, else of its kind on the first address.

    None when neither says how to ask: such a service stays unknown, it is not assumed to work.
    """
    pattern = BY_KIND.get(kind)
    if not url and pattern and addresses:
        url = pattern.format(address=addresses[0])
    probe = BY_SCHEME.get((url or "").partition(":")[0].lower())
    return [ServiceTarget(code, probe, url, scope_id)] if url and probe else []
