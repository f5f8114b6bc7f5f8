"""Can a database user log in to PostgreSQL and ask a question."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from hatang.errors import DriverError, Reason
from monitors.probes.login import login
from monitors.probes.result import Answer, Options, Probe

if TYPE_CHECKING:
    import psycopg

    from monitors.probes.aim import Aim
    from monitors.probes.login import Login
    from monitors.probes.result import Means

# PostgreSQL's error codes, appendix A: class 28 is invalid authorisation.
_REFUSED_LOGIN: Final = "28"


class PostgresqlOptions(Options):
    """`credential` is the stored login; the path of the address is the database."""

    credential: Annotated[str, Field(min_length=1, max_length=100)]


async def ask(aim: Aim, means: Means, options: PostgresqlOptions) -> Answer:
    """Answer when the login is taken and `SELECT 1` is answered.

    Only SCRAM is spoken: it proves each side to the other, and the password never travels.
    """
    stored = await login(means, options.credential)
    return await asyncio.to_thread(_ask, aim, stored)


def _ask(aim: Aim, stored: Login) -> Answer:
    import psycopg  # noqa: PLC0415 RUF100 - only who has such a probe needs it

    try:
        with psycopg.connect(
            host=aim.host,
            hostaddr=aim.address,
            port=aim.port,
            user=stored.username,
            password=stored.password,
            dbname=aim.path.strip("/").partition("?")[0] or "postgres",
            sslmode="prefer",
            require_auth="scram-sha-256",
            connect_timeout=max(2, round(aim.timeout_seconds)),
            autocommit=True,
            application_name="hatang",
        ) as connection:
            connection.execute("SELECT 1").fetchone()
            version = connection.info.server_version
    except psycopg.Error as error:
        raise _told(aim, error) from None  # what the library says may quote what was sent
    return Answer(detail=f"server {version // 10_000}")


def _told(aim: Aim, error: psycopg.Error) -> DriverError:
    text = str(error)
    if (error.sqlstate or "").startswith(_REFUSED_LOGIN) or any(
        words in text for words in ("authentication failed", "pg_hba.conf")
    ):
        return DriverError(f"{aim.host}: the login is refused", Reason.AUTH_FAILED)
    if "require_auth" in text or "authentication method" in text:
        return DriverError(f"{aim.host}: does not offer SCRAM", Reason.AUTH_FAILED)
    for words, reason in (
        ("refused", Reason.REFUSED),
        ("timeout", Reason.TIMEOUT),
        ("unreachable", Reason.UNREACHABLE),
    ):
        if words in text:
            return DriverError(f"{aim.host}: {words}", reason)
    code = f" {error.sqlstate}" if error.sqlstate else ""
    reason = Reason.REJECTED if code else Reason.PROTOCOL_ERROR
    return DriverError(f"{aim.host}: no answer of PostgreSQL{code}", reason)


PROBE: Final = Probe(ask, ("postgresql",), PostgresqlOptions)
