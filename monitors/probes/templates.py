"""Which probes each service of the inventory gets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from hatang.errors import Problem
from inventory import catalogue
from monitors.probes.registry import PROBES
from monitors.targets import ServiceTarget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from monitors.probes.lines import Line
    from monitors.probes.result import Options

# Some schemes are spoken by more than one probe; what is not here goes by the registry.
_BY_SCHEME: Final[Mapping[str, str]] = {
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
_ENDPOINTS: Final = "service_endpoints"


@dataclass(frozen=True, slots=True)
class Runs:
    """A device that a service runs on; `snmp` names its stored SNMP login."""

    device: str
    address: str
    snmp: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service answers, as the inventory says; `probe` names a template or a probe."""

    name: str
    url: str = ""
    host: str = ""
    port: int | None = None
    probe: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A service as the templates see it."""

    code: str
    kind: str
    url: str = ""
    unit: str = ""
    scope_id: int | None = None
    runs_on: tuple[Runs, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(slots=True)
class Planned:
    """What is probed, and everything that somebody wanted probed and is not."""

    targets: list[ServiceTarget] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def plan(places: Sequence[Place], lines: Iterable[Line] = ()) -> Planned:
    """Return the probes of `places`: by their own address or kind, endpoint by endpoint, by line.

    A service that none of them knows how to ask gets no probe: it stays unknown, and is not
    assumed to work. Names are unique within a service; a line's name stands before an endpoint's.
    """
    found = Planned()
    taken: dict[tuple[str, str], ServiceTarget] = {}
    chosen = tuple(lines)
    for place in places:
        for target in (*_usual(place), *_of_endpoints(place, found.problems)):
            taken[target.code, target.name] = target
    for line in chosen:
        selected = [one for one in places if line.services.matches(one.code, one.kind, one.unit)]
        if not selected:
            found.problems.append(_problem(line, "services", "", "selects no service"))
        for place in selected:
            for target in _of_line(line, place, found.problems):
                taken[target.code, target.name] = target
    order = {place.code: number for number, place in enumerate(places)}
    found.targets = sorted(taken.values(), key=lambda target: order[target.code])
    return found


def _usual(place: Place) -> Iterator[ServiceTarget]:
    pattern, url = BY_KIND.get(place.kind), place.url
    if not url and pattern and place.runs_on:
        url = pattern.format(address=_in_url(place.runs_on[0].address))
    probe = probe_of(url)
    if probe:
        yield ServiceTarget(place.code, probe, url, place.scope_id, probe)


def probe_of(url: str) -> str:
    """Return the name of the probe that asks an address like `url`; empty when none does."""
    scheme = url.partition(":")[0].lower()
    others = (name for name, one in PROBES.items() if scheme in one.schemes)
    return _BY_SCHEME.get(scheme) or next(others, "")


def _of_endpoints(place: Place, problems: list[Problem]) -> Iterator[ServiceTarget]:
    for endpoint in place.endpoints:
        template = catalogue.probe_templates().get(endpoint.probe)
        probe = template.probe if template else endpoint.probe or probe_of(endpoint.url)
        if probe not in PROBES or PROBES[probe].aims_itself:
            fix = f"Name a template of probes: {', '.join(sorted(catalogue.probe_templates()))}."
            message = "is measured by no probe"
            key = f"{place.code}/{endpoint.name}"
            problems.append(Problem(_ENDPOINTS, "probe", endpoint.probe or key, message, fix))
            continue
        fields = PROBES[probe].options.model_fields
        if template is None and any(one.is_required() for one in fields.values()):
            fix = "Write a line in probes/*.yaml, which can give options."
            key = f"{place.code}/{endpoint.name}"
            problems.append(Problem(_ENDPOINTS, "probe", key, f"{probe} needs options", fix))
            continue
        url = endpoint.url or _address(PROBES[probe].schemes[0], endpoint)
        yield ServiceTarget(
            place.code,
            probe,
            url,
            place.scope_id,
            endpoint.name,
            template.period_seconds if template else None,
            PROBES[probe].options.model_validate(template.options) if template else None,
        )


def _address(scheme: str, endpoint: Endpoint) -> str:
    host = _in_url(endpoint.host)
    return f"{scheme}://{host}" + (f":{endpoint.port}" if endpoint.port else "")


def _of_line(line: Line, place: Place, problems: list[Problem]) -> Iterator[ServiceTarget]:
    wanted = line.fields_of_url()
    is_of_devices = bool(wanted & {"address", "device"}) or (not line.url and not place.url)
    if PROBES[line.kind].aims_itself:
        is_of_devices = False
    elif is_of_devices and not place.runs_on:
        message = "runs on no device with an address"
        problems.append(_problem(line, "services", place.code, message))
        return
    for runs in place.runs_on if is_of_devices else (None,):
        try:
            url = _written(line, place, runs)
        except ValueError as error:
            problems.append(_problem(line, "url", place.code, str(error)))
            continue
        name = line.name if len(place.runs_on) < 2 or runs is None else f"{line.name}@{runs.device}"
        options = _with_login(line.told(), runs)
        yield ServiceTarget(place.code, line.kind, url, place.scope_id, name, line.period, options)


def _with_login(options: Options, runs: Runs | None) -> Options:
    """Return the options with the SNMP login of the device, where they name none."""
    is_open = getattr(options, "credential", None) == "" and hasattr(options, "of_device")
    if runs is None or not is_open or not runs.snmp:
        return options
    return options.model_copy(update={"credential": runs.snmp})


def _written(line: Line, place: Place, runs: Runs | None) -> str:
    """Return the address of one probe; raises ValueError when there is nothing to put into it."""
    probe = PROBES[line.kind]
    if probe.aims_itself:
        return line.url or ""
    host = urlsplit(place.url).hostname or "" if "//" in place.url else ""
    values = {
        "code": place.code,
        "unit": place.unit,
        "url": place.url,
        "host": _in_url(host),
        "address": _in_url(runs.address) if runs else "",
        "device": runs.device if runs else "",
    }
    pattern = line.url
    if pattern is None and runs is not None:
        pattern = f"{probe.schemes[0]}://{{address}}"
    elif pattern is None:
        same = place.url.partition(":")[0] in probe.schemes
        pattern = "{url}" if same else f"{probe.schemes[0]}://{{host}}"
    empty = [name for name in values if f"{{{name}}}" in pattern and not values[name]]
    if empty:
        raise ValueError(f"has no {' and no '.join(empty)} to put into the address")
    return pattern.format_map(values)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _problem(line: Line, field_name: str, value: str, message: str) -> Problem:
    where, _, number = line.where.rpartition(":")
    fix = "Correct the line, or the service in the inventory."
    at = int(number) if number.isdigit() else None
    return Problem(where or "probes", field_name, value or line.name, message, fix, at)
