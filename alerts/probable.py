"""What probably caused an incident: what those behind the cause gate know of the way to it."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from alerts.choices import IncidentEventKind
from hatang import gates, log
from hatang.i18n import LANGUAGES, _, language, ngettext, use_language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from alerts.graph import Graph
    from alerts.models import Incident, IncidentEvent
    from hatang.db import AnySession
    from hatang.gates import Hint

logger = log.get_logger(__name__)

BEFORE: Final = timedelta(hours=1)
"""How long before the fault a change may still be its cause."""
AFTER: Final = timedelta(minutes=1)
"""How long after the first bad measurement what caused it may have been noticed."""
MOST: Final = 32
"""Of so many incidents opened at once a cause is asked for: a storm waits for no gate."""
_WAY: Final = 64
_MINUTES: Final = 60
_KIND: Final = "device:"


def ask(session: AnySession, graph: Graph, incident: Incident) -> dict[str, Any] | None:
    """Return what probably caused the incident, as its timeline keeps it; None when nobody knows.

    What explains the element alone, such as lost power, comes first, then what happened last on
    the nearest device of the way to it.
    """
    way = _way(graph, incident.element)
    if not way:
        return None
    span = incident.bad_since - BEFORE, incident.bad_since + AFTER
    found: dict[str, list[Hint]] = {}
    for code in LANGUAGES:
        with use_language(code):
            found[code] = _hints(session, way, span)
    ranked = sorted(
        range(len(found[LANGUAGES[0]])),
        key=lambda each: _rank(found[LANGUAGES[0]][each], way, incident.element),
    )
    told = [each for each in ranked if _explains(found[LANGUAGES[0]][each], incident.element)]
    if not told:
        return None
    hint = found[LANGUAGES[0]][told[0]]
    return {
        "of": incident.element,
        "element": hint.element,
        "since": hint.at.isoformat(),
        "source": hint.source,
        "link": hint.link,
        **{code: hints[told[0]].text for code, hints in found.items()},
    }


def _hints(session: AnySession, way: Sequence[str], span: tuple[datetime, datetime]) -> list[Hint]:
    """Return what the gates know; one that fails says nothing, for the incident must open."""
    found: list[Hint] = []
    for gate in gates.all_of(gates.CAUSE):
        try:
            with session.begin_nested():
                found += gate.hints(session, way, *span)
        except Exception:
            logger.exception("a gate of probable causes failed")
    return found


def _explains(hint: Hint, element: str) -> bool:
    return not hint.is_local or hint.element == element


def _rank(hint: Hint, way: Sequence[str], element: str) -> tuple[bool, int, float]:
    near = way.index(hint.element) if hint.element in way else len(way)
    return not (hint.is_local and hint.element == element), near, -hint.at.timestamp()


def _way(graph: Graph, element: str) -> list[str]:
    """Return the devices that `element` is reached over, itself included, the nearest first."""
    found: list[str] = []
    seen, todo = {element}, deque([element])
    while todo and len(found) < _WAY:
        name = todo.popleft()
        if name.startswith(_KIND):
            found.append(name)
        further = sorted(graph.upstream(name) - seen)
        seen.update(further)
        todo.extend(further)
    return found


def said(detail: Mapping[str, Any], incident: Incident) -> str:
    """Return what an event tells, in the current language.

    How long before the fault it was is told in minutes: a page is read in any time zone.
    """
    since = datetime.fromisoformat(str(detail["since"]))
    ago = max(0, round((incident.bad_since - since).total_seconds() / _MINUTES))
    text = str(detail[language()])
    if not ago:
        return _("%(text)s, in the same minute") % {"text": text}
    before = ngettext("%(count)d minute before", "%(count)d minutes before", ago) % {"count": ago}
    return f"{text}, {before}"


def latest(events: Sequence[IncidentEvent], incident: Incident) -> Mapping[str, Any] | None:
    """Return what was told last of the cause that the incident has now."""
    told = [each for each in events if each.kind == IncidentEventKind.PROBABLE_CAUSE]
    return told[-1].detail if told and is_of(told[-1].detail, incident) else None


def is_of(detail: Mapping[str, Any] | None, incident: Incident) -> bool:
    """Whether it tells of the cause that the incident has now: that may have moved since."""
    return detail is not None and detail["of"] == incident.element
