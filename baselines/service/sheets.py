"""The annual data sheet: what Form 08 of Decree 331/2026/NĐ-CP (Art. 36) asks, frozen on its date.

Each year's data are of 15 December to 14 December. What nobody recorded is null, never a guess.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from baselines import packs
from baselines.models import Attachment, Sheet
from baselines.service import answering, attaching
from baselines.service.posture import By, posture
from baselines.service.waiving import list_waivers
from hatang import audit, clock
from hatang.auth import Permission, require
from hatang.errors import ConflictError, DeniedError, NotFoundError
from hatang.gates import Verdict
from inventory.models import Contact, Service, Unit
from inventory.rows import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baselines.service.attaching import AttachmentRow, File
    from baselines.service.posture import PostureRow
    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

FORM: Final = "Form 08, Decree 331/2026/NĐ-CP, Art. 36"
ZONE: Final = answering.ZONE
_NONE: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A frozen sheet: its content as JSON, its hash, and the signed copies that came back.

    `frozen_sha256` is the hash at freezing, which a signed copy shows. It differs from `sha256`
    since the names of contacts became pseudonyms.
    """

    year: int
    content: str
    sha256: str
    frozen_sha256: str
    author: str
    frozen_at: datetime
    signed: tuple[AttachmentRow, ...]


def window(year: int) -> tuple[datetime, datetime]:
    """Return when the data of a year begin and end: 15 December to 14 December, whole days."""
    begin, end = datetime(year - 1, 12, 15, tzinfo=ZONE), datetime(year, 12, 15, tzinfo=ZONE)
    return begin, end


def preview(session: AnySession, actor: Actor, year: int) -> dict[str, Any]:
    """Return the sheet as it would be now, or as of its end when that is past; freezes nothing.

    Raises:
        DeniedError: the actor does not reach the whole province.
    """
    _require_province(actor, Permission.BASELINE_READ)
    begin, end = window(year)
    at = min(clock.now(), end)
    last = date(year, 12, 14)
    rules = {rule.id: rule for rule in packs.load().rules}
    return {
        "form": FORM,
        "year": year,
        "window": {"from": begin.date().isoformat(), "until": last.isoformat()},
        "as_of": at.isoformat(),
        "owner": _owner(session, at),
        "contacts": _contacts(session),
        "systems": _systems(session, actor, at),
        "criteria": [
            _criterion(row, rules[row.key].title.vi, rules[row.key].severity)
            for row in posture(session, actor, By.RULE, at)
            if row.key in rules
        ],
        "waivers": [
            {"device": row.device, "rule": row.rule_id, "plan": row.measure, "until": row.ends_at}
            for row in list_waivers(session, actor, EVERYTHING).items
            if row.held(at)
        ],
        "questions": [
            {
                "question": row.question_id,
                "subject": row.subject,
                "name": row.name,
                "verdict": row.verdict,
                "due_at": row.due_at,
                "evidence": [one.sha256 for one in row.evidence],
            }
            for row in answering.list_questions(session, actor, at)
        ],
        "pack": {"name": packs.load().name, "sha256": packs.load().sha256},
    }


def freeze(session: WriteSession, actor: Actor, year: int) -> str:
    """Freeze a year's sheet for good and return its hash.

    Raises:
        DeniedError: the actor may not speak for the whole province.
        ConflictError: the year is not over yet, or its sheet is frozen already.
    """
    _require_province(actor, Permission.WAIVER_REQUEST)
    if clock.now() < window(year)[1]:
        raise ConflictError(
            f"the data of {year} run until 14 December",
            fix="Look at the preview, and freeze it from 15 December on.",
        )
    if session.scalar(select(Sheet.id).where(Sheet.year == year)) is not None:
        raise ConflictError(f"the sheet of {year} is frozen", fix="Read it; it does not change.")
    content = written(preview(session, actor, year))
    digest = hashlib.sha256(content.encode()).hexdigest()
    row = Sheet(year=year, content=content, sha256=digest, author=actor.name, frozen_at=clock.now())
    session.add(row)
    session.flush()
    audit.record(session, actor, "baseline.freeze", f"sheet/{year}", {"sha256": digest})
    return digest


def get_sheet(session: AnySession, actor: Actor, year: int) -> SheetRow:
    """Return a frozen sheet.

    Raises:
        NotFoundError: none was frozen for that year.
        DeniedError: the actor does not reach the whole province.
    """
    _require_province(actor, Permission.BASELINE_READ)
    return _shown(session, _get(session, year))


def list_sheets(session: AnySession, actor: Actor) -> list[SheetRow]:
    """Return the frozen sheets, the newest first.

    Raises:
        DeniedError: the actor does not reach the whole province.
    """
    _require_province(actor, Permission.BASELINE_READ)
    rows = session.scalars(select(Sheet).order_by(Sheet.year.desc())).all()
    return [_shown(session, row) for row in rows]


