"""The annual data sheet (Form 08) as a document to print, to sign and to give back as evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from api import reports
from api.web import finding_words, formats, words
from hatang.i18n import _
from hatang.reports import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baselines.service import SheetRow
    from hatang.reports import Document


def sheet_document(row: SheetRow, zone: str) -> Document:
    """Return a frozen sheet as it is kept, with the hash at freezing at its head."""
    content = json.loads(row.content)
    tables = [
        Table(title, columns, cells, zone) for title, columns, cells in _tables(content, zone)
    ]
    title = _("Annual data sheet %(year)s") % {"year": row.year}
    found = reports.document(title, list(facts(row, content, zone)), tables, zone)
    return replace(found, signers=(_("Prepared by"), _("Checked by"), _("Approved by")))


def facts(row: SheetRow, content: dict[str, Any], zone: str) -> Iterator[tuple[str, str]]:
    """Yield what stands at the head of a sheet; the second hash only where there are two."""
    yield _("Form"), content["form"]
    period = content["window"]
    days = [formats.cell(date.fromisoformat(period[name]), zone) for name in ("from", "until")]
    yield _("Data of"), " – ".join(days)
    owner = content["owner"]
    yield _("owner").capitalize(), formats.NOTHING if owner is None else owner["name"]
    yield _("Frozen"), formats.moment(row.frozen_at, zone)
    yield _("SHA-256 at freezing"), row.frozen_sha256
    if row.sha256 != row.frozen_sha256:
        yield _("SHA-256 since the names of persons became pseudonyms"), row.sha256


def _tables(content: dict[str, Any], zone: str) -> Iterator[tuple[str, list[str], list[list[Any]]]]:
    name, unit, severity = _("Name"), _("Unit"), _("Severity")
    columns = [unit, name, _("Function"), _("Phone"), _("Mail")]
    cells = [_told(one, "unit", "name", "function", "phone", "mail") for one in content["contacts"]]
    yield _("Contacts"), columns, cells
    columns = [_("Code"), name, _("Level"), unit, _("Operator"), _("Devices"), _("Not audited")]
    cells = [
        _told(one, "code", "name", "level", "unit", "operator", "devices", "not_collected")
        for one in content["systems"]
    ]
    yield _("Systems"), columns, cells
    columns = [_("Rule"), severity, _("Share that passes"), _("Without waivers")]
    yield _("Criteria"), columns, [_criterion(one) for one in content["criteria"]]
    columns = [_("Device"), _("Rule"), _("What makes up for it meanwhile"), _("Until")]
    cells = [
        [*_told(one, "device", "rule", "plan"), _moment(one["until"], zone)]
        for one in content["waivers"]
    ]
    yield _("Waivers"), columns, cells
    columns = [_("Question"), _("About"), _("Verdict"), _("Due")]
    yield _("Questions to persons"), columns, [_answer(one, zone) for one in content["questions"]]


def _told(one: dict[str, Any], *fields: str) -> list[Any]:
    return [formats.NOTHING if one[name] is None else one[name] for name in fields]


def _moment(value: str | None, zone: str) -> str:
    return formats.NOTHING if value is None else formats.moment(datetime.fromisoformat(value), zone)


def _criterion(one: dict[str, Any]) -> list[Any]:
    shares = [formats.percent(one[name]) for name in ("ratio", "ratio_unwaived")]
    return [f"{one['rule']} {one['title']}", words.level(one["severity"]), *shares]


def _answer(one: dict[str, Any], zone: str) -> list[Any]:
    about = f"{one['name']} ({finding_words.about(one['subject'])})"
    verdict = words.verdict(one["verdict"]).word
    return [one["question"], about, verdict, _moment(one["due_at"], zone)]
