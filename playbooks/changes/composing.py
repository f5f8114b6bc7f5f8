"""What a change is made of: lines, a template, what is intended, the vault, another login."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hatang import blobs
from hatang.auth import Permission
from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory import platforms
from inventory.platforms.schema import REDACTED
from playbooks import intended as stored
from playbooks import vault
from playbooks.changes import intended, snippets
from playbooks.changes.planning import DEFAULT_REVERT_SECONDS, Draft
from playbooks.changes.removing import removal
from playbooks.changes.rotating import rotation
from playbooks.changes.rows import PreviewGroup
from playbooks.changes.selecting import NOTHING, Selection, select_devices, values_of
from playbooks.changes.standard import filled
from playbooks.changes.windows import ALWAYS, Window
from playbooks.choices import Intent
from playbooks.models import ConfigVersion
from playbooks.templates import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import DeviceRow
    from playbooks.changes.rollout import Rollout

# What a device prints around its configuration, and which is none.
_AROUND: Final = ("Building configuration", "Current configuration", "Using ", "end")


@dataclass(frozen=True, slots=True)
class Snippet:
    """The same lines for every device, laid into what it runs."""

    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template that each device's inventory data fills in; see `selecting.values_of`.

    Its own `parameters` it reads as `parameters.NAME`.
    """

    text: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intended:
    """A template of how each device is to be; the change is what it lacks by the vault.

    Only the sections it names are compared, or with `is_whole` everything.
    """

    text: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """An intended configuration by its name; the change is what the devices lack by the vault."""

    name: str


@dataclass(frozen=True, slots=True)
class Restore:
    """Versions of the vault by id, each for the device it is of, as its whole configuration."""

    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard change by name, with what is filled in."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A credential by name, which the devices are to be opened with from then on."""

    credential: str


@dataclass(frozen=True, slots=True)
class Removal:
    """The users that the rotation of this number left on its devices, or on those selected."""

    rotation: int


