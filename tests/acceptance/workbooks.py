"""Six workbooks as offices write them, built cell by cell; and what the inventory held before.

TCVN3 and VNI stand here as the letters a spreadsheet shows without the font.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from datetime import date
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import xlwt
from openpyxl import Workbook

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.worksheet.worksheet import Worksheet

Rows = dict[int, list[str | float | None]]
OdsRow = list[tuple[str | float, str] | None]
BEFORE = """\
version: 1
units:
  - {code: tinh, name: Ủy ban nhân dân tỉnh, kind: province}
  - {code: so-khcn, name: Sở Khoa học và Công nghệ, kind: department, parent: tinh}
  - {code: so-yt, name: Sở Y tế, kind: department, parent: tinh}
  - {code: "46101", name: Xã Tân Lập, kind: commune, parent: tinh}
  - {code: "46102", name: Phường Thuận Hóa, kind: ward, parent: tinh}
sites:
  - {slug: dc, name: Trung tâm dữ liệu tỉnh, unit: so-khcn, kind: datacentre}
  - {slug: so-khcn-1, name: Trụ sở Sở Khoa học và Công nghệ, unit: so-khcn, kind: department}
  - {slug: so-yt-1, name: Trụ sở Sở Y tế, unit: so-yt, kind: department}
  - {slug: xa-46101, name: UBND xã Tân Lập, unit: "46101", kind: commune}
  - {slug: px-46102, name: UBND phường Thuận Hóa, unit: "46102", kind: commune}
devices:
  - {name: rtr-46101, site: xa-46101, role: commune-router, platform: cisco_ios,
     primary_ip4: 10.46.101.1, serial: FGL2101A001}
