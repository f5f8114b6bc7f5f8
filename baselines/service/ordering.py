"""Scans that a worker runs: asked for by a person, or each night by the settings."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from baselines.openscap import MOST_SECONDS, Datastream
from baselines.service import scanning, scans
from hatang import blobs, clock, jobs
from hatang.auth import Actor
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import HatangError, InvalidInputError, Problem
from hatang.log import get_logger
from playbooks.pace import Pace

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import AnySession, Database, WriteSession
    from hatang.jobs import Scalars
    from hatang.settings import Settings

LOG: Final = get_logger(__name__)
JOB: Final = "baselines.scan-server"


def ask(session: WriteSession, actor: Actor, device: str, content: Datastream, profile: str) -> str:
    """Have the worker scan a server; returns the job's key, the same until that is over.

    A server is scanned for one asker at a time, and by the same profile at most once a minute.

    Raises:
        DeniedError: the actor may not read configurations.
        NotFoundError: there is no such device, or it lies where the actor may not read any.
        InvalidInputError: it is no server, or the datastream has no such profile.
    """
    known = underway(session, actor, device)
    if known is not None:
        return known
    row = scans.server(session, actor, device)
    args = arguments(session, row.name, content, profile)
    key = f"scan/{row.id}/{_digest(args)}/{clock.now():%Y-%m-%dT%H:%M}"
    return jobs.request(session, JOB, args, key=key, actor=actor.name).key


def underway(session: AnySession, actor: Actor, device: str) -> str | None:
    """Return the key of the server's scan that is not over, None if there is none.

    Raises:
        DeniedError: the actor may not read configurations.
        NotFoundError: there is no such device, or it lies where the actor may not read any.
        InvalidInputError: it is no server.
    """
    row = scans.server(session, actor, device)
    scanning.require_server(row)
    return jobs.underway(session, JOB, {"device": row.name})


def arguments(
    session: WriteSession, device: str, content: Datastream, profile: str
) -> dict[str, str]:
    """Return what a job needs to scan by `content`, which is kept as a blob."""
    return {
        "device": device,
        "datastream": blobs.put(session, content.data),
        "filename": content.filename,
        "profile": content.profile(profile),
    }


def _digest(args: Scalars) -> str:
    """Return what tells scans of one server by other datastreams or profiles apart."""
    return hashlib.sha256(f"{args['datastream']} {args['profile']}".encode()).hexdigest()[:12]


def scan_asked(db: Database, settings: Settings, asker: str, args: Scalars) -> int:
    """Scan a server because `asker` asked for it; returns the scan's id."""
    with db.read() as session:
        data = blobs.get(session, str(args["datastream"]))
    content = Datastream.read(data, str(args["filename"]))
    zone = ZoneInfo(settings.timezone)
    order = scanning.Order(content, str(args["profile"]), zone, MOST_SECONDS, asker)
    actor = Actor.system(f"scan of a server, asked by {asker}")
    device, pace = str(args["device"]), Pace.of(settings)
    return scanning.scan_server(db, StoredHostKeys(db), actor, device, order, pace=pace)


def of_settings(settings: Settings, device: str) -> tuple[Datastream, str]:
    """Return the datastream and the profile that the settings give for a server.

    Raises:
        InvalidInputError: they give none, the file cannot be read, or as `Datastream.read`.
    """
    for given in settings.baselines.scans:
        if device in given.servers:
            return _read(given.datastream), given.profile
    fix = "Give --datastream, or name the server in baselines.scans of the settings."
    raise _refused("datastream", device, "is given for no scan", fix)


def ask_all(db: Database, settings: Settings, key: str) -> dict[str, int]:
    """Ask for the scans that the settings name; returns how many could not be asked for.

    `key` is of what asks: asked twice with the same, a server is scanned once by each datastream
    and profile.
    """
    asked: set[str] = set()
    refused = 0
    read = lru_cache(maxsize=1)(_read)  # those of one datastream follow each other
    for given in sorted(settings.baselines.scans, key=lambda one: one.datastream):
        try:
            content = read(given.datastream)
        except HatangError as error:
            LOG.warning("no scan of %s: %s", ", ".join(given.servers), error.message)
            refused += len(given.servers)
            continue
        for device in given.servers:
            try:
                asked.add(_ask_nightly(db, device, content, given.profile, key))
            except HatangError as error:
                LOG.warning("no scan of %s: %s", device, error.message)
                refused += 1
    return {"asked": len(asked), "refused": refused}


def _ask_nightly(db: Database, device: str, content: Datastream, profile: str, key: str) -> str:
    actor = Actor.system("nightly scans")
    with db.write() as session:
        row = scans.server(session, actor, device)
        args = arguments(session, row.name, content, profile)
        own = f"{key}/{row.id}/{_digest(args)}"
        return jobs.request(session, JOB, args, key=own, actor=actor.name).key


def _read(path: Path) -> Datastream:
    try:
        return Datastream.read(path.read_bytes(), path.name)
    except OSError as error:
        fix = "Put the datastream there, readable for hatang."
        message = f"cannot be read: {error.strerror}"
        raise _refused("datastream", str(path), message, fix) from error


def _refused(field: str, value: str, message: str, fix: str) -> InvalidInputError:
    return InvalidInputError([Problem("scan", field, value, message, fix)])
