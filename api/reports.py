"""What is printed and signed: judgements in the words of the pages, in the current language.

Both doors write them: a page sends the file, the command puts it where it is told to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from api.web import causes, finding_words, formats, meeting_words, words
from baselines import packs
from baselines import service as baselines
from baselines.choices import UNAUDITED
from baselines.service import WHOLE
from conference import service as conference
from hatang import clock
from hatang.errors import NotFoundError
from hatang.gates import Verdict
from hatang.i18n import _, language, ngettext
from hatang.reports import Document, Table
from inventory.rows import Query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from baselines.service import FindingRow, Part, Score
    from conference.service import PointMinutes, ReadinessReport
    from hatang.auth import Actor
    from hatang.db import AnySession
    from hatang.reports import Cell

LINES_SHOWN: Final = 5
DIGITS_SHOWN: Final = 12


def findings(
    session: AnySession,
    actor: Actor,
    filters: dict[str, str],
    zone: str,
    at: datetime | None = None,
    *,
    part: Part = WHOLE,
) -> Document:
    """Return the report of the newest audits: the score with what it leaves out, every finding.

    `filters` are those of `list_findings`: `device`, `verdict`. All is as it stood `at`; the
    score is of `part`.
    """
    score = baselines.score(session, actor, at, part)
    rows = baselines.list_findings(session, actor, Query(dict(filters), limit=None), at).items
    columns = [
        *(_("Verdict"), _("Severity"), _("Rule"), _("Device")),
        *(_("Evidence"), _("Audited"), _("Device's clock"), _("Reviewer")),
    ]
    shown = [finding_cells(row, zone) for row in rows]
    tables = [Table(_("Findings"), columns, shown, zone)]
    if score.not_collected:
        names = [[name] for name in score.not_collected]
        tables.append(Table(_("Active devices that are not audited"), [_("Device")], names, zone))
    facts = [*_scored(score), *_chosen(filters)]
    return document(_("Security of configurations"), facts, tables, zone)


def readiness(session: AnySession, actor: Actor, uid: str, zone: str) -> Document:
    """Return the report of a meeting's newest answer; raises NotFoundError without the meeting."""
    report = conference.latest_readiness(session, actor, uid)
    verdicts = {point.room: point for point in report.verdict.points}
    rows = []
    for point in conference.list_points(session, actor, uid):
        found = verdicts[point.room]
        role = meeting_words.point_role(point.role)
        part = f"{role}, {_('required')}" if point.required else role
        cause = causes.meeting_cause(found.cause) if found.cause else None
        state = meeting_words.readiness(found.verdict).word
        rows.append([point.name, state, cause, point.site_name, part, point.contact_phone])
    columns = [_("Point"), _("Readiness"), _("Cause"), _("Site"), _("Part"), _("Phone")]
    checks = [
        [
            meeting_words.check(check.check),
            meeting_words.result(check.result).word,
            _cause(check.cause),
        ]
        for check in report.checks
        if check.room is None
    ]
    tables = [Table(_("Points"), columns, rows, zone)]
    if checks:
        heads = [_("Check"), _("Verdict"), _("Cause")]
        tables.append(Table(_("Bridge (MCU)"), heads, checks, zone))
    return document(report.meeting.title, _answer(report, zone), tables, zone)


def minutes(session: AnySession, actor: Actor, uid: str, zone: str) -> Document:
    """Return the minutes of a meeting to print and sign; raises NotFoundError without it."""
    found = conference.minutes(session, actor, uid)
    bands = ("good", "ok", "bad", "terrible")
    columns = [
        *(_("Point"), _("Joined"), _("Left"), _("Minutes present"), _("Drops")),
        *(meeting_words.quality(band).word for band in bands),
        *(_("Worst loss"), _("Readiness"), _("Cause")),
    ]
    rows = [
        [
            one.name,
            formats.moment(one.joined_at, zone) if one.joined_at else _("absent"),
            formats.moment(one.left_at, zone) if one.left_at else None,
            round(one.present_seconds / 60, 1),
            one.drops,
            *(round(one.seconds_by_quality[band] / 60, 1) for band in bands),
            None if one.worst_loss_ratio is None else formats.percent(one.worst_loss_ratio),
            meeting_words.readiness(one.readiness).word,
            _cause(one.cause),
        ]
        for one in found.points
    ]
    tables = [Table(_("Points"), columns, rows, zone)]
    if any(one.before or one.after for one in found.points):
        tables.append(_ways_measured(found.points, zone))
    broken = [[one.name, name] for one in found.points for name in one.incidents]
    if broken:
        tables.append(Table(_("Incidents while it ran"), [_("Point"), _("Cause")], broken, zone))
    if found.strangers:
        names = [[name] for name in found.strangers]
        tables.append(Table(_("In the meeting, and no point's"), [_("Name")], names, zone))
    if found.waivers:
        tables.append(_waivers(found.waivers, zone))
    until = formats.moment(found.ends_at, zone)
    facts = [
        (_("Time"), f"{formats.moment(found.starts_at, zone)} – {until}"),
        (_("Bridge (MCU)"), found.bridge),
        (_("Points invited"), formats.number(found.invited)),
        (_("Points that attended"), formats.number(found.attended)),
        (
            _("Checked before"),
            formats.moment(found.checked_at, zone) if found.checked_at else _("never"),
        ),
        ("SHA-256", found.sha256),
    ]
    title = _("Minutes of %(title)s") % {"title": found.title}
    return document(title, facts, tables, zone)


