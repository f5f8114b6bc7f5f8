"""Nornir's inventory plugin `HatangInventory`: devices from hatang's API.

Used where Nornir runs, so it reads nothing of hatang but its HTTP answers and its platform data.
Needs the extra `hatang[nornir]`.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nornir.core.inventory import (
    ConnectionOptions,
    Defaults,
    Group,
    Groups,
    Host,
    Hosts,
    Inventory,
    ParentGroups,
)

from hatang.drivers.addresses import AddressRule
from hatang.drivers.http import HttpOptions, open_http
from hatang.drivers.tls import TlsTrust
from hatang.errors import DriverError, InvalidInputError, Problem, Reason
from inventory import platforms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

_PAGE: Final = 500
_ANYWHERE: Final = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
# Data of a device by which Nornir groups it; the group is called `role_hub` and the like.
_GROUPED: Final = ("site", "unit", "role", "platform", "status")


class HatangInventory:
    """Reads every device that the token's owner sees.

    `url` and `token_file` (mode 0600) fall back to HATANG_REMOTE_URL and HATANG_REMOTE_TOKEN_FILE,
    `ca_file` to HATANG_REMOTE_CA_FILE; the token may also stand in HATANG_REMOTE_TOKEN.
    """

    def __init__(self, url: str = "", token_file: str = "", ca_file: str = "") -> None:
        self._url = (url or os.environ.get("HATANG_REMOTE_URL", "")).rstrip("/")
        self._token_file = token_file or os.environ.get("HATANG_REMOTE_TOKEN_FILE", "")
        self._ca_file = ca_file or os.environ.get("HATANG_REMOTE_CA_FILE", "")

    def load(self) -> Inventory:
        """Return hosts with their groups, ports, and what libraries call their platforms.

        Raises:
            InvalidInputError: no URL or token, or others can read the token's file.
            DriverError: hatang cannot be reached or proven, or refuses the token.
        """
        defaults, groups, hosts = Defaults(), Groups(), Hosts()
        with open_http(self._url, self._options()) as client:
            for device in _devices(client, _token(self._token_file)):
                hosts[device["name"]] = _host(device, groups, defaults)
        return Inventory(hosts=hosts, groups=groups, defaults=defaults)

    def _options(self) -> HttpOptions:
        if not self._url:
            raise InvalidInputError([_problem("url", "is missing", "Set HATANG_REMOTE_URL.")])
        trust = TlsTrust(ca_file=Path(self._ca_file) if self._ca_file else None)
        # Where hatang is says the person who runs Nornir, so no address is refused.
        rule = AddressRule(allowed=_ANYWHERE)
        local = self._url.startswith(("http://127.", "http://[::1]", "http://localhost"))
        return HttpOptions(trust, rule, 60.0, clear_text="this machine" if local else "")


def _token(path: str) -> str:
    if not path:
        found = os.environ.get("HATANG_REMOTE_TOKEN", "").strip()
        if not found:
            fix = "Set HATANG_REMOTE_TOKEN_FILE: `hatang token create` prints a token."
            raise InvalidInputError([_problem("token_file", "is missing", fix)])
        return found
    file = Path(path)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise InvalidInputError(
            [_problem("token_file", f"{path} can be read by others", f"chmod 600 {path}")]
        )
    return file.read_text(encoding="utf-8").strip()


def _problem(name: str, message: str, fix: str) -> Problem:
    return Problem("HatangInventory", name, "", message, fix)


def _devices(client: httpx.Client, token: str) -> Iterator[Mapping[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"}
    seen, total = 0, 1
    while seen < total:
        window: dict[str, str | int] = {"limit": _PAGE, "offset": seen, "sort": "name"}
        answer = client.get("/api/v1/devices", params=window, headers=headers)
        if answer.status_code != 200:
            raise DriverError(f"hatang answers {answer.status_code}", Reason.AUTH_FAILED)
        page = answer.json()
        if not page["items"]:
            return
        yield from page["items"]
        seen, total = seen + len(page["items"]), page["total"]


def _host(device: Mapping[str, Any], groups: Groups, defaults: Defaults) -> Host:
    names = [f"{field}_{device[field]}" for field in _GROUPED]
    for name in names:
        groups.setdefault(name, Group(name=name, defaults=defaults))
    drivers = platforms.drivers(device["platform"])
    known = {"netmiko": drivers.netmiko, "napalm": drivers.napalm}
    return Host(
        name=device["name"],
        hostname=device["primary_ip4"] or device["name"],
        port=device["ports"].get("ssh", 22),
        platform=device["platform"],
        groups=ParentGroups([groups[name] for name in names]),
        data=dict(device),
        connection_options={
            name: ConnectionOptions(platform=platform)
            for name, platform in known.items()
            if platform
        },
        defaults=defaults,
    )
