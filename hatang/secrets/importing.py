"""Reads credentials from a TOML file of mode 0600: `[credentials.NAME] kind = "ssh" …`."""

from __future__ import annotations

import stat
import tomllib
from typing import TYPE_CHECKING, Any

from hatang.errors import InvalidInputError, Problem
from hatang.secrets.checks import problems_of
from hatang.secrets.service import put

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import WriteSession


def import_file(session: WriteSession, actor: Actor, path: Path) -> list[str]:
    """Create or replace all credentials of the file and return their names.

    Raises:
        DeniedError: the actor may not write credentials.
        InvalidInputError: everything wrong with the file; nothing of it is kept then.
    """
    tables = _tables(path)
    problems: list[Problem] = []
    for name, table in tables.items():
        kind, fields = _split(table)
        problems += problems_of(name, kind, fields, where=path.name)
    if problems:
        raise InvalidInputError(problems)
    for name, table in tables.items():
        kind, fields = _split(table)
        put(session, actor, name, kind, fields)
    return list(tables)


def _split(table: object) -> tuple[str, dict[str, Any]]:
    fields = dict(table) if isinstance(table, dict) else {}
    return str(fields.pop("kind", "")), fields


def _tables(path: Path) -> dict[str, Any]:
    where = path.name
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise _refused(where, "file", message, "Check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The parser's message may quote a secret; its position is enough.
        line = _line(error)
        raise _refused(where, "file", f"is no TOML{line}", "Mend the syntax.") from None
    if mode & 0o077:
        message = f"may be read by others (mode {mode:04o})"
        raise _refused(where, "file", message, "Run chmod 600 on it.")
    tables = content.pop("credentials", None)
    if content or not isinstance(tables, dict) or not tables:
        raise _refused(where, "credentials", "no such tables alone", "Write [credentials.NAME].")
    return tables


def _line(error: Exception) -> str:
    _, _, position = str(error).rpartition("(at ")
    return f" (at {position}" if position and str(error).endswith(")") else ""


def _refused(where: str, field: str, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem(where, field, "", message, fix)])
