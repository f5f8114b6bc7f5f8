"""The overview part of a system's security dossier: devices, services, zones, addresses.

What Decree 331/2026/NĐ-CP Art. 22.3.d asks for, with circuits and software beside it, as recorded
and as of a moment that every sheet names. What nobody recorded is left empty, never guessed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from hatang import clock, reports, scope
from hatang.errors import InvalidInputError, NotFoundError, Problem
from hatang.reports import Table, to_csv
from inventory import snapshot
from inventory.choices import ElementKind
from inventory.exports import standing
from inventory.kinds.registry import KINDS
from inventory.service.reading import READ
from inventory.sheets.words import vocabulary

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession
    from hatang.reports import Cell
    from inventory.exports.standing import Standing

BASIS: Final = "331/2026/NĐ-CP, 22.3.d"
FORMS: Final = (".xlsx", ".csv", ".json")
# What each sheet shows; the fields are called as in the workbooks we write.
SHEETS: Final = {
    ElementKind.DEVICE: (
        "name", "role", "manufacturer", "model", "site", "location", "rack", "zone", "primary_ip4",
        "primary_ip6", "oob_ip", "serial", "status", "platform", "software",
    ),
    ElementKind.VIRTUAL_MACHINE: (
        "name", "role", "cluster", "device", "site", "zone", "primary_ip4", "primary_ip6",
        "platform", "software", "status", "description",
    ),
    ElementKind.SERVICE: (
        "code", "name", "kind", "level", "tier", "unit", "contact", "runs_on", "virtual_machines",
        "url", "depends_on", "external", "party", "status", "description",
    ),
    ElementKind.ZONE: ("code", "name", "kind", "site", "unit", "description"),
    ElementKind.PREFIX: ("prefix", "vrf", "vlan", "zone", "site", "role", "status", "description"),
    ElementKind.ADDRESS: (
        "address", "vrf", "interface", "virtual_machine", "role", "dns_name", "status",
        "description",
    ),
    ElementKind.CIRCUIT: (
        "cid", "provider", "a", "z", "type", "commit_rate_kbps", "domestic_rate_kbps",
        "international_rate_kbps", "contract_number", "contract_expires", "hotline", "status",
    ),
    ElementKind.SOFTWARE: (
        "name", "version", "vendor", "kind", "licence", "licence_expires", "end_of_support",
        "devices", "virtual_machines", "services",
    ),
}  # fmt: skip
_REASON: Final = {"vi": "Lý do có mặt", "en": "Why it is listed"}
_REASONS: Final = {
    "site": {"vi": "đặt tại điểm mạng", "en": "stands at the site"},
    "network of the site": {"vi": "mạng của điểm mạng", "en": "network of the site"},
    "runs virtual machines": {"vi": "chạy máy ảo", "en": "runs virtual machines"},
    "stores its data": {"vi": "lưu dữ liệu", "en": "stores its data"},
    "service": {"vi": "hệ thống", "en": "service"},
    "redundancy group": {"vi": "nhóm dự phòng", "en": "redundancy group"},
}
_END: Final = {"vi": "Phần mềm hết hỗ trợ", "en": "Support of its software ends"}
_NOTE: Final = {
    "vi": "Nghị định {basis} · {about} · Nguồn: hồ sơ hatang (dự kiến) · Lập lúc {at}",
    "en": "Decree {basis} · {about} · Source: hatang's records (as intended) · Made at {at}",
}
_OF: Final = {
    ElementKind.SERVICE: {"vi": "Hệ thống {}", "en": "System {}"},
    ElementKind.UNIT: {"vi": "Đơn vị {}", "en": "Unit {}"},
}
_LOGICAL: Final = {"vi": {True: "có", False: "không"}, "en": {True: "yes", False: "no"}}


@dataclass(frozen=True, slots=True)
class Dossier:
    """The tables by section, and what they are about."""

    about: str
    at: datetime
    tables: dict[str, Table]
    fields: dict[str, tuple[str, ...]]

    def written(self, form: str) -> bytes:
        """Return it as a file: `.xlsx`, `.csv` (one table below the other), `.json`."""
        if form == ".xlsx":
            return reports.to_xlsx(*self.tables.values())
        if form == ".csv":
            mark = b"\xef\xbb\xbf"
            parts = [
                to_csv(replace(one, note=f"{one.title} · {one.note}")).removeprefix(mark)
                for one in self.tables.values()
            ]
            return mark + b"\r\n".join(parts)
        plain = {
            name: [dict(zip(self.fields[name], row, strict=True)) for row in table.rows]
            for name, table in self.tables.items()
        }
        told = {"basis": BASIS, "about": self.about, "at": self.at.isoformat(), **plain}
        return json.dumps(told, ensure_ascii=False, indent=1, default=_plain).encode()


def service_dossier(session: AnySession, actor: Actor, code: str, language: str) -> Dossier:
    """Return the dossier of the system `code`, with all it depends on.

    Raises:
        NotFoundError: there is none, or it lies outside the actor's scope.
    """
    base, visible = snapshot.take(session), actor.acting(READ).scope_ids
    _check(base.scope_ids[ElementKind.SERVICE], code, visible, "service")
    name = base.fields[ElementKind.SERVICE][code]["name"]
    found = standing.of_service(base, code, visible)
    return _dossier(found, ElementKind.SERVICE, f"{code} – {name}", language)


def unit_dossier(session: AnySession, actor: Actor, code: str, language: str) -> Dossier:
    """Return the dossier of all that the unit `code` and those below it have.

    Raises:
        NotFoundError: as for a system.
    """
    base, visible = snapshot.take(session), actor.acting(READ).scope_ids
    scopes = base.scope_ids[ElementKind.UNIT]
    _check(scopes, code, visible, "unit")
    below = scope.descendants(session, scopes[code] or 0)
    name = base.fields[ElementKind.UNIT][code]["name"]
    found = standing.of_units(base, [one for one, at in scopes.items() if at in below], visible)
    return _dossier(found, ElementKind.UNIT, f"{code} – {name}", language)


def check_form(form: str) -> None:
    """Raise InvalidInputError unless a dossier can be written as `form`."""
    if form not in FORMS:
        fix = f"Name a file that ends in {', '.join(FORMS)}."
        raise InvalidInputError([Problem("command", "out", form, "is no form of it", fix)])


def _check(
    scopes: dict[str, int | None], code: str, visible: frozenset[int] | None, what: str
) -> None:
    if code not in scopes or (visible is not None and scopes[code] not in visible):
        raise NotFoundError(f"there is no {what} {code}")


def _dossier(found: Standing, kind: ElementKind, name: str, language: str) -> Dossier:
    at = clock.now()
    about = _OF[kind][language].format(name)
    tables, fields = {}, {}
    for one, paths in SHEETS.items():
        section = KINDS[one].section
        words = vocabulary().sections[section]
        headers = [words.fields[path].header(language) for path in paths]
        rows = [_row(found, one, key, language) for key in sorted(found.of(one))]
        table = Table(words.title(language), headers, rows)
        more = _device_columns(language) if one is ElementKind.DEVICE else {}
        local = at.astimezone(table.zone).isoformat(timespec="minutes")
        note = _NOTE[language].format(basis=BASIS, about=about, at=local)
        tables[section] = replace(table, columns=[*table.columns, *more.values()], note=note)
        fields[section] = (*paths, *more)
    return Dossier(about, at, tables, fields)


def _device_columns(language: str) -> dict[str, str]:
    return {"end_of_support": _END[language], "reason": _REASON[language]}


def _row(found: Standing, kind: ElementKind, key: str, language: str) -> list[Cell]:
    described = KINDS[kind]
    held = dict(found.base.fields[kind][key])
    if described.single_key is not None:
        held[described.single_key] = key
    for name, composite in described.composites.items():
        if held.get(name):
            target = found.base.fields[composite.target][held[name]]
            held |= {part: target[part] for part in composite.names}
    row = [_cell(described.section, path, held.get(path), language) for path in SHEETS[kind]]
    if kind is ElementKind.DEVICE:
        software = found.base.fields[ElementKind.SOFTWARE].get(held.get("software") or "", {})
        row += [software.get("end_of_support"), _reason(found.reasons.get(key, ""), language)]
    return row


def _cell(section: str, path: str, value: Any, language: str) -> Cell:
    if isinstance(value, bool):
        return _LOGICAL[language][value]
    if isinstance(value, list):
        return "; ".join(str(one) for one in value) or None
    if isinstance(value, str):
        return vocabulary().sections[section].fields[path].shown(value, language) or None
    if isinstance(value, int | float | date):
        return value
    return None


def _reason(text: str, language: str) -> str:
    for known, words in _REASONS.items():
        if text.startswith(known):
            return words[language] + text.removeprefix(known)
    return text


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