_Laid: TypeAlias = Snippet | Template | Intended | Stored | Standard | Rotation
Source: TypeAlias = _Laid | Restore | Removal


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change as somebody asks for it: what on which devices, when and how it spreads."""

    title: str
    source: Source
    selection: Selection = NOTHING
    reason: str = ""
    revert_seconds: int = DEFAULT_REVERT_SECONDS
    rollout: Rollout | None = None
    window: Window = ALWAYS


@dataclass(frozen=True, slots=True)
class _Made:
    texts: Mapping[str, str]
    intent: Intent
    origin: Mapping[str, Any]
    is_replace: bool = False
    standard_id: int | None = None


def drafted(session: AnySession, actor: Actor, wanted: Wanted) -> Draft:
    """Return the draft for `create`; a template is filled in here, outside any transaction.

    Raises:
        InvalidInputError: everything wrong with it, each with the device, the line and a fix.
        NotFoundError: there is no such version or standard change.
        DeniedError: the actor may not ask for changes, or not read the vault.
    """
    made = _make(session, actor, wanted)
    if not made.texts:
        fix = "There is nothing to do; --dry-run shows the same."
        message = "is already so on every device, by the vault"
        raise InvalidInputError([Problem("change", "intended", "", message, fix)])
    return Draft(
        title=wanted.title,
        reason=wanted.reason,
        texts=made.texts,
        revert_seconds=wanted.revert_seconds,
        rollout=wanted.rollout,
        window=wanted.window,
        intent=made.intent,
        origin=made.origin,
        is_replace=made.is_replace,
        standard_id=made.standard_id,
    )


def preview(session: AnySession, actor: Actor, wanted: Wanted) -> list[PreviewGroup]:
    """Return the lines each device would get, equal ones together; raises as `compose`."""
    made = _make(session, actor, wanted)
    if not made.texts:
        return []
    selection = Selection(names=tuple(made.texts))
    groups: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for device in select_devices(session, actor, selection):
        text = made.texts[device.name]
        problems.extend(snippets.problems(device.name, text))
        groups.setdefault(platforms.get(device.platform).redact(text), []).append(device.name)
    if problems:
        raise InvalidInputError(problems)
    return [PreviewGroup(text, tuple(names)) for text, names in groups.items()]


def _make(session: AnySession, actor: Actor, wanted: Wanted) -> _Made:
    source = wanted.source
    if isinstance(source, Restore):
        return _restored(session, actor, source)
    if isinstance(source, Removal):
        return _removed(session, actor, source, wanted.selection)
    return _laid(session, actor, source, wanted.selection)


def _laid(session: AnySession, actor: Actor, source: _Laid, selection: Selection) -> _Made:
    """Return what lays lines onto the devices selected."""
    devices = select_devices(session, actor, selection)
    match source:
        case Snippet(text):
            return _Made({one.name: text for one in devices}, Intent.SNIPPET, {})
        case Template(text, parameters):
            origin = {"template_sha256": _digest(text), "parameters": _masked(parameters)}
            texts = _rendered(session, devices, text, parameters)
            return _Made(texts, Intent.TEMPLATE, origin)
        case Intended() | Stored():
            return _remedied(session, actor, devices, source)
        case Standard(name, parameters):
            return _standard(session, devices, name, parameters)
        case Rotation(credential):
            lines, known = rotation(session, actor, devices, credential)
            return _Made(lines, Intent.ROTATION, known)


def _removed(session: AnySession, actor: Actor, source: Removal, selection: Selection) -> _Made:
    chosen = [] if selection == NOTHING else select_devices(session, actor, selection)
    names = [one.name for one in chosen]
    lines, known = removal(session, actor, source.rotation, names)
    return _Made(lines, Intent.REMOVAL, known)


def _rendered(
    session: AnySession, devices: Sequence[DeviceRow], text: str, parameters: Mapping[str, Any]
) -> dict[str, str]:
    values = values_of(session, devices)
    for each in values.values():
        each["parameters"] = dict(parameters)
    return render(text, values)


def _remedied(
    session: AnySession, actor: Actor, devices: Sequence[DeviceRow], source: Intended | Stored
) -> _Made:
    origin: dict[str, Any] = {}
    if isinstance(source, Stored):
        origin = {"intended": source.name}
        row = stored.named(session, actor.acting(Permission.CHANGE_REQUEST), source.name)
        content = stored.read(session, row)
        source = Intended(content.template, content.parameters, row.is_whole)
    wanted = _rendered(session, devices, source.text, source.parameters)
    texts, versions = intended.proposals(session, actor, devices, wanted, is_whole=source.is_whole)
    origin |= {
        "template_sha256": _digest(source.text),
        "parameters": _masked(source.parameters),
        "versions": versions,
        "whole": source.is_whole,
    }
    return _Made(texts, Intent.REMEDIATION, origin)


def _standard(
    session: AnySession, devices: Sequence[DeviceRow], name: str, parameters: Mapping[str, Any]
) -> _Made:
    row = filled(session, name, parameters)
    problems = list(_beyond(devices, row.platforms))
    if problems:
        raise InvalidInputError(problems)
    values = {each: _number(rule, parameters[each]) for each, rule in row.parameters.items()}
    origin = {"standard": row.name, "sha256": row.sha256, "parameters": _masked(values)}
    texts = _rendered(session, devices, row.template, values)
    return _Made(texts, Intent.STANDARD, origin, standard_id=row.id)


def _beyond(devices: Sequence[DeviceRow], allowed: Sequence[str]) -> Iterator[Problem]:
    for device in devices:
        if device.platform not in allowed:
            message = f"runs {device.platform}, for which it is not written"
            fix = f"Leave it out; allowed: {', '.join(allowed)}."
            yield Problem("standard change", "devices", device.name, message, fix)
    if len({device.site for device in devices}) > 1:
        sites = ", ".join(sorted({device.site for device in devices})[:5])
        fix = "Make one change a site, or an ordinary change."
        yield Problem("standard change", "devices", sites, "stand at more than one site", fix)


def _number(rule: Mapping[str, Any], value: Any) -> Any:  # noqa: ANN401 RUF100 - as it was given
    return int(value) if rule["type"] == "integer" else str(value)


def _restored(session: AnySession, actor: Actor, source: Restore) -> _Made:
    texts: dict[str, str] = {}
    origin: dict[str, Any] = {}
    problems = []
    for number in dict.fromkeys(source.versions):
        try:
            row, _redacted = vault.read(session, actor, number)
        except NotFoundError as error:
            fix = "See hatang vault list."
            problems.append(Problem("change", "versions", str(number), error.message, fix))
            continue
        if row.device in texts:
            fix = "Name one version a device."
            message = f"is a second version of {row.device}"
            problems.append(Problem("change", "versions", str(number), message, fix))
        raw = session.get_one(ConfigVersion, number).raw
        texts[row.device] = whole(blobs.get(session, raw).decode())
        origin[row.device] = number
    if not source.versions:
        problems.append(Problem("change", "versions", "", "are missing", "Name one at least."))
    if problems:
        raise InvalidInputError(problems)
    return _Made(texts, Intent.RESTORE, {"versions": origin}, is_replace=True)


def whole(text: str) -> str:
    """Return a configuration as it was read, without what the device printed around it."""
    lines = text.splitlines()
    while lines and (not lines[0].strip() or lines[0].startswith(_AROUND)):
        lines.pop(0)
    while lines and (not lines[-1].strip() or lines[-1].strip() == "end"):
        lines.pop()
    return "\n".join([*lines, ""])


def _masked(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return which parameters were filled in; what with stands in the lines, which are sealed."""
    return dict.fromkeys(parameters, REDACTED)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
