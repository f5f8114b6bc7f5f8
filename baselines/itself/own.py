"""What hatang says of its own settings, files, accounts and records: lines of `name = value`.

A fact that cannot be read is a remark with the reason instead of a line, so that its rule is
unknown. Counts only, no names: who is meant is shown by `hatang baseline accounts`.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, make_url, select

from hatang import audit, clock
from hatang.audit import HeadFile
from hatang.auth.models import ApiToken, User, UserRole
from hatang.auth.roles import CHANGING, Role, conflicts, permissions_of
from hatang.datadir import Places, load_audit_key
from hatang.doctor.machine import TIME_ERROR, clock_state
from hatang.errors import HatangError
from hatang.secrets import list_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from hatang.db import AnySession, Database
    from hatang.settings import Settings
    from hatang.settings.fields import Listen

LAST_LINE: Final = "# end of what hatang says"
IDLE: Final = timedelta(days=45)  # TCVN 14423:2026, 5.6.2.2
UNUSED: Final = timedelta(days=90)
FIRST_DAY: Final = timedelta(days=1)  # so long a password given by somebody else may stand
_HOUR: Final = 3600


def told(db: Database, settings: Settings) -> str:
    """Return everything hatang says of itself, in sections."""
    places = Places.of(settings)
    with db.read() as session:  # of its own: heads newer than what a session sees look like a cut
        kept = list(_lines({"audit log": lambda: _audit_log(session, places)}))
    with db.read() as session:
        sections: dict[str, Callable[[], Iterator[tuple[str, object]]]] = {
            "settings": lambda: _settings(settings),
            "files": lambda: _files(settings),
            "accounts": lambda: _accounts(session),
            "tokens": lambda: _tokens(session),
            "credentials": lambda: _credentials(session),
            "clock": _clock,
            "backup": lambda: _backup(settings.baselines.backup_file),
        }
        lines = list(_lines(sections))
    return "\n".join([*lines, *kept, LAST_LINE]) + "\n"


def _lines(
    sections: dict[str, Callable[[], Iterator[tuple[str, object]]]],
) -> Iterator[str]:
    for name, facts in sections.items():
        try:
            found = [f"{key} = {_word(value)}" for key, value in facts()]
        except (OSError, HatangError) as error:
            yield f"# unreadable: hatang {name}: {type(error).__name__}"
            continue
        yield f"# command: hatang {name}"
        yield from found


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _settings(settings: Settings) -> Iterator[tuple[str, object]]:
    api, auth = settings.api, settings.auth
    yield "api.tls", bool(api.tls_certificate and api.tls_key)
    yield "api.reach", _reach(api.listen)
    yield "monitors.reach", _reach(settings.monitors.listen)
    yield "monitors.token", bool(settings.monitors.token.get_secret_value())
    yield "auth.second_factor", auth.second_factor
    yield "auth.idle_seconds", round(auth.idle_seconds)
    yield "auth.admin_idle_seconds", round(auth.admin_idle_seconds)
    yield "auth.session_seconds", round(auth.session_seconds)
    yield "lab", settings.lab
    yield "clear_text_hosts", len(settings.conference.clear_text_hosts)
    yield "playbooks.own_user", bool(settings.playbooks.ansible_user)
    yield "retention.audits_days", settings.retention.audits_days
    yield "syslog.retention_days", settings.syslog.retention_days


def _reach(listen: Listen) -> str:
    """Return `here` for an address that only this machine reaches, else `network`."""
    try:
        is_here = ipaddress.ip_address(listen.host).is_loopback
    except ValueError:
        is_here = listen.host == "localhost"
    return "here" if is_here else "network"


def _files(settings: Settings) -> Iterator[tuple[str, object]]:
    places, folder = Places.of(settings), settings.data_dir
    yield "data_dir.mode", _mode(folder)
    for name, path in (
        ("master_key", places.master_key),
        ("audit_key", places.audit_key),
        ("audit_heads", places.audit_heads),
        ("evidence_key", places.evidence_key),
    ):
        if path.exists():
            yield f"{name}.mode", _mode(path)
    yield "master_key.apart", not _lies_in(places.master_key, folder)
    yield "audit_heads.apart", not _lies_in(places.audit_heads, folder)
    records = make_url(settings.database_url)
    if records.get_backend_name() == "sqlite" and records.database:
        yield "records.mode", _mode_of(records.database)


def _mode(path: Path) -> str:
    return _mode_of(str(path))


def _mode_of(path: str) -> str:
    return f"{stat.S_IMODE(os.stat(path).st_mode):04o}"  # noqa: PTH116 - a path of a URL


def _lies_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _accounts(session: AnySession) -> Iterator[tuple[str, object]]:
    now = clock.now()
    people = session.scalars(select(User).where(User.is_active)).all()
    held: dict[int, set[Role]] = {}
    for user, role in session.execute(select(UserRole.user_id, UserRole.role)):
        held.setdefault(user, set()).add(Role(role))
    roles = {one.id: frozenset(held.get(one.id, ())) for one in people}
    yield "accounts.active", len(people)
    yield "accounts.idle", sum(1 for one in people if now - _seen(one) > IDLE)
    yield (
        "accounts.first_password",
        sum(1 for one in people if one.must_change_password and now - one.created_at > FIRST_DAY),
    )
    yield "accounts.administrators", sum(1 for one in people if Role.ADMIN in roles[one.id])
    yield "accounts.auditors", sum(1 for one in people if Role.AUDITOR in roles[one.id])
    yield "accounts.conflicting", sum(1 for one in people if conflicts(roles[one.id]))
    yield (
        "accounts.changing_by_password",
        sum(
            1
            for one in people
            if permissions_of(roles[one.id]) & CHANGING and one.totp_confirmed_at is None
        ),
    )


def _seen(user: User) -> datetime:
    return user.last_login_at or user.created_at


def _tokens(session: AnySession) -> Iterator[tuple[str, object]]:
    now = clock.now()
    valid = select(ApiToken).where(ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
    tokens = session.scalars(valid).all()
    yield "tokens.valid", len(tokens)
    unused = [one for one in tokens if now - (one.last_used_at or one.created_at) > UNUSED]
    yield "tokens.unused", len(unused)
    yield "tokens.oldest_days", max(((now - one.created_at).days for one in tokens), default=0)


def _credentials(session: AnySession) -> Iterator[tuple[str, object]]:
    kept = list_all(session)
    yield "credentials.kept", len(kept)
    yield "credentials.clear_text", sum(1 for one in kept if one.kind == "snmpv2c")
    yield "credentials.weak", sum(1 for one in kept if one.weak)


def _audit_log(session: AnySession, places: Places) -> Iterator[tuple[str, object]]:
    heads = HeadFile(places.audit_heads)
    kept = sum(1 for _head in heads.read())
    breaks = audit.verify(session, load_audit_key(places.audit_key), heads)
    yield "audit_log.breaks", len(breaks)
    yield "audit_log.heads_outside", kept
    yield "audit_log.entries", session.scalar(select(func.count(audit.AuditEntry.id))) or 0


def _clock() -> Iterator[tuple[str, object]]:
    state = clock_state()
    if state < 0:
        raise OSError("the kernel does not tell")
    yield "clock.synchronised", state != TIME_ERROR


def _backup(path: Path | None) -> Iterator[tuple[str, object]]:
    """Nobody but the settings knows where backups go; without it their age is unknown."""
    if path is None:
        raise OSError("no setting names the newest backup")
    age = clock.now().timestamp() - path.stat().st_mtime
    yield "backup.age_hours", max(0, int(age // _HOUR))
