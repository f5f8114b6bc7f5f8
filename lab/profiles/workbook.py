"""The same rows as a workbook the way an office keeps it: titles, running numbers, totals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

    from lab.profiles.paper import Paper, Row

Columns = tuple[tuple[str, str], ...]
# Sheet, title, and the columns with the field each holds.
SHEETS: Final[dict[str, tuple[str, str, Columns]]] = {
    "units": (
        "Đơn vị",
        "DANH SÁCH ĐƠN VỊ",
        (
            ("Mã đơn vị", "code"),
            ("Tên đơn vị", "name"),
            ("Cấp", "kind"),
            ("Trực thuộc", "parent"),
        ),
    ),
    "sites": (
        "Điểm mạng",
        "DANH SÁCH ĐIỂM MẠNG",
        (
            ("Mã điểm mạng", "slug"),
            ("Tên điểm mạng", "name"),
            ("Mã đơn vị", "unit"),
            ("Loại điểm", "kind"),
        ),
    ),
    "devices": (
        "Thiết bị",
        "THỐNG KÊ THIẾT BỊ",
        (
            ("Tên thiết bị", "name"),
            ("Mã điểm mạng", "site"),
            ("Vai trò", "role"),
            ("Nền tảng", "platform"),
            ("Hãng sản xuất", "manufacturer"),
            ("Mẫu", "model"),
            ("Địa chỉ IP", "primary_ip4"),
        ),
    ),
    "providers": (
        "Nhà cung cấp",
        "NHÀ CUNG CẤP ĐƯỜNG TRUYỀN",
        (("Tên nhà cung cấp", "name"), ("Đường dây nóng", "hotline")),
    ),
    "circuits": (
        "Kênh truyền",
        "DANH SÁCH KÊNH TRUYỀN",
        (
            ("Mã kênh", "cid"),
            ("Nhà cung cấp", "provider"),
            ("Điểm đầu", "a"),
            ("Điểm cuối", "z"),
            ("Băng thông cam kết (Mbit/s)", "commit_rate_kbps"),
            ("Loại kênh", "type"),
            ("Băng thông trong nước (Mbit/s)", "domestic_rate_kbps"),
            ("Băng thông quốc tế (Mbit/s)", "international_rate_kbps"),
        ),
    ),
    "links": (
        "Liên kết",
        "ĐẤU NỐI",
        (
            ("Đầu A (thiết bị:cổng)", "a"),
            ("Đầu B (thiết bị:cổng)", "b"),
            ("Mã kênh", "circuit"),
        ),
    ),
    "services": (
        "Hệ thống dịch vụ",
        "DANH MỤC HỆ THỐNG THÔNG TIN",
        (
            ("Mã hệ thống", "code"),
            ("Tên hệ thống", "name"),
            ("Loại dịch vụ", "kind"),
            ("Đơn vị chủ quản", "unit"),
            ("Cấp độ", "level"),
            ("Phụ thuộc", "depends_on"),
        ),
    ),
    "certificates": (
        "Chứng thư số",
        "SỔ THEO DÕI CHỨNG THƯ SỐ",
        (
            ("Số hiệu chứng thư", "serial"),
            ("Nơi cấp", "issuer"),
            ("Chủ thể", "holder"),
            ("Đơn vị", "unit"),
            ("Mục đích", "purpose"),
            ("Thiết bị lưu khóa", "kept_on"),
            ("Hiệu lực từ", "not_before"),
            ("Hiệu lực đến", "not_after"),
        ),
    ),
    "rooms": (
        "Phòng họp",
        "DANH SÁCH ĐIỂM CẦU",
        (
            ("Mã phòng", "code"),
            ("Tên phòng", "name"),
            ("Điểm mạng", "site"),
            ("Địa chỉ SIP", "sip_uri"),
            ("Điện thoại phòng", "contact_phone"),
        ),
    ),
}
WORDS: Final = {
    ("units", "kind"): {
        "province": "Tỉnh",
        "department": "Sở, ban, ngành",
        "commune": "Xã",
        "ward": "Phường",
        "unit": "Đơn vị khác",
    },
    ("sites", "kind"): {
        "datacentre": "Trung tâm dữ liệu",
        "hub": "Điểm tập trung",
        "department": "Sở, ban, ngành",
        "commune": "Cấp xã",
    },
    ("devices", "role"): {"core": "Bộ định tuyến lõi", "commune-router": "Bộ định tuyến cấp xã"},
    ("devices", "platform"): {
        "cisco_ios": "Cisco IOS",
        "huawei_vrp": "Huawei VRP",
        "mikrotik_routeros": "MikroTik RouterOS",
    },
}
KBIT: Final = 1000


def write(paper: Paper, path: Path) -> None:
    """Write the workbook; a section without rows gets no sheet."""
    from openpyxl import Workbook  # noqa: PLC0415 RUF100 - few words of the lab write a workbook

    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    for section, (sheet, title, columns) in SHEETS.items():
        rows = paper.rows[section]
        if rows:
            _sheet(book.create_sheet(sheet), (paper.title, title), columns, (section, rows))
    book.save(path)


def _sheet(
    sheet: Worksheet, titles: tuple[str, str], columns: Columns, content: tuple[str, list[Row]]
) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 RUF100 - as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 RUF100 - as above

    bold, centred = (
        Font(bold=True),
        Alignment(horizontal="center", vertical="center", wrap_text=True),
    )
    section, rows = content
    used = [(header, name) for header, name in columns if any(row.get(name) for row in rows)]
    width = len(used) + 1
    for number, text in enumerate((f"ỦY BAN NHÂN DÂN {titles[0].upper()}", titles[1]), 1):
        sheet.cell(number, 1, text).font = bold
        sheet.cell(number, 1).alignment = centred
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=width)
    sheet.append([])
    sheet.append(["STT", *(header for header, _ in used)])
    for cell in sheet[4]:
        cell.font, cell.alignment = bold, centred
    for number, row in enumerate(rows, 1):
        sheet.append([number, *(_shown(section, name, row.get(name)) for _, name in used)])
    sheet.append(["Tổng cộng", len(rows)])
    for column in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 24


def _shown(section: str, name: str, value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(value)
    if name.endswith("_rate_kbps") and value is not None:
        return value / KBIT  # offices write megabits
    return WORDS.get((section, name), {}).get(value, value)
