"""The form of a platform file; an unknown key or a pattern that does not compile is an error."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from inventory.choices import Safety

if TYPE_CHECKING:
    from collections.abc import Mapping

REDACTED: Final = "<redacted>"
# What stands before a configuration line: the sign of a difference, `show run linenum`'s number,
# or the word that takes the line out.
_TAKEN_OUT: Final = r"[ \t]*(?:(?:no|undo|default|unset|delete)[ \t]+)+"
_MARKED: Final = re.compile(
    rf"^(?P<mark>(?:[-+]+|[ \t]*\d+ ?:)(?:{_TAKEN_OUT})?|{_TAKEN_OUT})(?P<rest>.+)$", re.MULTILINE
)


_EVERY_AGENT: Final = ("system", "if_mib", "lldp")


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


@cache
def linear(pattern: str) -> Any:
    """Return `pattern` compiled so that its time is linear in the text (RE2)."""
    options = re2.Options()
    options.log_errors = False  # a wrong pattern is our error to report
    return re2.compile(f"(?m){pattern}", options)


def _check_linear(text: str) -> str:
    try:
        linear(text)
    except re2.error as error:
        raise ValueError(f"is no linear-time regular expression (RE2): {error}") from error
    return text


def _check_fact(text: str) -> str:
    if linear(_check_linear(text)).groups != 1:
        raise ValueError("must have exactly one group: what stands in it is the fact")
    return text


def _check_setting(text: str) -> str:
    try:
        text.format(value="", interface="", name="")
    except (LookupError, ValueError) as error:
        raise ValueError("may hold {value}, {interface} and {name} only") from error
    return text


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_check_pattern)]
LinearPattern = Annotated[str, Field(min_length=1), AfterValidator(_check_linear)]
FactPattern = Annotated[str, Field(min_length=1), AfterValidator(_check_fact)]
SecretPattern = Annotated[str, Field(min_length=1), AfterValidator(_check_secret)]
SettingLines = Annotated[str, Field(min_length=1), AfterValidator(_check_setting)]
Oid = Annotated[str, Field(pattern=r"^[0-2](\.\d+){2,}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Column = Annotated[str, Field(pattern=r"^(?:[=@\w-]|\.\.)[\w@./|-]*$")]
Score = tuple[int, int, int]
"""How specific a match is; the greatest one wins."""


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

    `sys_object_id` is a prefix in whole arcs, `sys_descr` is searched for (RFC 3418, system group)
    in linear time, because devices choose the text it is searched in.
    """

    sys_object_id: Oid | None = None
    sys_descr: LinearPattern | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if self.sys_object_id is None and self.sys_descr is None:
            raise ValueError("a rule without condition recognises everything")
        return self

    def score(self, sys_object_id: str, sys_descr: str) -> Score | None:
        """Return how specific the match is, or None when there is none.

        A text outranks an OID, a longer OID a shorter one, a longer matched text a shorter one.
        """
        arcs = 0
        if self.sys_object_id is not None:
            if not f"{sys_object_id}.".startswith(f"{self.sys_object_id}."):
                return None
            arcs = self.sys_object_id.count(".") + 1
        if self.sys_descr is None:
            return (0, arcs, 0)
        found = linear(self.sys_descr).search(sys_descr)
        return None if found is None else (1, arcs, found.end() - found.start())


class Facts(Part):
    """What the system description says beside the platform; absent where it does not."""

    version: FactPattern | None = None
    hardware: FactPattern | None = None
    serial: FactPattern | None = None

    def read(self, sys_descr: str) -> dict[str, str]:
        """Return the facts that stand in `sys_descr`, by name."""
        patterns = {name: pattern for name, pattern in self if pattern is not None}
        found = {name: linear(pattern).search(sys_descr) for name, pattern in patterns.items()}
        return {name: match[1].strip() for name, match in found.items() if match and match[1]}


class Transport(StrEnum):
    """Which of a device's ports a change goes through; the key of its `ports`."""

    SSH = "ssh"
    HTTPS = "https"


