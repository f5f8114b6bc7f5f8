"""Word, for offices that edit a report and sign it: what a report holds is data, never a field.

Letters are Times New Roman and the page is A4, as Decree 30/2020/NĐ-CP asks of official papers.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from docx import api
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from hatang.reports.archive import timeless
from hatang.reports.printing import clean, printed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docx.document import Document as WordDocument
    from docx.oxml.xmlchemy import BaseOxmlElement
    from docx.text.paragraph import Paragraph

    from hatang.reports.document import Document
    from hatang.reports.table import Table

FONT: Final = "Times New Roman"
_SIZES: Final = {"Normal": 11, "Heading 1": 15, "Heading 2": 12}
_SHORT, _LONG = Mm(210), Mm(297)
_MARGIN: Final = Mm(15)
_ROOM_TO_SIGN: Final = 4  # empty lines


def to_docx(document: Document) -> bytes:
    """Return the document as a Word file; the same document gives the same bytes."""
    word = api.Document()
    _set_page(word, document)
    word.core_properties.title = clean(document.title)
    word.core_properties.author = "hatang"
    word.core_properties.language = document.language
    word.add_heading(clean(document.title), 1)
    for name, value in document.facts:
        said = word.add_paragraph()
        said.add_run(f"{clean(name)}: ").bold = True
        said.add_run(clean(value))
    for table in document.tables:
        _add_table(word, table, document.language)
    if document.signers:
        _add_signers(word, document.signers)
    out = io.BytesIO()
    word.save(out)
    return timeless(out.getvalue())


def _set_page(word: WordDocument, document: Document) -> None:
    for name, points in _SIZES.items():
        style = word.styles[name]
        style.font.name, style.font.size = FONT, Pt(points)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for part in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(part), None)  # a theme would win over the name
        for part in ("w:eastAsia", "w:cs"):
            fonts.set(qn(part), FONT)
    word.styles["Normal"].paragraph_format.space_after = Pt(2)
    section = word.sections[0]
    if document.is_landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = _LONG, _SHORT
    else:
        section.page_width, section.page_height = _SHORT, _LONG
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _MARGIN
    foot = section.footer.paragraphs[0]
    foot.add_run(f"{clean(document.footer)}    ")
    _add_field(foot, "PAGE")
    foot.add_run("/")
    _add_field(foot, "NUMPAGES")


def _add_field(paragraph: Paragraph, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)  # noqa: SLF001 - the library has no fields


def _add_table(word: WordDocument, table: Table, language: str) -> None:
    word.add_heading(clean(table.title), 2)
    if table.note:
        word.add_paragraph(clean(table.note))
    rows = [[printed(cell, table.zone, language) for cell in row] for row in table.rows]
    if not rows:
        word.add_paragraph("–")
        return
    grid = word.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    for cell, name in zip(grid.rows[0].cells, table.columns, strict=True):
        cell.paragraphs[0].add_run(clean(name)).bold = True
    repeated = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - the library lacks it
    for row in rows:
        grid._tbl.append(_row(row))  # noqa: SLF001 - cells by the library take time as their square


def _row(texts: Iterable[str]) -> BaseOxmlElement:
    row = OxmlElement("w:tr")
    for text in texts:
        paragraph = OxmlElement("w:p")
        for number, line in enumerate(text.split("\n")):
            run = OxmlElement("w:r")
            if number:
                run.append(OxmlElement("w:br"))
            words = OxmlElement("w:t")
            words.text = line
            words.set(qn("xml:space"), "preserve")
            run.append(words)
            paragraph.append(run)
        cell = OxmlElement("w:tc")
        cell.append(paragraph)
        row.append(cell)
    return row


def _add_signers(word: WordDocument, signers: Sequence[str]) -> None:
    word.add_paragraph()
    grid = word.add_table(rows=1, cols=len(signers))
    for cell, name in zip(grid.rows[0].cells, signers, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(clean(name)).bold = True
        for _line in range(_ROOM_TO_SIGN):
            cell.add_paragraph()