providers: [{name: VNPT, hotline: "18001166"}]
circuits: [{cid: VNPT-001, provider: VNPT, a: dc, z: xa-46101, commit_rate_kbps: 10000}]
rooms: [{code: hop-so-yt, name: Phòng họp Sở Y tế, site: so-yt-1, contact_phone: 0234 3821000}]
"""


def sheet_of(book: Workbook, title: str, rows: Rows) -> Worksheet:
    """Fill the first sheet of a workbook, row by row from column A."""
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for number, cells in rows.items():
        for column, cell in enumerate(cells, 1):
            if cell is not None:
                sheet.cell(number, column, cell)
    return sheet


def points(path: Path) -> None:
    """The points of a conference: merged titles, two header rows, headings, a total, a note."""
    book = Workbook()
    sheet = sheet_of(book, "Sheet1", {
        1: ["UBND TỈNH THỬ NGHIỆM"],
        2: ["DANH SÁCH ĐIỂM CẦU HỘI NGHỊ TRỰC TUYẾN NGÀY 15/7/2025"],
        4: ["TT", "Điểm cầu", "Đơn vị", "Liên hệ", None, "Địa chỉ SIP", "Ghi chú"],
        5: [None, None, None, "Cán bộ kỹ thuật", "Số điện thoại"],
        6: ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
        7: ["I", "Các sở, ban, ngành"],
        8: [1, "Phòng họp Sở Y tế", "Sở Y tế", "Trần Văn Bình", 2343821999,
            "sip:so-yt@hop.tinh.test"],
        9: [2, "Phòng họp Sở KH&CN", "Sở Khoa học và Công nghệ", "Lê Cường", "0234.3822.111",
            None, "họp trước 15 phút"],
        10: ["II", "Các xã, phường"],
        11: [1, "Hội trường xã Tân Lập", "Xã Tân Lập", "Lê Thị Dung", 912345678,
             "sip:46101@hop.tinh.test"],
        12: [2, "Hội trường\nphường Thuận Hóa", "Phường Thuận Hóa", None, "0905 123 456"],
        13: [None, "Tổng cộng: 4 điểm cầu"],
        15: ["Ghi chú: các điểm cầu thử đường truyền trước 8 giờ."],
        16: [None, None, None, None, None, "Người lập biểu"],
    })  # fmt: skip
    for merged in ("A1:G1", "A2:G2", "A4:A5", "B4:B5", "C4:C5", "D4:E4", "F4:F5", "G4:G5",
                   "B7:G7", "B10:G10"):  # fmt: skip
        sheet.merge_cells(merged)
    book.save(path)


def lines(path: Path, unit: str = "Mbps") -> None:
    """A list of WAN lines in a TCVN3 font, its rates in megabits."""
    book = Workbook()
    sheet_of(book, "Sheet1", {
        1: ["Danh s\xb8ch k\xaanh truy\xd2n s\xe8 li\xd6u chuy\xaan d\xefng"],
        2: ["K\xccm theo C\xabng v\xa8n s\xe8 15"],
        3: ["TT", "M\xb7 k\xaanh", "\xa7i\xd3m \xae\xc7u", "T\xaan \xae\xacn v\xde s\xf6 d\xf4ng",
            "Nh\xb5 m\xb9ng", f"B\xa8ng th\xabng ({unit})", "Ghi ch\xf3"],
        4: [1, "VNPT-001", "trung t\xa9m d\xf7 li\xd6u t\xd8nh", "X\xb7 T\xa9n L\xcbp", "VNPT", 20],
        5: [2, "VNPT-002", "trung t\xa9m d\xf7 li\xd6u t\xd8nh", "Ph\xad\xeang Thu\xcbn H\xe3a",
            "VNPT", "50 Mbps", "\xaeang kh\xb6o s\xb8t"],
        6: [3, "VTL 003", "trung t\xa9m d\xf7 li\xd6u t\xd8nh", "S\xeb Y t\xd5", "Viettel", 0.5],
        7: ["T\xe6ng c\xe9ng", None, None, None, None, 70.5],
    })  # fmt: skip
    book.save(path)


def typists(path: Path) -> None:
    """The same list by two typists: headers and some rows in a VNI font, the others in Unicode."""
    book = Workbook()
    sheet_of(book, "Sheet1", {
        1: ["Danh saùch keânh truyeàn soá lieäu chuyeân duøng"],
        2: ["Keøm theo Coâng vaên soá 27"],
        3: ["TT", "Maõ keânh", "Ñieåm ñaàu", "Teân ñôn vò söû duïng", "Nhaø maïng",
            "Baêng thoâng (Mbps)", "Ghi chuù"],
        4: [1, "VNPT-001", "trung taâm döõ lieäu tænh", "Xaõ Taân Laäp", "VNPT", 20],
        5: [2, "VNPT-004", "Trung tâm dữ liệu tỉnh", "Phường Thuận Hóa", "VNPT", 50],
        6: [3, "VTL-005", "trung taâm döõ lieäu tænh", "Sôû Y teá", "Viettel", 10,
            "chôø nghieäm thu"],
        7: ["Toång coäng", None, None, None, None, 80],
    })  # fmt: skip
    book.save(path)


def devices(path: Path, *, wrong: bool = False) -> None:
    """Devices under English and Vietnamese headers, decomposed, with numbers where texts belong.

    `wrong` adds a serial number given twice and a site nobody knows.
    """
    book = Workbook()
    rows: Rows = {
        1: ["No.", "Hostname", "Vị trí lắp đặt", "Role", "OS", "Vendor", "Model", "Management IP",
            "S/N", "Tình trạng", "Năm"],
        2: [1, "sw-46101", unicodedata.normalize("NFD", "UBND xã Tân Lập"), "Switch", "Cisco IOS",
            "Cisco", "C2960X", "10. 46.101,2", 21010001, "Đang sử dụng", 2021],
        3: [2, "sw-46102", unicodedata.normalize("NFD", "Phường Thuận Hóa"), "Bộ chuyển mạch",
            "Huawei VRP", "Huawei", 5720, 192168100200, "21500999", "Hỏng", 2019],
        4: [3, "RTR-46101", "xa-46101", "Router xã", "Cisco IOS", "Cisco", "ISR1111",
            "10.46.101.1", "FGL2101A001", "Hoạt động tốt"],
    }  # fmt: skip
    if wrong:
        rows[5] = [4, "sw-46103", "dc", "Switch", "Cisco IOS", "Cisco", "C2960X", None, "21010001"]
        rows[6] = [5, "sw-46104", "Xã Không Có", "Switch", "Cisco IOS", None, None, "10.46.104"]
    sheet_of(book, "Thiết bị", rows)
    book.save(path)


def communes(path: Path) -> None:
    """Communes after a merger in an old XLS: hidden row, column and sheet, old names, dates."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("DM xa")
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    sheet.write_merge(0, 0, 0, 7, "DANH MỤC ĐƠN VỊ HÀNH CHÍNH CẤP XÃ")
    heads = ("STT", "Mã xã", "Tên xã, phường", "Các đơn vị trước sáp nhập", "Trực thuộc",
             "Ngày hiệu lực", "Mật độ", "Ghi chú")  # fmt: skip
    for column, text in enumerate(heads):
        sheet.write(2, column, text)
    rows: list[tuple[object, ...]] = [
        (1, 46101, "Xã Tân Lập", "Xã Tân Lập cũ; Xã Tân Thành", "UBND tỉnh", "01/07/2025", 310),
        (2, 46199, "Xã Cũ Bỏ", "", "UBND tỉnh", "01/07/2020", 1),
        (3, 46103, "Xã Hương Bình", "Xã Hương Bình, Xã Bình Thành", "UBND tỉnh", 45839, 120),
        (4, "46104", "Phường Kim Long", "", "tinh", date(2025, 7, 1), 2200, "mới"),
        (5, "46105", "Đặc khu Cồn Cỏ", "", "Uỷ ban nhân dân tỉnh", "1-7-2025", 9),
        ("", "", "Cộng", "", "", "", 2640),
    ]
    for number, row in enumerate(rows, 3):
        for column, cell in enumerate(row):
            if cell != "":
                sheet.write(
                    number,
                    column,
                    cell,
                    day if isinstance(cell, date) else xlwt.Style.default_style,
                )
    sheet.row(4).hidden = True
    sheet.col(6).hidden = True
    draft = book.add_sheet("Nháp")
    draft.write(0, 0, "bỏ đi")
    draft.visibility = 1
    book.save(str(path))