def _shown(session: AnySession, row: Sheet) -> SheetRow:
    files = session.scalars(
        select(Attachment).where(Attachment.sheet_id == row.id).order_by(Attachment.id)
    )
    signed = tuple(attaching.shown(one) for one in files)
    first = row.frozen_sha256 or row.sha256
    return SheetRow(row.year, row.content, row.sha256, first, row.author, row.frozen_at, signed)


def keep_signed(session: WriteSession, actor: Actor, year: int, file: File) -> str:
    """Take the signed copy of a frozen sheet back as evidence; returns its SHA-256.

    Raises:
        NotFoundError: none was frozen for that year.
        DeniedError: the actor may not speak for the whole province.
        InvalidInputError: the file is none that is taken.
    """
    _require_province(actor, Permission.WAIVER_REQUEST)
    row = attaching.keep(session, actor, file, sheet_id=_get(session, year).id)
    detail = {"file": row.filename, "sha256": row.sha256}
    audit.record(session, actor, "baseline.signed-copy", f"sheet/{year}", detail)
    return row.sha256


def due_year(at: datetime) -> int | None:
    """Return the year whose sheet is to be frozen at `at`: within a month after its end."""
    for year in (at.year, at.year - 1):
        end = window(year)[1]
        if end <= at < end + timedelta(days=31):
            return year
    return None


def is_frozen(session: AnySession, year: int) -> bool:
    """Return whether the sheet of a year is frozen."""
    return session.scalar(select(Sheet.id).where(Sheet.year == year)) is not None


def written(content: Mapping[str, Any]) -> str:
    """Return a sheet as the JSON whose hash is kept."""
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=_plain) + "\n"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _require_province(actor: Actor, permission: Permission) -> None:
    require(actor, permission)
    if actor.acting(permission).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} does not reach the whole province",
            fix="Ask somebody whose role reaches the whole province.",
        )


def _get(session: AnySession, year: int) -> Sheet:
    row = session.scalars(select(Sheet).where(Sheet.year == year)).first()
    if row is None:
        raise NotFoundError(f"no sheet was frozen for {year}")
    return row


def _owner(session: AnySession, at: datetime) -> dict[str, str] | None:
    statement = (
        select(Unit).where(Unit.parent_id.is_(None), answering.existed(at)).order_by(Unit.code)
    )
    unit = session.scalars(statement).first()
    return None if unit is None else {"code": unit.code, "name": unit.name}


def _contacts(session: AnySession) -> list[dict[str, Any]]:
    statement = (
        select(Contact, Unit.name)
        .outerjoin(Unit, Unit.id == Contact.unit_id)
        .order_by(Contact.code)
    )
    return [
        {
            "unit": unit,
            "name": one.name,
            "function": one.function or None,
            "phone": one.phone or one.mobile or None,
            "mail": one.mail,
        }
        for one, unit in session.execute(statement)
    ]


def _systems(session: AnySession, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    found = {row.key: row for row in posture(session, actor, By.SYSTEM, at)}
    statement = (
        select(Service, Unit.name).join(Unit, Unit.id == Service.unit_id).order_by(Service.code)
    )
    rows = []
    for system, unit in session.execute(statement):
        row = found.get(system.code)
        rows.append(
            {
                "code": system.code,
                "name": system.name,
                "level": system.level,
                "unit": unit,
                "operator": system.party or unit,
                "status": system.status,
                "dossier_approved": None,
                "deployed": _deployed(row),
                "verdicts": {} if row is None else dict(sorted(row.verdicts.items())),
                "devices": None if row is None else row.devices,
                "not_collected": None if row is None else row.not_collected,
            }
        )
    return rows


def _deployed(row: PostureRow | None) -> str | None:
    """Return how far measures are deployed; None where any device or criterion is not known."""
    counts = _NONE if row is None else row.verdicts
    passed, failed = counts.get(Verdict.PASS, 0), counts.get(Verdict.FAIL, 0)
    failed += counts.get(Verdict.WAIVED, 0)
    if failed:
        return "partly" if passed else "not"
    doubted = counts.get(Verdict.UNKNOWN, 0) + counts.get(Verdict.ERROR, 0)
    if row is None or row.not_collected or doubted or not passed:
        return None
    return "fully"


def _criterion(row: PostureRow, title: str, severity: str) -> dict[str, Any]:
    kept = ("ratio", "ratio_unwaived", "verdicts")
    found = {name: value for name, value in asdict(row).items() if name in kept}
    return {"rule": row.key, "title": title, "severity": severity, **found}
