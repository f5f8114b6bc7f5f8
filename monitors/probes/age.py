"""How old the newest sign of something is: of a backup, of a log line handed on.

The sign is a file here, a file elsewhere over SSH, or a page: its Last-Modified, or a time that a
pattern finds in its text.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import re2
from pydantic import Field

from hatang import clock, drivers
from hatang.drivers.target import SshLogin, Target
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.http import Pattern
from monitors.probes.result import Answer, Options
from monitors.probes.web import Request, fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

_MAX_FILES: Final = 10_000
_STAT: Final = re.compile(r"(\d+) (\d+)")
_EPOCH: Final = re.compile(r"\d{9,13}(?:\.\d+)?")
_FUTURE_SECONDS: Final = 300.0


class AgeOptions(Options):
    """Where the sign is and how old it may be.

    `file` is a path with `*` on this machine, or on the host of an `sftp` address, where
    `credential` logs in. `pattern` has one group, a time (ISO 8601 or Unix) in a page's text.
    A file smaller than `min_bytes` is no good one.
    """

    file: Annotated[str, Field(max_length=500, pattern=r"^(/.+)?$")] = ""
    credential: Annotated[str, Field(max_length=100)] = ""
    pattern: Pattern | None = None
    max_age_seconds: Annotated[int, Field(ge=60)] = 26 * 3600
    min_bytes: Annotated[int, Field(ge=0)] = 1


class FeedOptions(AgeOptions):
    """As of a backup, but five minutes."""

    max_age_seconds: Annotated[int, Field(ge=60)] = 300


async def ask(aim: Aim, means: Means, options: AgeOptions) -> Answer:
    """Answer when the newest sign is young enough; one from the future is a wrong clock."""
    if not aim.url or aim.url.startswith("file:"):
        newest = await asyncio.to_thread(_here, options)
    else:
        at = await aim.other(aim.url)
        if at.scheme in {"ssh", "sftp"}:
            newest = await _there(at, means, options)
        else:
            newest = await _shown(at, means, options)
    age = clock.now().timestamp() - newest
    values = {
        "hatang_probe_age_seconds": age,
        "hatang_probe_newest_timestamp_seconds": newest,
    }
    shown = f"{datetime.fromtimestamp(newest, UTC):%Y-%m-%d %H:%M}Z"
    if age > options.max_age_seconds:
        return Answer(Cause.TOO_OLD, values, f"newest is from {shown}")
    if age < -_FUTURE_SECONDS:
        return Answer(Cause.CLOCK_OFF, values, f"newest is from {shown}")
    return Answer(Cause.ANSWERED, values, f"newest is from {shown}")


def _here(options: AgeOptions) -> float:
    if not options.file:
        raise DriverError("neither a file nor an address is given", Reason.NOT_SUPPORTED)
    root = Path("/")
    found = []
    for number, path in enumerate(root.glob(options.file.lstrip("/"))):
        if number >= _MAX_FILES:
            raise DriverError(f"{options.file}: more than {_MAX_FILES} files", Reason.REJECTED)
        status = path.stat()
        if path.is_file():
            found.append((status.st_mtime, status.st_size))
    return _newest(found, options)


async def _there(aim: Aim, means: Means, options: AgeOptions) -> float:
    try:
        login = SshLogin.of(await means.credential(options.credential))
    except LookupError as error:
        fix = "Name a stored credential of kind ssh."
        raise DriverError(
            "no login for the backup's host", Reason.NOT_SUPPORTED, fix=fix
        ) from error
    text = await asyncio.to_thread(_list, aim, means, login, options)
    found = [(float(at), int(size)) for at, size in _STAT.findall(text)]
    return _newest(found[:_MAX_FILES], options)


def _list(aim: Aim, means: Means, login: SshLogin, options: AgeOptions) -> str:
    target = Target(aim.host, aim.address, aim.port)
    limits = drivers.ssh.SshLimits(connect_seconds=aim.timeout_seconds, output_bytes=1 << 20)
    # Only the stars of the pattern are the shell's; everything else is quoted.
    pattern = "*".join(shlex.quote(part) if part else "" for part in options.file.split("*"))
    with closing(drivers.ssh.open_ssh(target, login, means.host_keys, limits)) as session:
        done = session.run(f"stat -c '%Y %s' -- {pattern}", timeout_seconds=aim.timeout_seconds)
    if not done.ok and not done.stdout:
        raise DriverError(f"{aim.host}: no such file", Reason.REJECTED)
    return done.stdout


def _newest(found: Iterable[tuple[float, int]], options: AgeOptions) -> float:
    good = [at for at, size in found if size >= options.min_bytes]
    if not good:
        raise DriverError(f"{options.file}: no good file", Reason.REJECTED)
    return max(good)


async def _shown(aim: Aim, means: Means, options: AgeOptions) -> float:
    method = "HEAD" if options.pattern is None else "GET"
    page = await fetch(aim, means, Request(method))
    if page.status >= 400:
        raise DriverError(f"{aim.url}: status {page.status}", Reason.REJECTED)
    if options.pattern is None:
        told = page.headers.get("last-modified", "")
        try:
            return parsedate_to_datetime(told).timestamp()
        except (ValueError, TypeError) as error:
            raise DriverError(f"{aim.url}: says no time", Reason.PROTOCOL_ERROR) from error
    times = [when(match) for match in re2.findall(options.pattern, page.text)[:_MAX_FILES]]
    if not times:
        raise DriverError(f"{aim.url}: shows no time", Reason.REJECTED)
    return max(times)


def when(text: object) -> float:
    """Return the Unix time that `text` says; raises DriverError PROTOCOL_ERROR when it is none."""
    word = str(text[0] if isinstance(text, tuple) else text).strip()
    if _EPOCH.fullmatch(word):
        seconds = float(word)
        return seconds / 1000 if seconds > 1e11 else seconds
    try:
        found = datetime.fromisoformat(word)
    except ValueError as error:
        raise DriverError("what the pattern finds is no time", Reason.PROTOCOL_ERROR) from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
