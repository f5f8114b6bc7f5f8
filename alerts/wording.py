"""What an incident says to people, in Vietnamese and English; all of it may change while open."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from alerts.choices import Impact
from alerts.desks import INFERRED
from alerts.power import POWER
from alerts.probable import said
from hatang.i18n import LANGUAGES, _, language, ngettext, use_language

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from alerts.desks import Desk
    from alerts.models import Acknowledgement, Incident, IncidentEffect, IncidentEvent

_NAMED: Final = 12
"""How many effects are named one by one; a page is read on a phone."""
_CONTRACTS: Final = 6
_FIRST_NAMED: Final = ("site", "service", "device", "room", "link")
"""Who is cut off comes first; ports and sessions fell with their device and tell nobody more."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside an incident itself.

    `closed` is there when a person ended it: nobody may take that for a measured recovery. `desk`
    is the carrier that answers for it, `hint` what probably caused it, `said` what the device
    itself said of it unasked.
    """

    closed: IncidentEvent | None = None
    desk: Desk | None = None
    hint: Mapping[str, Any] | None = None
    said: Mapping[str, str] | None = None


def texts(
    incident: Incident,
    effects: Iterable[IncidentEffect],
    acknowledgement: Acknowledgement | None,
    public_url: str,
    known: Known | None = None,
) -> dict[str, str]:
    """Return the annotations of `incident`: cause first, then effects, owner and links."""
    suffering = list(effects)
    known = known or Known()
    closed, desk = known.closed, known.desk
    found = {
        "element": incident.element,
        "incident_url": f"{public_url}/incidents/{incident.id}",
        "runbook_url": f"{public_url}/runbooks/{incident.alertname}",
        "owner": acknowledgement.actor if acknowledgement else "",
        "closed": f"{closed.actor}: {closed.detail['note']}" if closed else "",
    }
    for code in LANGUAGES:
        with use_language(code):
            why = probably(known.hint, incident)
            line = headline(incident, suffering, desk, why)
            found[f"summary_{code}"] = line + _closed(closed)
            found[f"cause_{code}"] = cause(incident)
            found[f"probable_{code}"] = why
            found[f"call_{code}"] = call(desk)
            found[f"verified_{code}"] = verified(incident, known.said)
            found[f"effects_{code}"] = described(incident, suffering)
    found["summary"] = found["summary_vi"]
    return found


def escalated(texts: Mapping[str, str], level: int) -> dict[str, str]:
    """Return the annotations of an incident that nobody took in time, as its next level reads."""
    found = dict(texts)
    for code in LANGUAGES:
        with use_language(code):
            prefix = _("Escalated, level %(level)d") % {"level": level}
        found[f"summary_{code}"] = f"{prefix}: {texts[f'summary_{code}']}"
    return found | {"summary": found["summary_vi"]}


def _closed(closed: IncidentEvent | None) -> str:
    if closed is None:
        return ""
    return "; " + _("closed by %(name)s, not measured") % {"name": closed.actor}


def cause(incident: Incident) -> str:
    """Return the cause in one line of the current language."""
    if incident.origin_name is None or incident.origin == incident.element:
        return incident.name
    return _("%(name)s (first seen at %(origin)s)") % {
        "name": incident.name,
        "origin": incident.origin_name,
    }


def call(desk: Desk | None) -> str:
    """Return whom to call, and what the carrier's desk asks for; "" when it is no carrier's."""
    if desk is None:
        return ""
    parts = [f"{desk.carrier}: {desk.hotline or _('no hotline is written down')}"]
    if desk.circuit:
        parts.append(_("circuit %(cid)s") % {"cid": desk.circuit})
    if desk.contracts:
        some = ", ".join(desk.contracts[:_CONTRACTS])
        rest = f", +{len(desk.contracts) - _CONTRACTS}" if len(desk.contracts) > _CONTRACTS else ""
        parts.append(_("contract %(number)s") % {"number": some + rest})
    if desk.account:
        parts.append(_("customer code %(code)s") % {"code": desk.account})
    return "; ".join(parts)


def probably(hint: Mapping[str, Any] | None, incident: Incident) -> str:
    """Return what probably caused it, in the current language; "" where nobody knows."""
    if hint is None:
        return ""
    return _("probably %(cause)s") % {"cause": said(hint, incident)}


def verified(incident: Incident, said: Mapping[str, str] | None = None) -> str:
    """Return what was verified of the incident, and what the device itself said of it.

    A trap or log line is a hint: what was measured stands first.
    """
    if incident.element.startswith(INFERRED):
        text = _("inferred from what failed together; nothing measures it")
    elif incident.is_verified:
        text = _("measured again before this was told")
    else:
        text = _("not yet confirmed by a fresh measurement")
    unasked = itself(said)
    return f"{text}; {unasked}" if unasked else text


def itself(said: Mapping[str, str] | None) -> str:
    """Return what a device said unasked, in the current language; "" where it said nothing."""
    if not said:
        return ""
    way = _("log line") if said.get("source") == "syslog" else _("SNMP trap")
    word = {"text": said[language()], "way": way}
    return _("the device itself said by %(way)s: %(text)s") % word


def headline(
    incident: Incident,
    effects: list[IncidentEffect],
    desk: Desk | None = None,
    probable: str = "",
) -> str:
    """Return the first line of a page: what is wrong, where, why, whom to call, what it takes."""
    place = f" ({incident.site})" if incident.site else ""
    start = f"{incident.alertname}: {incident.name}{place}"
    if probable:
        start += f"; {probable}"
    if desk is not None and desk.hotline:
        start += f"; {desk.hotline}"
    down = [each for each in effects if each.impact == Impact.DOWN]
    if not down:
        return start
    return f"{start}; {_counted(down, unlit(incident, down))}"


def unlit(incident: Incident, effects: Iterable[IncidentEffect]) -> list[IncidentEffect]:
    """Return the UPSs that a power cut took the mains from; none of any other incident.

    A UPS below a hub or circuit that failed, or at a site gone dark, is merely out of reach.
    """
    if not incident.element.startswith(POWER):
        return []
    return [each for each in effects if each.kind == "ups" and each.element in incident.parts]


def described(incident: Incident, effects: list[IncidentEffect]) -> str:
    """Return the effects as text: counts, then names of what people know, places first."""
    circuits = sorted(each.name for each in effects if each.kind == "circuit")
    lines = [f"{_('Circuits')} ({len(circuits)}): {_listed(circuits)}"] if circuits else []
    lost = unlit(incident, effects)
    units = sorted(each.name for each in lost)
    lines += [f"{_('UPS without mains')} ({len(units)}): {_listed(units)}"] if units else []
    for impact, title in ((Impact.DOWN, _("Cut off")), (Impact.DEGRADED, _("Degraded"))):
        own = (each for each in effects if each.impact == impact and each.kind != "circuit")
        part = [each for each in own if each not in lost]
        if part:
            known = [each for each in part if each.kind in _FIRST_NAMED] or part
            known.sort(key=lambda each: (_rank(each.kind), each.name))
            names = _listed([each.name for each in known])
            lines.append(f"{title}: {_counted(part)}: {names}")
    return "\n".join(lines)


def _listed(names: list[str]) -> str:
    rest = f", +{len(names) - _NAMED}" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + rest


def _rank(kind: str) -> int:
    return _FIRST_NAMED.index(kind) if kind in _FIRST_NAMED else len(_FIRST_NAMED)


_COUNTS: Final[dict[str, Callable[[int], str]]] = {
    "ups": lambda n: ngettext("%d UPS on battery", "%d UPS on battery", n) % n,
    "circuit": lambda n: ngettext("%d circuit", "%d circuits", n) % n,
    "device": lambda n: ngettext("%d device", "%d devices", n) % n,
    "site": lambda n: ngettext("%d site", "%d sites", n) % n,
    "service": lambda n: ngettext("%d service", "%d services", n) % n,
    "room": lambda n: ngettext("%d room", "%d rooms", n) % n,
    "link": lambda n: ngettext("%d link", "%d links", n) % n,
}


def _counted(effects: list[IncidentEffect], lost: Collection[IncidentEffect] = ()) -> str:
    """Return how many of each kind people know; of UPSs only those `lost` to a power cut."""
    counts = Counter(each.kind for each in effects if each.kind != "ups" or each in lost)
    parts = [text(counts[kind]) for kind, text in _COUNTS.items() if counts[kind]]
    people = sum(each.people for each in effects)
    if people:
        parts.append(ngettext("%d person", "%d people", people) % people)
    return ", ".join(parts) or str(len(effects))
