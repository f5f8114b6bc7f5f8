"""ntc-templates, read so that a line nobody foresaw costs itself and not the whole output.

Their templates end in a rule that refuses every other line, which is right for testing a template
and wrong for reading a device with a newer release: a port would be lost for a word about optics.
"""

from __future__ import annotations

import re
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any, Final

import ntc_templates
from textfsm import Error as TemplateError
from textfsm import TextFSM
from textfsm.clitable import CliTable, CliTableError

_FOLDER: Final = Path(ntc_templates.__file__).parent / "templates"
_REFUSES: Final = re.compile(r"^\s+\^\.?.* -> Error.*$", re.MULTILINE)


class NotKnownError(Exception):
    """There is no template for a command, or the output does not fit it at all."""


def parse(platform: str, command: str, output: str) -> list[dict[str, Any]]:
    """Return the rows of `output`, columns in lower case.

    Raises:
        NotKnownError: no template is of this command, or it breaks on the output.
    """
    texts = _templates(platform, command)
    rows: list[dict[str, Any]] = []
    for text in texts:
        table = TextFSM(StringIO(text))
        try:
            found = table.ParseText(output)
        except TemplateError as error:
            raise NotKnownError(type(error).__name__) from error
        header = [name.lower() for name in table.header]
        rows += [dict(zip(header, row, strict=True)) for row in found]
    return rows


@cache
def _templates(platform: str, command: str) -> tuple[str, ...]:
    """Return the templates of a command, without the rules that refuse unknown lines."""
    try:
        row = _index().index.GetRowMatch({"Platform": platform, "Command": command})
    except CliTableError as error:
        raise NotKnownError(str(error)) from error
    if not row:
        raise NotKnownError("no template")
    names = _index().index.index[row]["Template"].split(":")
    return tuple(_REFUSES.sub("", (_FOLDER / name).read_text("utf-8")) for name in names)


@cache
def _index() -> CliTable:
    return CliTable("index", str(_FOLDER))
