"""What is in the rooms: endpoints as they answer, and who is which room."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from api.callers import CallerDep
from api.rest.schemas import conference as schemas
from conference import service

router = APIRouter(tags=["conference"])
CSV: Final = "text/csv"
_TEXT: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}


async def _raw(request: Request) -> bytes:
    """Return the body as it came."""
    return await request.body()


@router.get("/endpoints/{code}/status")
def endpoint_status(caller: CallerDep, code: str) -> schemas.EndpointStatus:
    """Ask an endpoint how it is, now."""
    parts = caller.context
    ways = service.Ways.of(parts.settings)
    found = service.endpoint_status(parts.db, caller.actor, code, ways=ways)
    return schemas.EndpointStatus.model_validate(found)


@router.get("/aliases")
def list_aliases(caller: CallerDep) -> list[schemas.Alias]:
    """Return who is which room, as somebody wrote it down."""
    with caller.read() as session:
        rows = service.list_aliases(session, caller.actor)
        return [schemas.Alias.model_validate(row) for row in rows]


@router.put("/aliases")
def put_alias(caller: CallerDep, body: schemas.AliasPut) -> schemas.Written:
    """Write down which room somebody is; it goes before every other way to tell."""
    with caller.write() as session:
        count = service.put_aliases(session, caller.actor, [(body.alias, body.room)])
    return schemas.Written(count=count)


@router.delete("/aliases", status_code=204)
def remove_alias(
    caller: CallerDep, alias: Annotated[str, Query(min_length=1, max_length=255)]
) -> Response:
    """Forget who that is."""
    with caller.write() as session:
        service.remove_alias(session, caller.actor, alias)
    return Response(status_code=204)


@router.post("/aliases:import", openapi_extra={"requestBody": {"content": {CSV: _TEXT}}})
def import_aliases(caller: CallerDep, body: Annotated[bytes, Depends(_raw)]) -> schemas.Written:
    """Write down every line of a CSV file with the columns alias and room, or none."""
    with caller.write() as session:
        count = service.import_aliases(session, caller.actor, body, "aliases.csv")
    return schemas.Written(count=count)
