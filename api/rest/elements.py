"""Elements of every kind, one list and one door to a single element a kind."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.callers import CallerDep
from api.rest.paging import Page, Schema, Window
from api.rest.schemas.elements import SCHEMAS, Asked, asked_of
from inventory import service, showing
from inventory.kinds.registry import KINDS

router = APIRouter(prefix="/inventory", tags=["elements"])


def _lister(section: str, schema: type[Schema]) -> Callable[..., Any]:
    kind = showing.kind_of(section).kind

    def list_elements(caller: CallerDep, asked: Annotated[Asked, Query()]) -> Any:
        window = Window(asked.limit, asked.offset)
        query = window.query(asked.filters(), asked.search, asked.sort)
        with caller.read() as session:
            found = service.list_elements(session, caller.actor, kind, query)
        return window.cut(schema, map(showing.plain, found.items), found.total)

    # Each kind is asked by its own columns, which only the registry knows.
    list_elements.__annotations__["asked"] = Annotated[asked_of(section), Query()]
    return list_elements


def _getter(section: str, schema: type[Schema]) -> Callable[..., Any]:
    kind = showing.kind_of(section).kind

    def get_element(caller: CallerDep, key: str) -> Any:
        with caller.read() as session:
            return schema.model_validate(
                showing.plain(service.get_element(session, caller.actor, kind, key))
            )

    return get_element


def _add(section: str) -> None:
    schema = SCHEMAS[section]
    words = section.replace("_", " ")
    router.add_api_route(
        f"/{section}",
        _lister(section, schema),
        response_model=Page[schema],  # type: ignore[valid-type]
        name=f"list_inventory_{section}",
        description=f"Return {words} with all their fields; filtered and sorted by any of them.",
    )
    router.add_api_route(
        f"/{section}/{{key:path}}",
        _getter(section, schema),
        response_model=schema,
        name=f"get_inventory_{section}",
        description=f"Return one of the {words} by its key, with all its fields.",
    )


for _kind in KINDS.values():
    _add(_kind.section)
