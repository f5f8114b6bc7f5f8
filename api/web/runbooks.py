"""Runbooks, served by hatang itself: a province is often cut off from everything else."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markdown_it import MarkdownIt
from markupsafe import Markup

from alerts import runbooks
from api.callers import CallerDep
from api.web.rendering import page
from hatang.auth import Permission, require
from hatang.i18n import language

router = APIRouter(prefix="/runbooks")
MARKDOWN = MarkdownIt("commonmark", {"html": False})


@router.get("/{name}")
def show(request: Request, caller: CallerDep, name: str) -> HTMLResponse:
    """Show what to do about an alert, in the reader's language."""
    require(caller.actor, Permission.INCIDENT_READ)
    text = MARKDOWN.render(runbooks.read(name, language()))
    return page(request, "runbook.html", name=name, text=Markup(text))  # noqa: S704 - raw HTML is off
