"""Signing in and out, the password, the second factor, the language."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from api.callers import (
    COOKIE,
    SECURE_COOKIE,
    Caller,
    CallerDep,
    ContextDep,
    address_of,
    session_cookie,
)
from api.errors import status_of
from api.guard import LANGUAGE_COOKIE
from api.web.rendering import page
from hatang.auth import (
    Attempt,
    LockedOutError,
    SecondFactorRequiredError,
    User,
    log_in,
    sessions,
    totp,
    users,
)
from hatang.auth.passwords import verify_password
from hatang.errors import HatangError, InvalidInputError, UnauthenticatedError
from hatang.i18n import LANGUAGES, _

router = APIRouter()
YEAR_SECONDS: Final = 31_536_000
Field = Annotated[str, Form(max_length=500)]


@router.get("/login")
def login_page(request: Request, next: str = "/") -> Response:
    """Show the form."""
    return page(request, "login.html", name="", target=local(next), message="")


@router.post("/login")
def login(
    request: Request, context: ContextDep, name: Field, password: Field, code: Field = ""
) -> Response:
    """Sign in and go where the person wanted to."""
    agent = request.headers.get("user-agent", "")
    attempt = Attempt(name.strip(), password, code.strip(), address_of(request), agent)
    target = local(request.query_params.get("next", "/"))
    try:
        begun = log_in(context.db, attempt)
    except UnauthenticatedError as error:
        message = _refusal(error)
        status = status_of(error)
        return page(request, "login.html", status, name=name, target=target, message=message)
    answer = RedirectResponse("/password" if begun.must_change_password else target, 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        begun.token,
        httponly=True,
        secure=secure,
        samesite="lax",
    )
    return answer


def local(target: str) -> str:
    """Return an address of ours; anything that could lead elsewhere becomes the board."""
    is_ours = target.startswith("/") and not target.startswith(("//", "/login"))
    return target if is_ours and "\\" not in target and target.isprintable() else "/"


def _refusal(error: UnauthenticatedError) -> str:
    if isinstance(error, LockedOutError):
        return _("Too many failed attempts. Wait a few minutes, then try again.")
    if isinstance(error, SecondFactorRequiredError):
        return _("Enter your password again, and the one-time code of your phone.")
    return _("The name, password or one-time code is wrong.")


@router.post("/logout")
def logout(request: Request, caller: CallerDep) -> Response:
    """End the session."""
    with caller.write() as session:
        sessions.close_session(session, session_cookie(request))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    answer.delete_cookie(SECURE_COOKIE, secure=True)
    return answer


@router.get("/language/{code}")
def choose_language(request: Request, code: str) -> Response:
    """Keep the language in a cookie and go back."""
    referrer = request.headers.get("referer", "")
    back = referrer.removeprefix(str(request.base_url).rstrip("/"))
    answer = RedirectResponse(local(back), 303)
    if code in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            code,
            max_age=YEAR_SECONDS,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return answer


@router.get("/password")
def password_page(request: Request, caller: CallerDep) -> Response:
    """Show the form for a new password."""
    return _password(request, caller, "")


@router.post("/password")
def change_password(request: Request, caller: CallerDep, old: Field, new: Field) -> Response:
    """Set a new password; every session of the person ends."""
    with caller.read() as session:
        user = session.get_one(User, caller.identity.user_id)
        held = user.password_hash
    if not verify_password(old, held):
        return _password(request, caller, _("The old password is wrong."), 422)
    if old == new:
        return _password(request, caller, _("The new password is the old one."), 422)
    try:
        with caller.write() as session:
            users.set_password(session, caller.actor, caller.identity.user_id, new)
    except InvalidInputError:
        text = _("The new password is too weak: use at least 12 characters nobody would guess.")
        return _password(request, caller, text, 422)
    return RedirectResponse("/login", 303)


def _password(request: Request, caller: Caller, message: str, status: int = 200) -> Response:
    forced = caller.identity.must_change_password
    return page(request, "password.html", status, message=message, forced=forced)


@router.get("/second-factor")
def second_factor_page(request: Request, caller: CallerDep) -> Response:
    """Show whether a second factor is in force and how to enrol one."""
    return _second_factor(request, caller, None, "")


@router.post("/second-factor")
def start_second_factor(request: Request, caller: CallerDep) -> Response:
    """Draw a secret and show it, once."""
    with caller.write() as session:
        enrolment = totp.start_enrolment(session, caller.actor)
    return _second_factor(request, caller, enrolment, "")


@router.post("/second-factor/confirm")
def confirm_second_factor(request: Request, caller: CallerDep, code: Field) -> Response:
    """Put the secret in force with a first code; the next sign-in asks for one."""
    try:
        with caller.write() as session:
            totp.confirm_enrolment(session, caller.actor, code.strip())
            sessions.close_session(session, session_cookie(request))
    except HatangError:
        text = _("The code does not match. Check the clock of your phone and start again.")
        return _second_factor(request, caller, None, text)
    return RedirectResponse("/login", 303)


def _second_factor(
    request: Request, caller: Caller, enrolment: totp.Enrolment | None, message: str
) -> Response:
    with caller.read() as session:
        user = session.get_one(User, caller.identity.user_id)
        in_force = user.totp_confirmed_at is not None
    values = {"enrolment": enrolment, "in_force": in_force, "message": message}
    return page(request, "second_factor.html", 422 if message else 200, **values)
