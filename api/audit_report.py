"""The audit report: a part of the province as it stood at a date, in every form offices read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from api import reports
from api.web import formats, words
from baselines import oscal
from baselines import service as baselines
from baselines.service import WHOLE, By, Part
from hatang import clock
from hatang.errors import InvalidInputError, Problem
from hatang.gates import Verdict
from hatang.i18n import _
from hatang.reports import Document, Table, to_csv, written
from inventory.rows import EVERYTHING, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from baselines.service import FindingRow, Point, PostureRow, RepairRow, WaiverRow
    from hatang.auth import Actor
    from hatang.db import AnySession
    from hatang.reports import Cell

FORMS: Final = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
    ".oscal.json": "application/json",
    ".json": "application/json",
}
TREND_POINTS: Final = 6
TREND_STEP: Final = timedelta(days=30)
REPAIRS_WITHIN: Final = timedelta(days=180)
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Choice:
    """What to report: `by` which groups, of one group `key` only, as it stood `at`.

    Findings are of one `device`, `rule` or `verdict` where these are given. `sample` devices are
    drawn by `seed`.
    """

    by: By = By.UNIT
    key: str = ""
    at: datetime | None = None
    device: str = ""
    rule: str = ""
    verdict: str = ""
    sample: int = 0
    seed: str = ""

    @property
    def filters(self) -> dict[str, str]:
        """The findings' filters that are given."""
        given = {"device": self.device, "rule": self.rule, "verdict": self.verdict}
        if self.by is By.RULE and self.key:
            given["rule"] = self.key
        return {name: value for name, value in given.items() if value}


def form_of(name: str) -> str:
    """Return the form that a file's name asks for; raises InvalidInputError for none of them."""
    for form in FORMS:
        if name.lower().endswith(form):
            return form
    fix = f"Name a file that ends in one of {', '.join(FORMS)}."
    raise InvalidInputError([Problem("command", "out", name[-40:], "is no form of a report", fix)])


def audit_file(session: AnySession, actor: Actor, choice: Choice, form: str, zone: str) -> bytes:
    """Return the report in a form of `FORMS`; raises as `list_findings`."""
    if form in {".pdf", ".docx", ".xlsx"}:
        return written(document(session, actor, choice, zone), form)
    rows = _findings(session, actor, choice)
    at = choice.at or clock.now()
    if form == ".csv":
        return to_csv(_listed(rows, zone))
    if form == ".oscal.json":
        titles = {row.rule_id: reports.rule_title(row.rule_id) for row in rows}
        found: Any = oscal.results(rows, titles, _("Security of configurations"), at)
    else:
        found = _content(session, actor, choice, rows, at)
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)
    return text.encode() + b"\n"


def document(session: AnySession, actor: Actor, choice: Choice, zone: str) -> Document:
    """Return the report to print or to sign."""
    part = _part(session, actor, choice)
    rows = _findings(session, actor, choice)
    base = reports.findings(session, actor, choice.filters, zone, choice.at, part=part)
    at = choice.at or clock.now()
    facts = [(_("As it stood"), formats.moment(at, zone)), *base.facts, *_chosen(choice)]
    groups = _groups(session, actor, choice)
    tables = [
        _posture(choice.by, groups, zone),
        _trend(baselines.trend(session, actor, _moments(at), part), zone),
        _repairs(baselines.repairs(session, actor, at - REPAIRS_WITHIN, at, part), zone),
        *_sample(session, actor, choice, part, zone),
        *_waivers(_waived(session, actor, at, part), zone),
        *_overrides(session, actor, zone),
        replace(base.tables[0], rows=[reports.finding_cells(row, zone) for row in rows]),
        *base.tables[1:],
    ]
    signers = (_("Prepared by"), _("Checked by"), _("Approved by"))
    return replace(base, tables=tables, facts=facts, signers=signers)


def _part(session: AnySession, actor: Actor, choice: Choice) -> Part:
    """Return what the report is of: all, the devices of one group, or one rule."""
    if not choice.key:
        return WHOLE
    if choice.by is By.RULE:
        return Part(rule=choice.key)
    names = baselines.members(session, actor, choice.by, choice.key, choice.at)
    return Part(frozenset(names))


def _findings(session: AnySession, actor: Actor, choice: Choice) -> list[FindingRow]:
    query = Query(choice.filters, limit=None)
    rows = list(baselines.list_findings(session, actor, query, choice.at).items)
    if not choice.key or choice.by is By.RULE:
        return rows
    names = baselines.members(session, actor, choice.by, choice.key, choice.at)
    return [row for row in rows if row.device in names]


def _groups(session: AnySession, actor: Actor, choice: Choice) -> list[PostureRow]:
    rows = baselines.posture(session, actor, choice.by, choice.at)
    return [row for row in rows if not choice.key or row.key == choice.key]


def _content(
    session: AnySession, actor: Actor, choice: Choice, rows: Sequence[FindingRow], at: datetime
) -> dict[str, Any]:
    part = _part(session, actor, choice)
    since = at - REPAIRS_WITHIN
    found: dict[str, Any] = {
        "as_of": at,
        "by": choice.by,
        "score": asdict(baselines.score(session, actor, choice.at, part)),
        "groups": [asdict(row) for row in _groups(session, actor, choice)],
        "trend": [asdict(one) for one in baselines.trend(session, actor, _moments(at), part)],
        "repairs": [asdict(one) for one in baselines.repairs(session, actor, since, at, part)],
        "overrides": [asdict(one) for one in baselines.list_overrides(session, actor)],
        "findings": [asdict(row) for row in rows],
    }
    if choice.sample:
        drawn = baselines.draw(session, actor, choice.sample, choice.seed, choice.at, part=part)
        found["sample"] = asdict(drawn)
    return found


