"""Tokens of programs and sessions of browsers: who can get in now, and ending it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_rows, show_text
from hatang.auth import Limits, Permission, Role, require, sessions, tokens, users
from hatang.clock import now

if TYPE_CHECKING:
    from hatang.auth import Actor, ApiToken
    from hatang.db import AnySession

token: typer.Typer = noun("token", "Tokens for programs.")
session_: typer.Typer = noun("session", "Browsers that are signed in.")

UserOption = Annotated[str, typer.Option("--user", help="Of this person; needs an administrator.")]
AllOption = Annotated[bool, typer.Option("--all", help="Of everybody; needs an administrator.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(token)
    app.add_typer(session_)


@verb(token, "create")
def create_token(
    name: str,
    *,
    role: Annotated[list[Role], typer.Option(help="Of your own; may be given several times.")],
    days: Annotated[int, typer.Option(min=1, max=365, help="How long it is valid.")] = 90,
) -> None:
    """Create an API token of your own and print it, once.

    Example: hatang token create dashboard --role viewer --as lan
    """
    with door().write() as (session, actor):
        text = tokens.create_token(session, actor, name, role, now() + timedelta(days=days))
    say("keep it, it is shown this once only")
    show_text(text)


@verb(token, "list")
def list_tokens(*, user: UserOption = "", everybody: AllOption = False) -> None:
    """List your tokens, a person's, or everybody's, without their secrets.

    Example: hatang token list --user lan --as admin
    """
    with door().read() as (session, actor):
        rows = [
            {
                "prefix": row.prefix,
                "user": name,
                "name": row.name,
                "roles": row.roles,
                "expires_at": row.expires_at,
                "last_used_at": row.last_used_at,
                "revoked_at": row.revoked_at,
            }
            for name, row in _tokens(session, actor, user, everybody)
        ]
    columns = ("expires_at", "last_used_at", "revoked_at")
    show_rows(rows, "prefix", "user", "name", "roles", *columns)


def _tokens(
    session: AnySession, actor: Actor, name: str, everybody: bool
) -> list[tuple[str, ApiToken]]:
    if everybody:
        return tokens.list_all_tokens(session, actor)
    if name and name != actor.name:
        require(actor, Permission.USER_ADMIN)
    found = users.get_user(session, name or actor.name)
    return [(found.name, row) for row in tokens.list_tokens(session, found.id)]


@verb(token, "revoke")
def revoke_token(prefix: str) -> None:
    """End a token, named by the letters after hat_.

    Example: hatang token revoke 1a2b3c4d5e6f --as lan
    """
    with door().write() as (session, actor):
        tokens.revoke_token(session, actor, prefix)
    show({"revoked": prefix})


@verb(session_, "list")
def list_sessions(*, user: UserOption = "", everybody: AllOption = False) -> None:
    """List the browsers signed in as you, as a person, or as anybody.

    Example: hatang session list --all --as admin
    """
    auth = door().settings.auth
    limits = Limits(auth.idle_seconds, auth.admin_idle_seconds, auth.session_seconds)
    with door().read() as (session, actor):
        whose = None if everybody else users.get_user(session, user or actor.name).id
        rows = sessions.list_sessions(session, actor, whose, limits)
    columns = ("has_second_factor", "created_at", "last_seen_at")
    show_rows(rows, "key", "user", "address", "user_agent", *columns)


@verb(session_, "end")
def end_session(key: str) -> None:
    """Sign a browser out, named by the key it is listed with.

    Example: hatang session end 0a1b2c3d4e5f --as admin
    """
    with door().write() as (session, actor):
        sessions.end_session(session, actor, key)
    say(f"the session {key} has ended")
