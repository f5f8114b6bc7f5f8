"""A sign-in as a person makes it: page after page, with a stored login, to the end.

Hosts are only those the steps name: a redirect elsewhere ends the journey. Values of the login
go into forms and nowhere else; what is told of a failure is the step's name and the status.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode, urlsplit

import re2
from pydantic import BaseModel, ConfigDict, Field

from hatang import clock
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.http import Pattern
from monitors.probes.login import login
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.web import Page, Request, fetch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.probes.aim import Aim
    from monitors.probes.login import Login
    from monitors.probes.result import Means

_MAX_REDIRECTS: Final = 10
_PASSWORD: Final = "{password}"  # noqa: S105 - a placeholder
_BRACES: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9_]*)\}")
Url = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2000)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]


class Step(BaseModel):
    """One page: `get` or `post` with `form`, whose values may hold {username}, {password} and
    what an earlier step's `capture` found; `contains` must be in the text."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1, max_length=60)]
    get: Url | None = None
    post: Url | None = None
    form: dict[str, Annotated[str, Field(max_length=1000)]] = Field(default_factory=dict)
    contains: Pattern | None = None
    capture: dict[Name, Pattern] = Field(default_factory=dict)

    @property
    def url(self) -> str:
        """Return the address of the step."""
        return self.post or self.get or ""


class JourneyOptions(Options):
    """The steps in their order, and the stored login whose values the forms may hold."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=12)]
    credential: Annotated[str, Field(max_length=100)] = ""


@dataclass(slots=True)
class _Traveller:
    aim: Aim
    means: Means
    hosts: frozenset[str]
    values: dict[str, str] = field(default_factory=dict, repr=False)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    async def walk(self, step: Step) -> str:
        """Make the step and return what is wrong with it; nothing is told of what was sent."""
        page = await self._page(step)
        if page is None:
            return "leads to another host"
        if page.status >= 400:
            return f"status {page.status}"
        if step.contains is not None and re2.search(step.contains, page.text) is None:
            return "does not show what it should"
        for name, pattern in step.capture.items():
            found = re2.search(pattern, page.text)
            if found is None or not found.groups():
                return f"shows no {name}"
            self.values[name] = html.unescape(found.group(1))
        return ""

    async def _page(self, step: Step) -> Page | None:
        method, url = ("POST" if step.post else "GET"), step.url
        body = urlencode({k: filled(v, self.values) for k, v in step.form.items()}).encode()
        is_secret = any(_PASSWORD in value for value in step.form.values())
        for _ in range(_MAX_REDIRECTS):
            parts = urlsplit(url)
            if parts.hostname not in self.hosts:
                return None
            if is_secret and body and parts.scheme != "https" and not self.aim.allow_local:
                raise DriverError(
                    f"step {step.name}: would send the password in the clear",
                    Reason.REJECTED,
                    fix="Give the step an https address.",
                )
            page = await self._fetch(method, url, body)
            following = page.redirect(url)
            if following is None:
                return page
            # RFC 9110, 15.4: 307 and 308 keep the method, all others go on with GET.
            if page.status not in {307, 308}:
                method, body = "GET", b""
            url = following
        return None

    async def _fetch(self, method: str, url: str, body: bytes) -> Page:
        at = await self.aim.other(url)
        jar = self.cookies.setdefault(at.host, {})
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())} if jar else {}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        page = await fetch(at, self.means, Request(method, headers=headers, body=body))
        for line in page.cookies:
            _keep(jar, line)
        return page


async def ask(aim: Aim, means: Means, options: JourneyOptions) -> Answer:
    """Answer when every step shows what it should; the first that does not is named."""
    stored = await login(means, options.credential) if options.credential else None
    hosts = frozenset(urlsplit(step.url).hostname or "" for step in options.steps)
    traveller = _Traveller(aim, means, hosts, _of(stored))
    values: dict[str, float] = {}
    for number, step in enumerate(options.steps, 1):
        started = clock.monotonic()
        fault = await traveller.walk(step)
        values[f'hatang_probe_step_duration_seconds{{step="{number}"}}'] = (
            clock.monotonic() - started
        )
        if fault:
            return Answer(Cause.STEP_FAILED, values, f"step {number} ({step.name}): {fault}")
    return Answer(Cause.ANSWERED, values, f"{len(options.steps)} steps")


def _of(stored: Login | None) -> dict[str, str]:
    if stored is None:
        return {}
    return {"username": stored.username, "password": stored.password}


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with {name} replaced where the name is known; other braces stay."""
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def _keep(jar: dict[str, str], line: str) -> None:
    found: SimpleCookie = SimpleCookie()
    try:
        found.load(line)
    except CookieError:
        return
    for name, morsel in found.items():
        if morsel["max-age"] == "0" or not morsel.value:
            jar.pop(name, None)
        else:
            jar[name] = morsel.value


PROBE: Final = Probe(ask, ("journey",), JourneyOptions, aims_itself=True)
