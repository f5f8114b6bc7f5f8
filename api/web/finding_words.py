"""What findings and questions say, in the words of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.web import formats
from hatang.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping


def reason(value: str) -> str:
    """Return why a verdict is what it is; empty where the rule was simply tested."""
    known = {
        "tested": "",
        "nothing_collected": _("The device showed no configuration."),
        "binary": _("What the device showed is no text."),
        "too_large": _("The text is too large to be judged."),
        "line_too_long": _("A line is too long to be judged."),
        "nested_too_deep": _("Blocks are nested too deep."),
        "truncated": _("The text was cut off."),
        "not_understood": _("Too many lines were not understood."),
        "dialect_not_covered": _("This system's language is not read."),
        "fact_missing": _("It asks for a fact that nobody knows yet."),
        "fact_of_wrong_kind": _("It asks for a fact that came in another form."),
        "cannot_exist_here": _("This fault cannot exist on such a system."),
        "session_over_sha1": _("The login itself was over SHA-1."),
        "raised": _("Judging it broke."),
        "died": _("Judging it broke."),
        "out_of_time": _("Judging it took too long."),
        "out_of_memory": _("Judging it took too much memory."),
    }
    return known.get(value, value.replace("_", " "))


def skew(evidence: Mapping[str, Any]) -> str:
    """Return how the device's clock stood to ours when its configuration was collected."""
    seconds = evidence.get("skew_seconds")
    if seconds is None:
        if evidence.get("clock_said"):
            return _("unknown: it told no zone that is known")
        return _("unknown: it told no time")
    if not seconds:
        return _("as ours, to the second")
    count = abs(seconds)
    told = {"num": formats.number(count)}
    if seconds > 0:
        return ngettext("%(num)s second fast", "%(num)s seconds fast", count) % told
    return ngettext("%(num)s second slow", "%(num)s seconds slow", count) % told


def about(subject: str) -> str:
    """Return what a question is about: the owner, a unit or a system."""
    kind = subject.partition(":")[0]
    return {"owner": _("owner"), "unit": _("unit"), "system": _("system")}.get(kind, kind)


def question_state(value: str) -> str:
    """Return the word for where a question stands."""
    known = {
        "due": _("to be answered"),
        "waiting": _("waits for another person"),
        "answered": _("answered and accepted"),
    }
    return known.get(value, value)


def answer_state(value: str) -> str:
    """Return the word for where an answer stands."""
    known = {
        "pending": _("waits for another person"),
        "approved": _("accepted"),
        "rejected": _("refused"),
        "expired": _("ran out"),
        "voided": _("ended early"),
        "withdrawn": _("withdrawn"),
    }
    return known.get(value, value)
