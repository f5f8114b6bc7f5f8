"""The form of a platform file; an unknown key or a pattern that does not compile is an error."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from inventory.choices import Safety

REDACTED: Final = "<redacted>"
# What devices put before a configuration line: the sign of a difference, or `show run linenum`'s.
_MARKED: Final = re.compile(r"^(?P<mark>[-+]+|[ \t]*\d+ ?:)(?P<rest>.+)$", re.MULTILINE)


def _check_pattern(text: str) -> str:
    try:
        re.compile(text, re.MULTILINE)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return text


def _check_secret(text: str) -> str:
    if "secret" not in re.compile(_check_pattern(text), re.MULTILINE).groupindex:
        raise ValueError("names no group `secret`, so nothing would be redacted")
    return text


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_check_pattern)]
SecretPattern = Annotated[str, Field(min_length=1), AfterValidator(_check_secret)]
Oid = Annotated[str, Field(pattern=r"^[0-2](\.\d+){2,}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Part(BaseModel):
    """A piece of a platform file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Shell(StrEnum):
    """What answers after the SSH login."""

    CLI = "cli"
    VTYSH = "vtysh"
    POSIX = "posix"
    ROUTEROS = "routeros"
    NONE = "none"


class Rule(Part):
    """One way to recognise a platform: all that is given must match.

    `sys_object_id` is a prefix in whole arcs, `sys_descr` is searched for (RFC 3418, system group).
    """

    sys_object_id: Oid | None = None
    sys_descr: Pattern | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if self.sys_object_id is None and self.sys_descr is None:
            raise ValueError("a rule without condition recognises everything")
        return self

    def score(self, sys_object_id: str, sys_descr: str) -> tuple[int, int] | None:
        """Return how specific the match is, or None when there is none; a text outranks an OID."""
        arcs = 0
        if self.sys_object_id is not None:
            if not f"{sys_object_id}.".startswith(f"{self.sys_object_id}."):
                return None
            arcs = self.sys_object_id.count(".") + 1
        if self.sys_descr is None:
            return (0, arcs)
        return (1, arcs) if re.search(self.sys_descr, sys_descr, re.MULTILINE) else None


class Transport(StrEnum):
    """Which of a device's ports a change goes through; the key of its `ports`."""

    SSH = "ssh"
    HTTPS = "https"


class Drivers(Part):
    """Names under which the libraries know the platform; absent where they do not.

    `napalm` may also name a driver of our own (`playbooks.drivers`); `transport` is what it uses.
    """

    napalm: str | None = None
    netmiko: str | None = None
    transport: Transport = Field(default=Transport.SSH, strict=False)


class Commands(Part):
    """What to type; absent where the platform has no such thing."""

    version: str | None = None
    running_config: str | None = None
    startup_config: str | None = None
    save_config: str | None = None
    no_paging: str | None = None


class Platform(Part):
    """All that is known of one operating system, as data.

    `volatile` lines change without anybody changing the configuration. `safety_needs` says what
    must be configured before the device-side dead-man can be relied on.
    """

    name: Name
    title: str
    manufacturer: str | None = None
    recognise: tuple[Rule, ...] = Field(min_length=1, strict=False)
    drivers: Drivers = Drivers()
    shell: Shell = Field(strict=False)
    commands: Commands = Commands()
    secrets: tuple[SecretPattern, ...] = Field(default=(), strict=False)
    volatile: tuple[Pattern, ...] = Field(default=(), strict=False)
    snmp_modules: tuple[Name, ...] = Field(default=(), strict=False)
    safety: Safety = Field(strict=False)
    safety_needs: str | None = None

    def redact(self, text: str) -> str:
        """Return `text` with every known secret replaced; what no pattern knows stays.

        The lines of a difference, and those that stand behind a number, are looked at without it.
        """
        text = self._hidden(text)
        return _MARKED.sub(lambda line: line["mark"] + self._hidden(line["rest"]), text)

    def _hidden(self, text: str) -> str:
        for pattern in self.secrets:
            text = re.sub(pattern, _hide, text, flags=re.MULTILINE)
        return text

    def without_volatile(self, text: str) -> str:
        """Return `text` without the lines that change by themselves."""
        known = [re.compile(pattern) for pattern in self.volatile]
        lines = text.splitlines(keepends=True)
        return "".join(line for line in lines if not any(one.search(line) for one in known))


def _hide(match: re.Match[str]) -> str:
    start, end = match.span("secret")
    whole = match.group(0)
    return whole[: start - match.start()] + REDACTED + whole[end - match.start() :]
