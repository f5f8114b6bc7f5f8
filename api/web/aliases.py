"""Conference: who is which room, as somebody wrote it down."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api.callers import CallerDep
from api.web.rendering import page
from api.web.uploads import UploadDep
from conference import service
from inventory import service as inventory
from inventory.rows import EVERYTHING

router = APIRouter(prefix="/aliases")
Text = Annotated[str, Form(max_length=1_000)]


@router.get("")
def list_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show who is which room, and the form to write down more."""
    with caller.read() as session:
        rows = service.list_aliases(session, caller.actor)
        rooms = inventory.list_rooms(session, caller.actor, EVERYTHING).items
    return page(request, "aliases.html", rows=rows, rooms=rooms)


@router.post("")
def put(caller: CallerDep, alias: Text = "", room: Text = "") -> RedirectResponse:
    """Write down which room somebody is."""
    with caller.write() as session:
        service.put_aliases(session, caller.actor, [(alias, room)])
    return RedirectResponse("/aliases", 303)


@router.post("/import")
def take_file(caller: CallerDep, file: UploadDep) -> RedirectResponse:
    """Write down the lines of a file, all or none."""
    with caller.write() as session:
        service.import_aliases(session, caller.actor, file.data, file.filename)
    return RedirectResponse("/aliases", 303)


@router.post("/remove")
def remove(caller: CallerDep, alias: Text = "") -> RedirectResponse:
    """Forget who that is."""
    with caller.write() as session:
        service.remove_alias(session, caller.actor, alias)
    return RedirectResponse("/aliases", 303)
