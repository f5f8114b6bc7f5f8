"""What hatang says of its own settings, files, accounts and records: lines of `name = value`.

A fact that cannot be read is a remark with the reason instead of a line, so that its rule is
unknown. Counts only, no names: who is meant is shown by `hatang baseline accounts`.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from baselines.itself import people, places
from hatang.datadir import Places
from hatang.errors import HatangError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hatang.db import Database
    from hatang.settings import Settings
    from hatang.settings.fields import Listen

LAST_LINE: Final = "# end of what hatang says"


def told(db: Database, settings: Settings) -> str:
    """Return everything hatang says of itself, in sections."""
    where = Places.of(settings)
    with db.read() as session:  # of its own: heads newer than what a session sees look like a cut
        kept = list(_lines({"audit log": lambda: places.audit_log(session, where)}))
    with db.read() as session:
        sections: dict[str, Callable[[], Iterator[tuple[str, object]]]] = {
            "settings": lambda: _settings(settings),
            "files": lambda: places.files(settings),
            "accounts": lambda: people.accounts(session),
            "tokens": lambda: people.tokens(session),
            "credentials": lambda: people.credentials(session),
            "clock": places.synchronisation,
            "backup": lambda: places.backup(settings.baselines.backup_file),
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
