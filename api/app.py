"""Puts the app together: guard, doors, errors. No global, no work at import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from api import alertmanager, answers, probes
from api.guard import Guard
from api.rest import (
    audit_log,
    baselines,
    changes,
    conference,
    credentials,
    discovery,
    drift,
    elements,
    events,
    exports,
    files,
    graphs,
    handovers,
    hints,
    hostkeys,
    imports,
    inbox,
    incidents,
    inventory,
    maintenances,
    meeting_doors,
    operations,
    questions,
    reports,
    rooms,
    rules,
    scans,
    schedules,
    standards,
    status,
    topology,
    units,
    vault,
)
from api.rest.schemas.refusals import REFUSALS
from api.web import (
    account,
    aliases,
    board,
    bridges,
    browse,
    datasheets,
    devices,
    exporting,
    findings,
    importing,
    meetings,
    network,
    past,
    places,
    posture,
    reorganising,
    runbooks,
    runs,
    systems,
    versions,
    waivers,
    wall,
    whatif,
)
from api.web import changes as change_pages
from api.web import credentials as credential_pages
from api.web import drift as drift_pages
from api.web import handovers as handover_pages
from api.web import hints as hint_pages
from api.web import hostkeys as host_key_pages
from api.web import inbox as inbox_pages
from api.web import incidents as incident_pages
from api.web import maintenances as maintenance_pages
from api.web import questions as question_pages
from api.web import reports as report_pages
from api.web import rules as rule_pages
from api.web import schedules as schedule_pages
from api.web import standing as standing_pages
from hatang import __version__

if TYPE_CHECKING:
    from api.context import ApiContext

STATIC: Final = Path(__file__).parent / "web" / "static"
PREFIX: Final = "/api/v1"
DESCRIPTION: Final = (
    "Everything hatang knows and does, for programs. Send `Authorization: Bearer hat_…`. "
    "Times are UTC in RFC 3339, rates bit/s unless the name says otherwise, durations seconds. "
    "An error has `code`, `message`, `fix` and `problems`."
)
REST: Final = (
    status.router,
    graphs.router,
    hints.router,
    units.router,
    inventory.router,
    topology.router,
    inbox.router,
    hostkeys.router,
    credentials.router,
    incidents.router,
    handovers.router,
    maintenances.router,
    reports.router,
    rules.router,
    scans.router,
    changes.router,
    standards.router,
    operations.router,
    schedules.router,
    vault.router,
    drift.router,
    baselines.router,
    questions.router,
    conference.router,
    meeting_doors.router,
    rooms.router,
    audit_log.router,
    discovery.router,
    exports.router,
    files.router,
    imports.router,
    events.router,
    elements.router,
)
WEB: Final = (
    account.router,
    board.router,
    wall.router,
    incident_pages.router,
    handover_pages.router,
    maintenance_pages.router,
    devices.router,
    host_key_pages.router,
    credential_pages.router,
    standing_pages.router,
    change_pages.router,
    findings.router,
    posture.router,
    runs.router,
    schedule_pages.router,
    versions.router,
    drift_pages.router,
    question_pages.router,
    datasheets.router,
    waivers.router,
    hint_pages.router,
    rule_pages.router,
    meetings.router,
    whatif.router,
    bridges.router,
    aliases.router,
    network.router,
    past.router,
    report_pages.router,
    places.router,
    importing.router,
    exporting.router,
    inbox_pages.router,
    reorganising.router,
    systems.router,
    runbooks.router,
    # Last: its kinds of elements are any word under /inventory.
    browse.router,
)


def create_app(context: ApiContext) -> FastAPI:
    """Return the app that answers with the parts in `context`."""
    app = FastAPI(
        title="hatang",
        version=__version__,
        description=DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.context = context
    rest = APIRouter(prefix=PREFIX, responses=REFUSALS)
    for router in REST:
        rest.include_router(router)
    app.include_router(rest)
    app.include_router(probes.router)
    app.include_router(alertmanager.router)
    for router in WEB:
        app.include_router(router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    answers.register(app)
    app.add_middleware(Guard, settings=context.settings)
    return app
