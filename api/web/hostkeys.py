"""The keys of one device: comparing what it presents with what is enrolled."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from api.callers import Caller, CallerDep
from api.rest.hostkeys import PROVED
from api.web.rendering import page
from hatang.i18n import _
from inventory import service as inventory
from inventory.service import enrolling
from inventory.service.enrolling import PresentedKey

router = APIRouter(prefix="/devices/{name}/host-keys")
Line = Annotated[str, Form(max_length=20_000)]


@router.get("")
def show(request: Request, caller: CallerDep, name: str) -> HTMLResponse:
    """Show the keys that count and those that did."""
    return _shown(request, caller, name)


@router.post("/scan")
def scan(request: Request, caller: CallerDep, name: str) -> HTMLResponse:
    """Ask the device, and show old and new side by side."""
    presented = enrolling.scan_host_keys(caller.context.db, caller.actor, name)
    return _shown(request, caller, name, presented)


@router.post("/replace")
def replace(
    request: Request, caller: CallerDep, name: str, line: Line, compared: Line = ""
) -> Response:
    """Let the new key count, once somebody says that the fingerprint was compared."""
    caller.prove(PROVED)
    if compared != "yes":
        text = _("Compare the fingerprint with the device's console first, then say so.")
        return _shown(request, caller, name, message=text)
    with caller.write() as session:
        enrolling.replace_host_key(session, caller.actor, name, line)
    return RedirectResponse(request.url.path.removesuffix("/replace"), 303)


def _shown(
    request: Request,
    caller: Caller,
    name: str,
    presented: Sequence[PresentedKey] = (),
    message: str = "",
) -> HTMLResponse:
    with caller.read() as session:
        device = inventory.get_device(session, caller.actor, name)
        keys = enrolling.list_host_keys(session, caller.actor, name)
    values = {
        "device": device,
        "keys": keys,
        "counting": {key.kind: key.fingerprint for key in keys if key.replaced_at is None},
        "presented": presented,
        "fresh": [key for key in presented if not key.is_enrolled],
        "has_second_factor": caller.identity.has_second_factor,
        "message": message,
    }
    return page(request, "host_keys.html", 422 if message else 200, **values)
