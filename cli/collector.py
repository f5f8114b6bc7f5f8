"""What Prometheus is given: its configuration, the list of targets, and a token of its own."""

from __future__ import annotations

import json
import secrets
import signal
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts.configuration import ScrapeFiles, render_prometheus
from alerts.notification import checking
from alerts.notification.rendering import render_alertmanager, token_file
from alerts.rulebook import service as rulebook
from alerts.rulebook.watching import RulesWatch
from hatang import statedir, supervisor
from hatang.auth import Actor, Role, User, tokens, users
from hatang.auth.passwords import generate_password
from hatang.clock import now
from hatang.errors import UnauthenticatedError
from monitors import service as monitors

if TYPE_CHECKING:
    from pathlib import Path

    from alerts.rulebook.service import RefusedFile
    from cli.wiring import App
    from hatang.db import WriteSession
    from hatang.errors import Problem
    from hatang.settings import Settings


ACCOUNT: Final = "prometheus"
VALID: Final = timedelta(days=365)
RENEW: Final = timedelta(days=30)
SYSTEM: Final = Actor.system("collector")


def prometheus_file(settings: Settings) -> Path:
    """Return where Prometheus' configuration is written."""
    return settings.data_dir / "run" / "prometheus.yml"


def alertmanager_file(settings: Settings) -> Path:
    """Return where Alertmanager's configuration is written."""
    return settings.data_dir / "run" / "alertmanager.yml"


def write_configuration(app: App) -> list[RefusedFile]:
    """Write what the two programs read, each readable to us alone; return what is left out."""
    settings = app.settings
    (settings.data_dir / "rules").mkdir(mode=0o700, exist_ok=True)
    refused = rulebook.stage(settings)
    statedir.replace_text(prometheus_file(settings), render_prometheus(settings))
    statedir.replace_text(alertmanager_file(settings), render_alertmanager(settings))
    _write_notifier_token(settings)
    _write_monitors_token(settings)
    write_targets(app)
    renew(app)
    return refused


def unknown_units(app: App) -> list[Problem]:
    """Return a problem for each unit that a route names and nobody knows."""
    with app.db.read() as session:
        return checking.unknown_units(session, app.settings)


def _write_notifier_token(settings: Settings) -> None:
    """Let only our Alertmanager hand anything to the notifier."""
    path = token_file(settings)
    if not path.exists():
        statedir.replace_text(path, secrets.token_urlsafe(32))


def _write_monitors_token(settings: Settings) -> None:
    """Give Prometheus what monitors ask for, in a file: arguments are seen by everybody."""
    path = ScrapeFiles.of(settings).monitors_token
    token = settings.monitors.token.get_secret_value()
    if token:
        statedir.replace_text(path, token)
    else:
        path.unlink(missing_ok=True)


def rules_watch(app: App) -> RulesWatch:
    """Return what loads users' rules when they change."""
    return RulesWatch(app.settings, partial(_read_anew, app.settings))


def _read_anew(settings: Settings) -> bool:
    """Have our own Prometheus read its files; one that runs elsewhere is not ours to tell."""
    if not settings.prometheus.run or settings.prometheus.url:
        return True
    return supervisor.signal_child(settings.data_dir, "prometheus", signal.SIGHUP)


def write_targets(app: App) -> None:
    """Write the same targets that the api serves, for when it is stopped."""
    listen = app.settings.monitors.listen
    with app.db.read() as session:
        found = monitors.sd_targets(session, SYSTEM, listen.reachable)
    path = ScrapeFiles.of(app.settings).targets
    text = json.dumps(found, indent=1)
    if not path.exists() or path.read_text("utf-8") != text:
        statedir.replace_text(path, text)


def renew(app: App) -> None:
    """Give Prometheus a token while the one it has is missing or soon over."""
    path = ScrapeFiles.of(app.settings).token
    with app.db.write() as session:
        user = _account(session)
        if path.exists() and _is_good(session, user, path.read_text("utf-8").strip()):
            return
        for old in tokens.list_tokens(session, user.id):
            if old.revoked_at is None:
                tokens.revoke_token(session, SYSTEM, old.prefix)
        actor = users.actor_of(session, user)
        text = tokens.create_token(session, actor, "prometheus", actor.roles, now() + VALID)
    statedir.replace_text(path, text)


def _account(session: WriteSession) -> User:
    user = session.scalar(select(User).where(User.name == ACCOUNT))
    if user is None:
        # Nobody knows the password, so nobody signs in as it.
        password = generate_password()
        user = users.create_user(session, SYSTEM, ACCOUNT, password, display_name="Prometheus")
        users.grant_role(session, SYSTEM, user.id, Role.COLLECTOR)
    return user


def _is_good(session: WriteSession, user: User, text: str) -> bool:
    try:
        identity = tokens.authenticate_token(session, text)
    except UnauthenticatedError:
        return False
    held = {row.prefix: row for row in tokens.list_tokens(session, user.id)}
    row = held.get(identity.key)
    return row is not None and row.expires_at - now() > RENEW