def circuits(path: Path) -> None:
    """A carrier's circuits with their contracts in an ODS: merged cells, a formula, notes below."""
    dear = 'table:formula="of:=50*2" office:value-type="float" office:value="100"'
    three = 'table:number-rows-spanned="2"'
    rows: list[OdsRow] = [
        [("CÔNG TY FPT: DANH SÁCH KÊNH THUÊ RIÊNG", 'table:number-columns-spanned="9"')],
        [("TT", ""), ("Số hiệu kênh", ""), ("Điểm đầu", ""), ("Điểm cuối", ""),
         ("Tốc độ", 'table:number-columns-spanned="2"'), None, ("Số hợp đồng", ""),
         ("Ngày hết hạn", ""), ("Hotline", ""), ("Nhà mạng", "")],
        [None, None, None, None, ("Trong nước (Mbps)", ""), ("Quốc tế (Mbps)", "")],
        [(1, ""), ("FPT-0101", ""), ("dc", ""), ("Sở Y tế", ""), (100, dear), (2, ""),
         ("12/HĐ-FPT", ""), ("31/12/2027", ""), (18006000, ""), ("FPT", three)],
        [(2, ""), ("FPT-0102", ""), ("dc", ""), ("so-khcn-1", ""), (50, ""), (1.5, ""),
         ("13/HĐ-FPT", ""), ("31/12/2027", ""), (18006000, "")],
        [],
        [("Ghi chú:", "")],
        [None, ("Giá cước đã gồm thuế VAT.", "")],
        [None, ("Hỗ trợ 24/7", ""), ("1800 6000", "")],
    ]  # fmt: skip
    markup = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    _save_ods(path, f'<table:table table:name="Kênh">{markup}</table:table>')


def _ods_cell(cell: tuple[str | float, str] | None) -> str:
    if cell is None:
        return "<table:table-cell/>"
    value, more = cell
    kind = ""
    if "value-type" not in more:
        number = f'office:value-type="float" office:value="{value}"'
        kind = 'office:value-type="string"' if isinstance(value, str) else number
    text = escape(str(value))
    return f"<table:table-cell {kind} {more}><text:p>{text}</text:p></table:table-cell>"


def _save_ods(path: Path, tables: str) -> None:
    names = "".join(
        f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0" '
        for one in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    path.write_bytes(out.getvalue())


def bomb(path: Path) -> None:
    """A small workbook whose sheet unpacks to 300 MB."""
    book = Workbook()
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(300):
                sheet.write(b" " * 1_000_000)


def uncomputed(path: Path) -> None:
    """A formula that no program has computed, far below 50,000 formatted empty rows."""
    book = Workbook()
    sheet = sheet_of(book, "DM xã", {1: ["Mã xã", "Tên xã", "Trực thuộc"]})
    for number in range(2, 50_002):
        sheet.row_dimensions[number].height = 20
    sheet["A50002"], sheet["B50002"], sheet["C50002"] = "46109", '=CONCAT("Xã ","X")', "tinh"
    book.save(path)