class Drivers(Part):
    """Names under which the libraries know the platform; absent where they do not.

    `napalm` may also name a driver of our own (`playbooks.drivers`); `transport` is what it uses.
    `getters` is NAPALM's driver that reads over SSH alone. `ansible` is what Ansible calls
    `ansible_network_os`.
    """

    napalm: str | None = None
    getters: str | None = None
    netmiko: str | None = None
    ansible: str | None = None
    transport: Transport = Field(default=Transport.SSH, strict=False)


class Answer(Part):
    """A command that tells facts, and the column of its parsed output in which each stands.

    The names are those of discovery's facts, the columns ntc-templates' of this platform. With
    `rows` the command prints JSON: they stand at this path, and columns are paths below each
    (`inventory.discovery.tables`). With `says` they are what these patterns find in the text; with
    `each` too, once in every piece that begins with a line that pattern matches. A column `=text`
    is that text; the length `=host` is the whole address.
    """

    command: str
    rows: str = ""
    each: LinearPattern | None = None
    says: dict[Name, FactPattern] = Field(default_factory=dict)
    device: dict[Name, Column] = Field(default_factory=dict)
    ports: dict[Name, Column] = Field(default_factory=dict)
    addresses: dict[Name, Column] = Field(default_factory=dict)
    neighbours: dict[Name, Column] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells it from another answer in the output of the same command."""
        return " ".join((self.command, self.rows, *self.says)).rstrip()


class Commands(Part):
    """What to type; absent where the platform has no such thing.

    `script` names a file beside the platform's whose lines a POSIX shell runs: what it prints
    stands for a configuration where the platform has no single one.
    """

    version: str | None = None
    running_config: str | None = None
    script: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.sh$")] | None = None
    startup_config: str | None = None
    save_config: str | None = None
    no_paging: str | None = None


class Managed(Part):
    """A file of a server that changes may set, and the commands that make it hold.

    A POSIX shell runs each as root. `check` fails where the file `$1` cannot hold and says why;
    `runs` prints how what runs differs from `$1`, `-` or `+` before each line, and fails where that
    cannot be told. `keep` prints how things run that `$1` would change, `apply` makes them as `$1`
    says, and `back` as `$1` says that `keep` printed.
    """

    path: Annotated[str, Field(pattern=r"^/etc/[\w./-]+$")]
    check: str
    runs: str
    keep: str
    apply: str
    back: str


class Clock(Part):
    """How a device's own clock is read from what `command` prints.

    `says` find its parts in groups called `date`, `time` and `zone`, the first pattern with a part
    counting; `forms` are strptime's of date and time with one space between. `zones` find, there
    and in the configuration, what a zone is worth that the device names as it likes: the group
    `offset`, for the zone of the group `zone` or, without that group, for the device.
    `at_shell` where it is asked below the command line, which knows no clock.
    """

    command: str
    says: tuple[LinearPattern, ...] = Field(min_length=1, strict=False)
    forms: tuple[str, ...] = Field(min_length=1, strict=False)
    zones: LinearPattern | None = None
    at_shell: bool = False

    @model_validator(mode="after")
    def _tells_time(self) -> Clock:
        named = {name for pattern in self.says for name in linear(pattern).groupindex}
        if named - {"zone"} != {"date", "time"}:
            raise ValueError("must find a `date` and a `time`, and may find a `zone`")
        if self.zones is not None and "offset" not in linear(self.zones).groupindex:
            raise ValueError("`zones` must find an `offset`")
        return self


class Platform(Part):
    """All that is known of one operating system, as data.

    `settings` say with which lines a field of the inventory is set: `{value}` is what is intended,
    `{interface}` the port. `login` among them gives the user `{name}` the password `{value}`,
    `no_login` takes the user away; `administrators` finds those who may do everything, each once.
    `volatile` lines change without anybody changing the configuration. `states` head sections of
    what a script prints that say how the device is at the moment: they are kept and judged, and
    another answer in them is no change of the configuration. A section ends at the next `# `.
    `configured_by` finds who changed it in the log line that says it was changed.
    `safety_needs` says what must be configured before the device-side dead-man can be relied on.
    """

    name: Name
    title: str
    manufacturer: str | None = None
    recognise: tuple[Rule, ...] = Field(min_length=1, strict=False)
    facts: Facts = Facts()
    drivers: Drivers = Drivers()
    shell: Shell = Field(strict=False)
    commands: Commands = Commands()
    managed: tuple[Managed, ...] = Field(default=(), strict=False)
    clock: Clock | None = None
    tells: tuple[Answer, ...] = Field(default=(), strict=False)
    settings: dict[Name, SettingLines] = Field(default_factory=dict)
    administrators: FactPattern | None = None
    secrets: tuple[SecretPattern, ...] = Field(default=(), strict=False)
    volatile: tuple[Pattern, ...] = Field(default=(), strict=False)
    states: tuple[Pattern, ...] = Field(default=(), strict=False)
    configured_by: FactPattern | None = None
    snmp_modules: tuple[Name, ...] = Field(default=(), strict=False)
    safety: Safety = Field(strict=False)
    safety_needs: str | None = None

    @property
    def is_backed_up(self) -> bool:
        """Whether its configuration can be fetched: by a driver, its command line, or a script."""
        by_command = self.drivers.netmiko is not None and self.commands.running_config is not None
        return self.drivers.napalm is not None or by_command or self.commands.script is not None

    def author(self, line: str) -> str:
        """Return who configured the device, by its own log line; empty when it names nobody."""
        found = linear(self.configured_by).search(line) if self.configured_by else None
        return found[1] if found else ""

    def administrators_in(self, text: str) -> set[str]:
        """Return which users of a configuration may do everything; none where nobody knows."""
        found = linear(self.administrators) if self.administrators else None
        return set() if found is None else {one[1] for one in found.finditer(text)}

    def redact(self, text: str) -> str:
        """Return `text` with every known secret replaced; what no pattern knows stays.

        The lines of a difference, those that stand behind a number and those that take something
        out are looked at without that.
        """
        text = self._hidden(text)
        return _MARKED.sub(lambda line: line["mark"] + self._hidden(line["rest"]), text)

    def set_lines(self, name: str, given: Mapping[str, str]) -> str | None:
        """Return the lines that set the field `name`, or None where nobody wrote them down.

        Raises:
            ValueError: a value holds a control character, which would begin a line of its own.
        """
        template = self.settings.get(name)
        if template is None:
            return None
        values = {one: given.get(one, "") for one in ("value", "interface", "name")}
        if not all(value.isprintable() for value in values.values()):
            raise ValueError(f"a value for {name} holds control characters")
        return template.format(**values)

    def _hidden(self, text: str) -> str:
        for pattern in self.secrets:
            text = re.sub(pattern, _hide, text, flags=re.MULTILINE)
        return text

    def without_volatile(self, text: str) -> str:
        """Return `text` without the lines that change by themselves."""
        known = [re.compile(pattern) for pattern in self.volatile]
        lines = text.splitlines(keepends=True)
        return "".join(line for line in lines if not any(one.search(line) for one in known))

    def without_states(self, text: str) -> str:
        """Return `text` without the sections that say how the device is at the moment."""
        known = [re.compile(pattern) for pattern in self.states]
        kept, is_state = [], False
        for line in text.splitlines(keepends=True):
            if line.startswith("# "):
                is_state = any(one.search(line) for one in known)
            if not is_state:
                kept.append(line)
        return "".join(kept)


class Recognition(Part):
    """A platform of which only the marks are known: what it is called and how it names itself."""

    title: str
    manufacturer: str
    recognise: tuple[Rule, ...] = Field(min_length=1, strict=False)
    facts: Facts = Facts()

    def platform(self, name: str) -> Platform:
        """Return it as a platform without driver, commands or provable safety."""
        return Platform(
            name=name,
            title=self.title,
            manufacturer=self.manufacturer,
            recognise=self.recognise,
            facts=self.facts,
            shell=Shell.NONE,
            snmp_modules=_EVERY_AGENT,
            safety=Safety.NONE,
        )


def _hide(match: re.Match[str]) -> str:
    start, end = match.span("secret")
    whole = match.group(0)
    return whole[: start - match.start()] + REDACTED + whole[end - match.start() :]
