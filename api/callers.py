"""Who is asking: a person's browser with its cookie, or a program with its token."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, cast

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.context import ApiContext
from api.errors import (
    ForgedRequestError,
    PasswordChangeRequiredError,
    SecondFactorEnrolmentRequiredError,
)
from api.guard import SAFE
from hatang.auth import Actor, Identity, Limits, Permission, Role, sessions, tokens
from hatang.errors import UnauthenticatedError
from inventory import collector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import ReadSession, WriteSession

COOKIE: Final = "hatang_session"
SECURE_COOKIE: Final = "__Host-hatang_session"
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf"
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
# A page that refreshes itself must not keep an abandoned session alive.
BACKGROUND_HEADER: Final = "X-Hatang-Background"
_OPEN_BEFORE_PASSWORD: Final = ("/password", "/logout")
_OPEN_BEFORE_SECOND_FACTOR: Final = (
    *_OPEN_BEFORE_PASSWORD,
    "/second-factor",
    "/second-factor/confirm",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody recognised, with the two kinds of session the doors may open for him."""

    context: ApiContext
    identity: Identity
    csrf: str

    @property
    def actor(self) -> Actor:
        """The actor that services are called for."""
        return self.identity.actor

    def prove(self, permission: Permission) -> None:
        """Raise DeniedError when `permission` wants a second factor that was not given."""
        self.identity.require_second_factor(permission)

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """Yield a session that cannot write."""
        with self.context.db.read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """Yield the one transaction of the request; it commits on a clean exit."""
        with self.context.db.write() as session:
            yield session


def context_of(request: Request) -> ApiContext:
    """Return what the composition root handed in."""
    return cast("ApiContext", request.app.state.context)


def limits_of(context: ApiContext) -> Limits:
    """Return how long sessions live by the settings."""
    auth = context.settings.auth
    return Limits(auth.idle_seconds, auth.admin_idle_seconds, auth.session_seconds)


def session_cookie(request: Request) -> str:
    """Return the value of the session cookie, empty when there is none."""
    name = SECURE_COOKIE if request.url.scheme == "https" else COOKIE
    return request.cookies.get(name, "")


def address_of(request: Request) -> str:
    """Return where the request comes from; a proxy's headers are not believed."""
    return request.client.host if request.client else ""


async def authenticate(request: Request) -> Caller:
    """Return who asks.

    Raises:
        UnauthenticatedError: nobody known.
        ForgedRequestError: a browser's writing request without the session's CSRF token.
        PasswordChangeRequiredError: a new password has to be set first.
        SecondFactorEnrolmentRequiredError: a second factor has to be enrolled first.
    """
    context = context_of(request)
    token = bearer(request)
    if token is not None:
        caller = await run_in_threadpool(_by_token, context, token)
    else:
        cookie = session_cookie(request)
        touches = BACKGROUND_HEADER not in request.headers
        caller = await run_in_threadpool(_by_cookie, context, cookie, touches)
        if request.method not in SAFE:
            await _check_csrf(request, cookie)
        _check_duties(caller, request.url.path)
    request.state.caller = caller
    return caller


def _check_duties(caller: Caller, path: str) -> None:
    """Raise what a person has to do first, before anything else is open to him."""
    identity = caller.identity
    if identity.must_change_password and path not in _OPEN_BEFORE_PASSWORD:
        raise PasswordChangeRequiredError("a new password has to be set first")
    required = caller.context.settings.auth.second_factor == "required"
    if required and identity.owes_second_factor and path not in _OPEN_BEFORE_SECOND_FACTOR:
        raise SecondFactorEnrolmentRequiredError(
            "a second factor has to be enrolled first", fix="Enrol one at /second-factor."
        )


def bearer(request: Request) -> str | None:
    """Return the API token of the request, None when it carries none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def reauthenticate(request: Request, context: ApiContext) -> Identity:
    """Return who a long answer still goes to; raises UnauthenticatedError when nobody is left.

    It does not count as being seen: an open stream must not keep an abandoned session alive.
    """
    token = bearer(request)
    with context.db.read() as session:
        if token is not None:
            return tokens.authenticate_token(session, token)
        return sessions.authenticate(session, session_cookie(request), limits_of(context))


def _by_token(context: ApiContext, token: str) -> Caller:
    with context.db.read() as session:
        identity = tokens.authenticate_token(session, token)
    if identity.needs_touch:
        with context.db.write() as session:
            tokens.touch_token(session, identity)
    return Caller(context, identity, "")


def _by_cookie(context: ApiContext, cookie: str, touches: bool) -> Caller:  # noqa: FBT001 - a fact
    if not cookie:
        raise UnauthenticatedError("sign in first")
    with context.db.read() as session:
        identity = sessions.authenticate(session, cookie, limits_of(context))
    if identity.needs_touch and touches:
        with context.db.write() as session:
            sessions.touch(session, identity)
    return Caller(context, identity, sessions.csrf_token(cookie))


def keep_open(caller: Caller) -> None:
    """Count what a screen asks for by itself as use, where its person may look and no more.

    A wall screen has nobody to move a mouse; a session that can write ends by idleness all the
    same, whatever page it left open.
    """
    identity = caller.identity
    if identity.needs_touch and caller.actor.roles == {Role.VIEWER} and caller.csrf:
        with caller.write() as session:
            sessions.touch(session, identity)


async def _check_csrf(request: Request, cookie: str) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.headers.get("content-type", "").startswith(_FORMS):
        field = (await request.form()).get(CSRF_FIELD, "")
        given = field if isinstance(field, str) else ""
    if not sessions.csrf_matches(cookie, given):
        raise ForgedRequestError(
            "the request lacks the session's CSRF token", fix="Load the page again."
        )


CallerDep = Annotated[Caller, Depends(authenticate)]
ContextDep = Annotated[ApiContext, Depends(context_of)]


def memory_given_back() -> Iterator[None]:
    """Give back what a plan of a province took, once it is answered."""
    with collector.given_back():
        yield
