"""What every route answers when it does not do what was asked, as `api.errors` makes it."""

from typing import Any, Final

from api.rest.paging import Schema


class Wrong(Schema):
    """One thing that is wrong with what was sent, where it is, and what to do."""

    where: str
    field: str
    value: str
    message: str
    fix: str
    line: int | None
    sheet: str | None
    column: str | None
    header: str | None


class Refusal(Schema):
    """Why nothing was done: a code that stays, a sentence, the fix, and all that is wrong."""

    code: str
    message: str
    fix: str
    problems: list[Wrong]


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    422: {"model": Refusal, "description": "What was sent holds problems"},
    "default": {"model": Refusal, "description": "Nothing was done, and why"},
}
