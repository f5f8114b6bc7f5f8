"""Credentials: what logs in where, giving new secrets, and taking away what nothing uses."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from api.callers import Caller, CallerDep
from api.errors import status_of
from api.web import problems
from api.web.rendering import page
from hatang.auth import Permission
from hatang.db import WriteSession
from hatang.errors import ConflictError, InvalidInputError, Problem
from hatang.i18n import _
from hatang.secrets import CHOICES, FIELDS, NEEDED, OPEN_FIELDS
from inventory.service import credentials
from playbooks import changes

router = APIRouter(prefix="/credentials")
PATH: Final = "/credentials"
KINDS: Final = ("ssh", "snmpv3", "snmpv2c", "http", "token", "jump")
LONG: Final = frozenset({"private_key"})
Text = Annotated[str, Field(max_length=20_000)]
Word = Annotated[str, Field(max_length=100)]


class Filled(BaseModel):
    """The form of a credential: the fields of one kind are filled in, in the order shown."""

    name: Word = ""
    kind: Word = ""
    username: Text = ""
    password: Text = ""
    private_key: Text = ""
    passphrase: Text = ""
    enable_password: Text = ""
    auth_protocol: Text = ""
    auth_password: Text = ""
    priv_protocol: Text = ""
    priv_password: Text = ""
    community: Text = ""
    token: Text = ""

    def fields(self) -> dict[str, str]:
        """Return what was filled in; a browser ends the lines of a key as no key file does."""
        given = self.model_dump(exclude={"name", "kind"})
        return {name: text.replace("\r\n", "\n") for name, text in given.items() if text}


FilledForm = Annotated[Filled, Form()]
Problems = list[tuple[str, str]]


@router.get("")
def show(request: Request, caller: CallerDep, kind: str = "") -> HTMLResponse:
    """Show the credentials without their secrets, and a form for a new one of a kind."""
    return _shown(request, caller, Filled(kind=kind[:100]))


@router.post("/add")
def add(request: Request, caller: CallerDep, filled: FilledForm) -> Response:
    """Keep a new credential."""
    name = filled.name.strip()

    def work(session: WriteSession) -> None:
        credentials.add_credential(session, caller.actor, name, filled.kind, filled.fields())

    return _done(request, caller, filled, work)


@router.post("/rotate")
def rotate(request: Request, caller: CallerDep, filled: FilledForm) -> Response:
    """Give a credential new secrets."""

    def work(session: WriteSession) -> None:
        credentials.rotate_credential(session, caller.actor, filled.name, filled.fields())

    return _done(request, caller, Filled(name=filled.name), work)


@router.post("/remove")
def remove(request: Request, caller: CallerDep, filled: FilledForm) -> Response:
    """Forget a credential that nothing names."""

    def work(session: WriteSession) -> None:
        credentials.remove_credential(session, caller.actor, filled.name)

    return _done(request, caller, Filled(name=filled.name), work)


def _done(
    request: Request, caller: Caller, filled: Filled, work: Callable[[WriteSession], None]
) -> Response:
    """Do `work` in one transaction, or show the page again with all that is wrong."""
    caller.prove(Permission.CREDENTIAL_WRITE)
    try:
        with caller.write() as session:
            work(session)
    except InvalidInputError as error:
        return _shown(request, caller, filled, [_told(one) for one in error.problems])
    except ConflictError as error:
        said = f"{problems.tell(error.message).text}. {problems.tell(error.fix).text}"
        return _shown(request, caller, filled, [(filled.name, said)], status_of(error))
    return RedirectResponse(PATH, 303)


def _told(problem: Problem) -> tuple[str, str]:
    fields = problem.field.rpartition(".")[2].split(" or ")
    words = f"{problems.tell(problem.message).text}. {problems.tell(problem.fix).text}"
    return " / ".join(labels().get(one, one) for one in fields), words


def _shown(
    request: Request,
    caller: Caller,
    filled: Filled,
    wrong: Problems | None = None,
    status: int = 422,
) -> HTMLResponse:
    with caller.read() as session:
        found = credentials.list_credentials(session, caller.actor)
        left = changes.list_left(session, caller.actor)
    kind = filled.kind if filled.kind in FIELDS else KINDS[0]
    values: dict[str, Any] = {
        "rows": found,
        "left": left,
        "kinds": KINDS,
        "kind": kind,
        "fields": {one: _ordered(FIELDS[one]) for one in KINDS},
        "needed": {one: {n for group in NEEDED[one] if len(group) == 1 for n in group}
                   for one in KINDS},
        "labels": labels(),
        "choices": {name: sorted(allowed) for name, allowed in CHOICES.items()},
        "open_fields": OPEN_FIELDS,
        "long_fields": LONG,
        "name": filled.name if filled.kind else "",
        "given": _open(filled.fields()),
        "wrong": wrong or [],
        "has_second_factor": caller.identity.has_second_factor,
    }  # fmt: skip
    return page(request, "credentials.html", status if wrong else 200, **values)


def _ordered(names: frozenset[str]) -> list[str]:
    return [name for name in Filled.model_fields if name in names]


def _open(fields: Mapping[str, str]) -> dict[str, str]:
    """Return what may be shown again of a form that was refused."""
    return {name: text for name, text in fields.items() if name in OPEN_FIELDS}


def labels() -> dict[str, str]:
    """Return what the fields of credentials are called."""
    return {
        "name": _("Name of the credential"),
        "kind": _("Kind"),
        "username": _("User"),
        "password": _("Password"),
        "private_key": _("Private key"),
        "passphrase": _("Passphrase of the key"),
        "enable_password": _("Enable password"),
        "auth_protocol": _("Authentication protocol"),
        "auth_password": _("Authentication password"),
        "priv_protocol": _("Privacy protocol"),
        "priv_password": _("Privacy password"),
        "community": _("Community"),
        "token": _("Token"),
    }
