"""How hatang itself stands, as a report to print or to count with."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api import reports
from api.web import formats, words
from hatang.gates import Verdict
from hatang.i18n import _
from hatang.reports import Table

if TYPE_CHECKING:
    from baselines.itself import SelfFinding, SelfReport
    from hatang.reports import Cell, Document


def part_word(part: str) -> str:
    """Return what a part of the audit is called."""
    return _("Host") if part == "host" else _("hatang's settings and accounts")


def proof() -> list[tuple[str, str]]:
    """Return what stands beside each finding about a device, and how it is with hatang itself."""
    return [
        (_("Clock skew"), _("not applicable: it is hatang's own clock; HTG-12 tells if it is set")),
        (_("Reviewer"), _("nobody reviews these in hatang: who signs the report does")),
    ]


def self_document(report: SelfReport, zone: str) -> Document:
    """Return the report to print or to sign."""
    columns = [_("Verdict"), _("Severity"), _("Rule"), _("Judged part"), _("Evidence")]
    rows = [_cells(one) for one in report.findings]
    counts = ", ".join(
        f"{words.verdict(each).word} {formats.number(report.verdicts[each])}"
        for each in Verdict
        if report.verdicts[each]
    )
    facts = [
        (_("Share that passes"), formats.percent(report.ratio)),
        (_("Verdicts"), counts),
        (_("Audited"), formats.moment(report.finished_at, zone)),
        *proof(),
        *((f"SHA-256, {part_word(part)}", digest) for part, digest in report.sha256.items()),
        *((name, digest) for name, digest in report.packs.items()),
    ]
    tables = [Table(_("Findings"), columns, rows, zone)]
    found = reports.document(_("Security of hatang itself"), facts, tables, zone)
    return replace(found, signers=(_("Prepared by"), _("Checked by"), _("Approved by")))


def _cells(one: SelfFinding) -> list[Cell]:
    lines = [f"{number}: {text}" for number, text in one.excerpt[: reports.LINES_SHOWN]]
    return [
        words.verdict(one.verdict).word,
        words.level(one.severity),
        f"{one.rule_id} {reports.rule_title(one.rule_id)}",
        part_word(one.part),
        "\n".join(lines),
    ]
