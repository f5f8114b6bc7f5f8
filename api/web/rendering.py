"""Templates: escaped, in the asker's language, with the words and formats of the pages."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.callers import Caller, context_of
from api.web import (
    causes,
    change_words,
    finding_words,
    formats,
    meeting_words,
    problems,
    terms,
    words,
)
from hatang import __version__
from hatang.auth import Permission
from hatang.errors import HatangError, InvalidInputError
from hatang.i18n import LANGUAGES, _, language, ngettext

if TYPE_CHECKING:
    from fastapi import Request

TEMPLATES: Final = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Return the templates; an undefined name is an error and control characters are refused."""
    built = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
        extensions=["jinja2.ext.i18n"],
    )
    # Only the methods: what is translated is asked for at the moment of rendering.
    built.install_gettext_callables(_, ngettext, newstyle=True)  # type: ignore[attr-defined]
    built.policies["ext.i18n.trimmed"] = True
    built.globals |= {
        "words": words,
        "change_words": change_words,
        "finding_words": finding_words,
        "meeting_words": meeting_words,
        "cause_word": causes.cause,
        "meeting_cause": causes.meeting_cause,
        "formats": formats,
        "terms": terms,
        "tell": problems.tell,
    }
    return built


_DROPPED: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))


def _plain(value: Any) -> Any:
    """Drop control characters that a device put into a name, unless the text is markup already."""
    return value.translate(_DROPPED) if type(value) is str else value


def page(request: Request, template: str, http_status: int = 200, **values: object) -> HTMLResponse:
    """Return a page of the frame; `values` are what the template shows."""
    caller: Caller | None = getattr(request.state, "caller", None)
    context = context_of(request)
    zone = context.settings.timezone
    given: dict[str, Any] = {
        "request": request,
        "path": request.url.path,
        "me": caller,
        "csrf_token": caller.csrf if caller else "",
        "may": partial(_may, caller),
        "Permission": Permission,
        "language": language(),
        "languages": LANGUAGES,
        "version": __version__,
        "moment": partial(formats.moment, zone=zone),
        "typed": partial(formats.typed, zone=zone),
        "time_of_day": partial(formats.time_of_day, zone=zone),
        "day": partial(formats.day, zone=zone),
    }
    return HTMLResponse(environment().get_template(template).render(given | values), http_status)


def _may(caller: Caller | None, permission: str) -> bool:
    return caller is not None and caller.actor.may(Permission(permission))


def error_page(request: Request, error: HatangError, status: int) -> HTMLResponse:
    """Return a page that says what was refused and what to do about it."""
    problems = error.problems if isinstance(error, InvalidInputError) else ()
    texts = {"title": title_of(error), "problems": problems, "error": error}
    return page(request, "error.html", status, **texts)


def title_of(error: HatangError) -> str:
    """Return the sentence for an error's code in the current language."""
    known = {
        "not_found": _("This does not exist, or lies outside your scope."),
        "denied": _("You may not do this."),
        "forged_request": _("The request did not come from this page. Load it again."),
        "conflict": _("The state of things does not allow this now."),
        "invalid_input": _("Something in the request is not right."),
        "unavailable": _("A part of hatang does not answer now. Try again later."),
        "stale": _("The data is old: the monitor is not heard."),
        "too_large": _("The request is too large."),
        "driver": _("A device did not do what was asked of it."),
        "locked_out": _("Too many failed attempts. Wait, then try again."),
    }
    return known.get(error.code, _("Something went wrong on our side. The log says what."))