def _ways_measured(points: Sequence[PointMinutes], zone: str) -> Table:
    """Return what was measured of each way before and after; what was not stays empty."""
    columns = [_("Point")]
    for when in (_("before"), _("after")):
        names = (_("Packets"), _("Loss"), _("Round trip"), _("Jitter"))
        columns += [f"{name} ({when})" for name in names]
    rows = [
        [one.name, *_way_figures(one.before), *_way_figures(one.after)]
        for one in points
        if one.before or one.after
    ]
    return Table(_("Ways measured"), columns, rows, zone)


def _way_figures(told: dict[str, Any] | None) -> list[Cell]:
    if told is None:
        return [None] * 4
    ways = ("jitter_forward_seconds", "jitter_backward_seconds")
    jitter = max((told[name] for name in ways if told.get(name) is not None), default=None)
    loss = told.get("loss_ratio")
    return [
        told["n"],
        None if loss is None else formats.percent(loss),
        _milliseconds(told.get("rtt_seconds")),
        _milliseconds(jitter),
    ]


def _milliseconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{formats.number(round(1000 * seconds, 1))} ms"


def _waivers(rows: Sequence[dict[str, Any]], zone: str) -> Table:
    columns = [_("Point"), _("Check"), _("Reason"), _("By"), _("Until")]
    shown = [
        [
            row["room"],
            meeting_words.check(row["check"]),
            row["reason"],
            row["actor"],
            formats.moment(row["expires_at"], zone),
        ]
        for row in rows
    ]
    return Table(_("Waivers"), columns, shown, zone)


def rule_title(rule_id: str) -> str:
    """Return a rule's title in the current language; its id when the pack no longer has it."""
    if rule_id == UNAUDITED:
        return _("An audit before operation")
    try:
        text: str = getattr(packs.rule_of(rule_id).title, language())
    except NotFoundError:
        return rule_id
    return text


def finding_cells(row: FindingRow, zone: str) -> Sequence[str]:
    """Return a finding as the cells of a report's row."""
    lines = [f"{number}: {text}" for number, text in row.evidence.get("excerpt", [])[:LINES_SHOWN]]
    lines.append(f"sha256 {row.evidence['sha256'][:DIGITS_SHOWN]}")
    why = finding_words.reason(row.reason)
    reviewed = f"{row.reviewed_by}, {formats.moment(row.reviewed_at, zone)}"
    return [
        "\n".join(filter(None, (words.verdict(row.verdict).word, why))),
        words.level(row.severity),
        f"{row.rule_id} {rule_title(row.rule_id)}",
        row.device,
        "\n".join(lines),
        formats.moment(row.finished_at, zone),
        finding_words.skew(row.evidence),
        reviewed if row.reviewed_by else formats.NOTHING,
    ]


def _scored(score: Score) -> list[tuple[str, str]]:
    judged = {Verdict(each): count for each, count in score.verdicts.items() if count}
    counts = ", ".join(
        f"{words.verdict(each).word} {formats.number(count)}" for each, count in judged.items()
    )
    return [
        (_("Share that passes"), formats.percent(score.ratio)),
        (_("Verdicts"), counts or formats.NOTHING),
        (_("Audited devices"), formats.number(score.devices)),
        (_("Active devices that are not audited"), formats.number(len(score.not_collected))),
    ]


def _chosen(filters: dict[str, str]) -> list[tuple[str, str]]:
    facts = []
    if device := filters.get("device"):
        facts.append((_("Findings of this device only"), device))
    if verdict := filters.get("verdict"):
        facts.append((_("Findings of this verdict only"), words.verdict(verdict).word))
    return facts


def _answer(report: ReadinessReport, zone: str) -> list[tuple[str, str]]:
    found, meeting = report.verdict, report.meeting
    until = formats.moment(meeting.ends_at, zone)
    answer = _("%(word)s, %(ready)s of %(total)s points ready") % {
        "word": meeting_words.readiness(found.verdict).word,
        "ready": formats.number(found.ready),
        "total": formats.number(found.total),
    }
    checked = formats.moment(report.finished_at, zone) if report.finished_at else _("never")
    if report.is_stale:
        checked = _("%(at)s, too old to count on") % {"at": checked}
    named = [
        f"{causes.meeting_cause(cause.name)} "
        f"({ngettext('%(num)s point', '%(num)s points', cause.points) % {'num': cause.points}})"
        for cause in found.causes
    ]
    return [
        (_("Time"), f"{formats.moment(meeting.starts_at, zone)} – {until}"),
        (_("Bridge (MCU)"), meeting.bridge),
        (_("Readiness"), answer),
        (_("Causes"), "; ".join(named) or formats.NOTHING),
        (_("Checked"), checked),
    ]


def _cause(text: str) -> str | None:
    return causes.meeting_cause(text) if text else None


def document(title: str, facts: list[tuple[str, str]], tables: list[Table], zone: str) -> Document:
    """Return a report in the current language whose footer says when it was written."""
    made = _("hatang, written %(at)s") % {"at": formats.moment(clock.now(), zone)}
    return Document(title, tables, facts, made, language(), is_landscape=True)
