"""Asks a NetBox for everything that is imported, with pynetbox over hatang's own HTTP rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pynetbox
import requests
from pynetbox.core.query import Request
from requests.adapters import BaseAdapter

from hatang import clock
from hatang.drivers.http import HttpOptions, open_http
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from hatang.secrets import Credential

PAGE: Final = 500
MAX_OBJECTS: Final = 1_000_000
MAX_SECONDS: Final = 1800.0
# Written in the order they are asked; those a NetBox may be too old for come with its version.
ENDPOINTS: Final = (
    "tenancy/tenants", "tenancy/contacts", "tenancy/contact-assignments",
    "dcim/sites", "dcim/locations", "dcim/racks",
    "dcim/manufacturers", "dcim/device-types", "dcim/module-types",
    "dcim/devices", "dcim/modules", "dcim/interfaces", "dcim/cables",
    "virtualization/clusters", "virtualization/virtual-machines",
    "ipam/vrfs", "ipam/vlan-groups", "ipam/vlans", "ipam/prefixes", "ipam/ip-addresses",
    "circuits/providers", "circuits/circuits", "circuits/circuit-terminations",
)  # fmt: skip
# NetBox has these since 2.11 to 3.2 (its release notes).
_YOUNG: Final = {
    "tenancy/contacts", "tenancy/contact-assignments", "dcim/locations", "dcim/module-types",
    "dcim/modules",
}  # fmt: skip

Thing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a NetBox is, and how it proves itself; the token is a stored credential."""

    url: str
    credential: Credential
    options: HttpOptions = field(default_factory=HttpOptions)

    @property
    def host(self) -> str:
        """What problems call it."""
        return urlsplit(self.url).hostname or self.url


@dataclass(slots=True)
class Found:
    """What a NetBox holds, by endpoint; `missing` are endpoints it does not have."""

    host: str
    version: tuple[int, ...] = ()
    things: dict[str, list[Thing]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def of(self, endpoint: str) -> list[Thing]:
        """Return the objects of an endpoint."""
        return self.things.get(endpoint, [])

    def by_id(self, endpoint: str) -> Mapping[int, Thing]:
        """Return the objects of an endpoint by their id."""
        return {thing["id"]: thing for thing in self.of(endpoint)}


def fetch(address: Address) -> Found:
    """Return all that is imported from the NetBox at `address`; reads only.

    Raises:
        DriverError: it cannot be reached or proven, refuses the token, leads elsewhere, answers
            what no NetBox answers, holds more than `MAX_OBJECTS`, or takes too long.
    """
    found = Found(address.host)
    base = f"{address.url.rstrip('/')}/api"
    with open_http(address.url, address.options) as client, requests.Session() as session:
        session.trust_env = False
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(client))
        asking = _Asking(base, session, address.credential.reveal("token"), address.host)
        found.version = asking.version()
        for endpoint in ENDPOINTS:
            things = asking.all(endpoint)
            if things is None:
                found.missing.append(endpoint)
            else:
                found.things[endpoint] = things
    return found


class _Adapter(BaseAdapter):
    """Carries pynetbox's requests through the guarded client: pinned, proven, capped."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self._client = client

    def send(
        self, request: requests.PreparedRequest, *_given: object, **_named: object
    ) -> requests.Response:
        headers = {name: str(value) for name, value in request.headers.items()}
        answer = self._client.request(request.method or "GET", str(request.url), headers=headers)
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(dict(answer.headers))
        response._content = answer.content  # noqa: SLF001 - how adapters of requests fill it
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        """The client is closed by whoever opened it."""


class _Asking:
    """Pages through one NetBox, within limits over all of it."""

    def __init__(self, base: str, session: requests.Session, token: str, host: str) -> None:
        self._base = base
        self._session = session
        self._token = token
        self._host = host
        self._left = MAX_OBJECTS
        self._deadline = clock.monotonic() + MAX_SECONDS

    def version(self) -> tuple[int, ...]:
        """Return what the API calls its version; nothing of a very old one."""
        request = Request(self._base, self._session, token=self._token)
        try:
            text = str(request.get_version())
        except pynetbox.RequestError as error:
            raise self._refused("/api/", error) from error
        return tuple(int(part) for part in text.split(".") if part.isdecimal())

    def all(self, endpoint: str) -> list[Thing] | None:
        """Return every object of `endpoint`, None where this NetBox is too old to have it."""
        found: dict[int, Thing] = {}
        seen, total = 0, 1
        while seen < total:
            if clock.monotonic() > self._deadline:
                raise DriverError(f"{self._host}: did not end in time", Reason.TIMEOUT)
            request = Request(
                f"{self._base}/{endpoint}", self._session, limit=PAGE, offset=seen,
                token=self._token,
            )  # fmt: skip
            try:
                page, total = list(self._page(request)), int(request.count)
            except pynetbox.RequestError as error:
                if endpoint in _YOUNG and error.req.status_code == 404:
                    return None
                raise self._refused(f"/api/{endpoint}/", error) from error
            except _SPOILT as error:
                raise self._strange(endpoint) from error
            found |= {thing["id"]: thing for thing in page}
            seen += len(page)
            if not page and total:
                raise self._strange(endpoint)
            self._left -= len(page)
            if self._left < 0:
                message = f"{self._host}: holds more than {MAX_OBJECTS} objects"
                raise DriverError(message, Reason.PROTOCOL_ERROR)
        if len(found) != total:
            message = f"{self._host}: /api/{endpoint}/ changed while it was read"
            raise DriverError(message, Reason.PROTOCOL_ERROR, fix="Try again.")
        return list(found.values())

    @staticmethod
    def _page(request: Request) -> Iterator[Thing]:
        for thing in request.get():
            if not isinstance(thing, dict) or not isinstance(thing.get("id"), int):
                raise TypeError("no object of NetBox's")
            yield thing

    def _refused(self, path: str, error: pynetbox.RequestError) -> DriverError:
        # What it wrote beside the status stays out: it is not to be trusted with a terminal.
        status = error.req.status_code
        reason = Reason.AUTH_FAILED if status in {401, 403} else Reason.PROTOCOL_ERROR
        fix = "Give the token leave to view it." if status in {401, 403} else ""
        return DriverError(f"{self._host}: {path} answers {status}", reason, fix=fix)

    def _strange(self, endpoint: str) -> DriverError:
        message = f"{self._host}: /api/{endpoint}/ answers what no NetBox does"
        return DriverError(message, Reason.PROTOCOL_ERROR)


_SPOILT: Final = (pynetbox.ContentError, KeyError, TypeError, AttributeError, ValueError)