def group_name(by: By, row: PostureRow) -> str:
    """Return what a group is called on paper and on pages."""
    if by is By.RULE:
        return f"{row.key} {reports.rule_title(row.key)}"
    if not row.key:
        return _("No system") if by is By.SYSTEM else _("No level known")
    if by is By.LEVEL:
        return _("Level %(level)s") % {"level": row.key}
    return row.name


def by_word(by: By) -> str:
    """Return what groups are made by, as a column's name."""
    return {
        By.UNIT: _("Unit"),
        By.SYSTEM: _("System"),
        By.LEVEL: _("Level"),
        By.DEVICE: _("Device"),
        By.RULE: _("Rule"),
    }[by]


def _posture(by: By, groups: Sequence[PostureRow], zone: str) -> Table:
    judged = (Verdict.PASS, Verdict.FAIL, Verdict.WAIVED, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE)
    columns = [
        *(by_word(by), _("Share that passes"), _("Without waivers")),
        *(words.verdict(each).word for each in judged),
        *(_("Audited devices"), _("Not audited")),
    ]
    rows: list[list[Cell]] = [
        [
            group_name(by, row),
            formats.percent(row.ratio),
            formats.percent(row.ratio_unwaived),
            *(row.verdicts.get(each, 0) for each in judged),
            row.devices,
            row.not_collected,
        ]
        for row in groups
    ]
    return Table(_("How they stand"), columns, rows, zone)


def _moments(at: datetime) -> list[datetime]:
    return [at - TREND_STEP * back for back in reversed(range(TREND_POINTS))]


def _trend(points: Sequence[Point], zone: str) -> Table:
    columns = [
        *(_("Date"), _("Share that passes"), words.verdict(Verdict.FAIL).word),
        *(words.verdict(Verdict.WAIVED).word, words.verdict(Verdict.UNKNOWN).word),
        _("Audited devices"),
    ]
    rows: list[list[Cell]] = [
        [
            one.at.astimezone(ZoneInfo(zone)).date(),
            formats.percent(one.ratio),
            one.failed,
            one.waived,
            one.unknown,
            one.devices,
        ]
        for one in points
    ]
    return Table(_("Trend"), columns, rows, zone)


def _repairs(found: Sequence[RepairRow], zone: str) -> Table:
    columns = [
        *(_("Severity"), _("Opened"), _("Repaired"), _("Median, days"), _("90th percentile, days")),
        *(_("Standing"), _("Overdue")),
    ]
    rows: list[list[Cell]] = [
        [
            words.level(one.severity),
            one.opened,
            one.repaired,
            _days(one.median_seconds),
            _days(one.p90_seconds),
            one.standing,
            one.overdue,
        ]
        for one in found
    ]
    return Table(_("Time to repair, within 180 days"), columns, rows, zone)


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / _DAY, 1)


def _sample(
    session: AnySession, actor: Actor, choice: Choice, part: Part, zone: str
) -> list[Table]:
    if not choice.sample:
        return []
    drawn = baselines.draw(session, actor, choice.sample, choice.seed, choice.at, part=part)
    note = _("n = %(n)s of N = %(size)s devices, seed “%(seed)s”, stratified by unit and platform")
    said = note % {"n": len(drawn.drawn), "size": drawn.size, "seed": drawn.seed}
    rows: list[list[Cell]] = [
        [one.name, len(one.drawn), one.size, ", ".join(one.drawn)]
        for one in drawn.strata
        if one.drawn
    ]
    columns = [_("Stratum"), "n", "N", _("Device")]
    return [Table(_("Sample"), columns, rows, zone, said)]


def _waived(session: AnySession, actor: Actor, at: datetime, part: Part) -> list[WaiverRow]:
    return [
        one
        for one in baselines.list_waivers(session, actor, EVERYTHING).items
        if one.held(at) and part.holds(one.device, one.rule_id)
    ]


def _waivers(found: Sequence[WaiverRow], zone: str) -> list[Table]:
    rows: list[list[Cell]] = [
        [
            one.device,
            one.rule_id,
            one.reason,
            one.measure,
            one.requester,
            one.decided_by,
            one.ends_at,
        ]
        for one in found
    ]
    columns = [
        *(_("Device"), _("Rule"), _("Reason"), _("Measure"), _("Asked by"), _("Decided by")),
        _("Until"),
    ]
    return [Table(_("Waivers"), columns, rows, zone)] if rows else []


def _overrides(session: AnySession, actor: Actor, zone: str) -> list[Table]:
    rows = [
        [one.rule_id, one.parameter, str(one.value), str(one.default), one.reason, one.author]
        for one in baselines.list_overrides(session, actor)
    ]
    columns = [
        *(_("Rule"), _("Parameter"), _("Here"), _("In the pack"), _("Reason"), _("By")),
    ]
    return [Table(_("Set otherwise than the pack says"), columns, rows, zone)] if rows else []


def _listed(rows: Sequence[FindingRow], zone: str) -> Table:
    columns = [
        *("device", "rule_id", "severity", "verdict", "reason", "lines", "sha256"),
        *("pack_sha256", "engine", "finished_at"),
    ]
    cells = [
        [
            *(row.device, row.rule_id, row.severity, row.verdict, row.reason),
            " ".join(str(number) for number in row.evidence.get("lines", ())),
            *(row.evidence.get("sha256", ""), row.pack_sha256, row.engine, row.finished_at),
        ]
        for row in rows
    ]
    return Table("findings", columns, cells, zone)


def _chosen(choice: Choice) -> list[tuple[str, str]]:
    chosen = [(_("Grouped by"), by_word(choice.by))]
    if choice.key:
        chosen.append((_("Of this group only"), choice.key))
    return chosen


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
