"""What a refused or failed request is answered with: a page for browsers, JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException

from api.callers import Caller, address_of, context_of
from api.errors import (
    PasswordChangeRequiredError,
    SecondFactorEnrolmentRequiredError,
    TooLargeError,
    body,
    invalid,
    status_of,
)
from api.web.rendering import error_page
from hatang import audit, clock
from hatang.auth import LockedOutError
from hatang.errors import DeniedError, HatangError, NotFoundError, UnauthenticatedError
from hatang.log import get_logger

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from starlette.responses import Response

PROGRAM_PATHS = ("/api/", "/alertmanager/", "/healthz", "/readyz", "/metrics")
_logger = get_logger(__name__)


class InternalError(HatangError):
    """Something of ours went wrong; the log says what."""

    code = "internal"


def register(app: FastAPI) -> None:
    """Give `app` the handlers of every kind of error."""
    app.exception_handler(HatangError)(_ours)
    app.exception_handler(RequestValidationError)(_validation)
    app.exception_handler(HTTPException)(_starlette)
    app.exception_handler(Exception)(_unexpected)


async def _ours(request: Request, error: HatangError) -> Response:
    await run_in_threadpool(_remember, request, error)
    if status_of(error) >= 500:
        _logger.warning("%s %s: %s", request.method, request.url.path, error.message)
    if request.url.path.startswith(PROGRAM_PATHS):
        return _json(error)
    return _page(request, error)


def _remember(request: Request, error: HatangError) -> None:
    context = context_of(request)
    caller: Caller | None = getattr(request.state, "caller", None)
    action = f"{request.method} {_template(request)}"
    if isinstance(error, DeniedError) and caller is not None:
        detail = {"address": address_of(request), "code": error.code}
        audit.record_denied(context.db, caller.actor, action, request.url.path, detail)
    elif isinstance(error, UnauthenticatedError | DeniedError):
        context.denials.note(address_of(request), action)
        context.denials.flush(context.db)


def _template(request: Request) -> str:
    """Return the path with the names of its parameters in place of their values."""
    path = request.url.path
    for name, value in request.path_params.items():
        path = path.replace(f"/{value}", f"/{{{name}}}")
    return path


def _json(error: HatangError, status: int | None = None) -> JSONResponse:
    headers = {}
    if isinstance(error, LockedOutError):
        left = (error.until - clock.now()).total_seconds()
        headers["Retry-After"] = str(max(1, round(left)))
    elif isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body(error), status or status_of(error), headers)


def _page(request: Request, error: HatangError, status: int | None = None) -> Response:
    if isinstance(error, PasswordChangeRequiredError):
        return RedirectResponse("/password", 303)
    if isinstance(error, SecondFactorEnrolmentRequiredError):
        return RedirectResponse("/second-factor", 303)
    if isinstance(error, UnauthenticatedError) and "hx-request" in request.headers:
        # A part of a page asks: the whole page has to go, not the part become a form.
        return HTMLResponse("", 401, {"HX-Redirect": "/login"})
    if isinstance(error, UnauthenticatedError):
        target = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/login?next={quote(target)}", 303)
    return error_page(request, error, status or status_of(error))


async def _validation(request: Request, error: RequestValidationError) -> Response:
    return await _ours(request, invalid(error.errors()))


async def _starlette(request: Request, error: HTTPException) -> Response:
    if isinstance(error.__cause__, TooLargeError):
        return await _ours(request, error.__cause__)
    if error.status_code == 404:
        return await _ours(request, NotFoundError("there is no such address"))
    return _either(request, HatangError(str(error.detail)), error.status_code)


async def _unexpected(request: Request, _error: Exception) -> Response:
    # Starlette raises it again afterwards, so that the server's log has it, redacted.
    return _either(request, InternalError("something went wrong on our side"), 500)


def _either(request: Request, error: HatangError, status: int) -> Response:
    if request.url.path.startswith(PROGRAM_PATHS):
        return _json(error, status)
    return _page(request, error, status)
