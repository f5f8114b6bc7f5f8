"""Bridges, meetings, and whether tomorrow's will work."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from api import reports
from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.meetings import read_meeting
from cli.options import LanguageOption, LimitOption, OffsetOption, OutOption, SortOption
from cli.output import show, show_page, show_rows, wants_json
from cli.reporting import in_language, write
from conference import service
from conference.choices import BridgeState, Check, Readiness
from hatang.errors import NotFoundError
from inventory import service as inventory
from inventory.rows import EVERYTHING, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

Record = Annotated[Path | None, typer.Option(help="Directory for what they answer, as it comes.")]

bridge: typer.Typer = noun("bridge", "Conference bridges.")
endpoint: typer.Typer = noun("endpoint", "Codecs and terminals in rooms.")
meeting: typer.Typer = noun("meeting", "Meetings and their points.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(bridge)
    app.add_typer(endpoint)
    app.add_typer(meeting)


@verb(bridge, "status")
def bridge_status(
    codes: Annotated[list[str] | None, typer.Argument(help="All when none is named.")] = None,
    *,
    record: Record = None,
) -> None:
    """Ask bridges how they are now; exit status 1 when one is not up.

    Example: hatang bridge status mcu-1 --as lan
    """
    opened = door()
    actor = opened.acting()
    wanted: Sequence[str] = codes or []
    if not wanted:
        with opened.read() as (session, who):
            wanted = [row.code for row in inventory.list_bridges(session, who, EVERYTHING).items]
    ways = service.Ways.of(opened.settings)
    found = {
        code: service.bridge_status(
            opened.app.db, actor, code, ways=ways, record=record and record / code
        )
        for code in wanted
    }
    show_rows(
        [
            {"bridge": code, "state": status.state, "status": status}
            for code, status in found.items()
        ],
        "bridge",
        "state",
        "status",
    )
    if any(status.state is not BridgeState.UP for status in found.values()):
        raise typer.Exit(exits.FAILED)


@verb(endpoint, "status")
def endpoint_status(
    codes: Annotated[list[str], typer.Argument(help="Endpoints that have a driver.")],
    *,
    record: Record = None,
) -> None:
    """Ask endpoints how they are now; exit status 1 when one does not answer.

    Example: hatang endpoint status codec-tan-lap --as lan
    """
    opened = door()
    actor = opened.acting()
    ways = service.Ways.of(opened.settings)
    found = {
        code: service.endpoint_status(
            opened.app.db, actor, code, ways=ways, record=record and record / code
        )
        for code in codes
    }
    show_rows(
        [
            {"endpoint": code, "reason": status.reason, "status": status}
            for code, status in found.items()
        ],
        "endpoint",
        "reason",
        "status",
    )
    if any(status.reason for status in found.values()):
        raise typer.Exit(exits.FAILED)


@verb(meeting, "aliases")
def aliases() -> None:
    """List who is which room in conferences, as somebody wrote it down.

    Example: hatang meeting aliases --as lan
    """
    opened = door()
    with opened.read() as (session, actor):
        rows = service.list_aliases(session, actor)
    show_rows(rows, "alias", "room", "room_name", "actor", "created_at")


@verb(meeting, "alias")
def alias(
    name: Annotated[str, typer.Argument(help="Display name, SIP address, number or IP address.")],
    room: Annotated[str, typer.Argument(help="Which room that is; none with --remove.")] = "",
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Forget who that is.")] = False,
) -> None:
    """Write down which room somebody is, before every other way to tell.

    Example: hatang meeting alias "Tân Lập (iPad)" room-xa-01 --as lan
    """
    opened = door()
    with opened.write() as (session, actor):
        if remove:
            service.remove_alias(session, actor, name)
        else:
            service.put_aliases(session, actor, [(name, room)])
    show({"alias": name, "room": "" if remove else room})


@verb(meeting, "import-aliases")
def import_aliases(
    file: Annotated[Path, typer.Argument(help="CSV with the columns alias and room.")],
) -> None:
    """Write down every line of a CSV file, or none.

    Example: hatang meeting import-aliases aliases.csv --as lan
    """
    opened = door()
    if not file.is_file():
        raise NotFoundError(f"there is no file {file}")
    with opened.write() as (session, actor):
        count = service.import_aliases(session, actor, file.read_bytes(), file.name)
    show({"aliases": count})


@verb(meeting, "put")
def put(
    file: Annotated[Path, typer.Argument(help="YAML: uid, title, starts_at, ends_at, bridge, …")],
) -> None:
    """Create a meeting, or make the one with this UID be exactly so.

    Example: hatang meeting put giao-ban.yaml --as lan
    """
    opened = door()
    wanted = read_meeting(file, ZoneInfo(opened.settings.timezone))
    with opened.write() as (session, actor):
        number = service.put_meeting(session, actor, wanted)
    show({"meeting": number, "uid": wanted.uid})


@verb(meeting, "list")
def list_(
    *,
    after: Annotated[
        datetime | None, typer.Option(help="Leave out what ended before; local time.")
    ] = None,
    limit: LimitOption = 100,
    offset: OffsetOption = 0,
    sort: SortOption = "",
) -> None:
    """List meetings, the next one first.

    Example: hatang meeting list --sort=-starts_at --limit 20 --as lan
    """
    opened = door()
    zone = ZoneInfo(opened.settings.timezone)
    since = None if after is None else after.replace(tzinfo=zone)
    with opened.read() as (session, actor):
        query = Query({}, "", sort, limit, offset)
        found = service.list_meetings(session, actor, query, ends_after=since)
    show_page(found, "uid", "title", "starts_at", "ends_at", "bridge", "points", "state")


@verb(meeting, "readiness")
def readiness(
    uid: str,
    *,
    last: Annotated[bool, typer.Option("--last", help="The last answer; measure nothing.")] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Measure each way with 600 packets; takes a minute.")
    ] = False,
) -> None:
    """Look at every point now and say which will work; exit status 1 unless all will.

    Example: hatang meeting readiness giao-ban-2026-11-23 --as lan
    """
    opened = door()
    if not last:
        actor = opened.acting()
        ways, terms = service.Ways.of(opened.settings), service.Terms.of(opened.settings)
        service.check_readiness(opened.app.db, actor, uid, ways=ways, terms=terms, full=full)
    with opened.read() as (session, who):
        report = service.latest_readiness(session, who, uid)
    if wants_json():
        show(report)
    else:
        _answer(report)
    if report.verdict.verdict is not Readiness.READY:
        raise typer.Exit(exits.FAILED)


@verb(meeting, "what-if")
def what_if(
    file: Annotated[Path, typer.Argument(help="YAML of a meeting, as for `put`.")],
) -> None:
    """Say which lines and ports would run out; exit status 1 when one would.

    So it is when nobody can tell: of the bridge's ports, or of a room's way.

    Example: hatang meeting what-if giao-ban.yaml --as lan
    """
    opened = door()
    terms = service.Terms.of(opened.settings)
    wanted = read_meeting(file, terms.zone)
    with opened.read() as (session, actor):
        found = service.what_if(session, actor, wanted, terms)
    show(found)
    if not found.fits:
        raise typer.Exit(exits.FAILED)


@verb(meeting, "waive")
def waive(
    uid: str,
    room: str,
    check: Check,
    *,
    reason: Annotated[str, typer.Option(help="Why the meeting goes on without it.")],
    until: Annotated[datetime, typer.Option(help="Until when; local time.")],
) -> None:
    """Answer by name for a check of a point that does not pass.

    Example: hatang meeting waive giao-ban xa-01 path --reason "đã gọi" --until 2026-11-23T10:00
    """
    opened = door()
    at = until.replace(tzinfo=ZoneInfo(opened.settings.timezone))
    with opened.write() as (session, actor):
        service.put_waiver(session, actor, uid, service.WaiverInput(room, check, reason, at))
    show({"meeting": uid, "room": room, "check": check, "expires_at": at})


@verb(meeting, "report")
def report(uid: str, *, out: OutOption, language: LanguageOption = "vi") -> None:
    """Write the last answer about a meeting as a file, to print; measures nothing.

    Example: hatang meeting report giao-ban-2026-11-23 --out giao-ban.pdf --as lan
    """
    opened = door()
    with in_language(language, out):
        with opened.read() as (session, actor):
            document = reports.readiness(session, actor, uid, opened.settings.timezone)
        write(document, out)


def _answer(report: service.ReadinessReport) -> None:
    """Print what a person asks: how many will work, whose fault it is, and who waits for whom."""
    verdict = report.verdict
    causes = "; ".join(f"{cause.name} ({cause.points})" for cause in verdict.causes)
    looked = report.finished_at.isoformat() if report.finished_at else "never"
    if report.is_stale and report.age_seconds is not None:
        looked += f", stale: {report.age_seconds // 60:.0f} minutes old"
    print(f"{report.meeting.title}: {verdict.verdict}, {verdict.ready} of {verdict.total} ready")
    print(f"causes: {causes or 'none'}; checked: {looked}")
    if report.not_looked_at:
        print("not looked at: " + ", ".join(f"{k} ({n})" for k, n in report.not_looked_at.items()))
    print()
    show_rows(verdict.points, "room", "verdict", "cause")
