"""Scans of servers by their own OpenSCAP: ask for one, read what they found."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.callers import CallerDep
from api.rest.imports import Upload, received
from api.rest.paging import Schema
from api.rest.schemas.changes import Started
from baselines.openscap import Datastream
from baselines.service import ordering, scans

router = APIRouter(prefix="/devices/{name}/scans", tags=["baselines"])
UploadDep = Annotated[Upload, Depends(received)]


class Scan(Schema):
    """One scan; `verdicts` counts its findings, `target` is what the scanner calls the server."""

    id: int
    device: str
    benchmark: str
    profile: str
    target: str
    scanner: str
    ended_at: datetime
    verdicts: dict[str, int]
    sha256: str
    author: str
    created_at: datetime


@router.get("")
def list_scans(caller: CallerDep, name: str) -> list[Scan]:
    """Return what OpenSCAP said of a server, the newest first."""
    with caller.read() as session:
        rows = scans.list_scans(session, caller.actor, name)
        return [Scan.model_validate(row) for row in rows]


@router.post("", status_code=202)
def scan_server(
    caller: CallerDep,
    name: str,
    upload: UploadDep,
    profile: Annotated[str, Query(max_length=200)] = "",
) -> Started:
    """Have the worker scan a server by the datastream in the body, and its job says how far.

    While a scan of the server is not over, its job is the answer.
    """
    with caller.read() as session:
        known = ordering.underway(session, caller.actor, name)
    if known is not None:
        return Started(jobs=[known])
    content = Datastream.read(upload.data, upload.filename)
    with caller.write() as session:
        return Started(jobs=[ordering.ask(session, caller.actor, name, content, profile)])
