"""Finds the header of a table: one row or two, below titles, in whatever words and encoding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from inventory.sheets.forms import forms, sections
from inventory.sheets.vietnamese import Encoding, decode
from inventory.sheets.words import key, split_header, vocabulary
from inventory.text import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inventory.sheets.words import Vocabulary

LEAST: Final = 2  # columns that must be known before a row is a header
_BLANKS: Final = re.compile(r"\s+")
# How much a name says about what a sheet holds, beside each known column (1), key (2 more) and
# unknown column (half a one less).
_NAMED, _IN_NAME, _IN_TITLE = 6.0, 3.0, 2.0


class Label(NamedTuple):
    """A header as it reads, and all ways to look it up with the unit each names."""

    text: str
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Header:
    """The header of one table: which column is which field; `unknown` are the others by text.

    `required` are the columns that every row of data fills.
    """

    section: str
    rows: tuple[int, ...]
    fields: Mapping[int, tuple[str, str, str]]
    unknown: Mapping[int, str]
    numbering: frozenset[int]
    score: float
    required: tuple[int, ...] = ()


def readings(text: str) -> list[str]:
    """Return what a header may say: as it stands, and as TCVN3 or VNI where that changes it."""
    plain = _BLANKS.sub(" ", normalise(text))
    if plain.isascii():
        return [plain]
    coded = [normalise(decode(plain, one)) for one in (Encoding.TCVN3, Encoding.VNI)]
    return list(dict.fromkeys([plain, *coded]))


def label(*texts: str) -> Label:
    """Return the label of one column: the words of the upper row, then of the lower."""
    known = vocabulary()
    lower = readings(texts[-1])
    ways: list[str] = []
    if len(texts) > 1 and texts[0].strip():
        upper = readings(texts[0])
        ways += [f"{one} {other}" for one in upper for other in lower]
        if key(split_header(lower[0])[0]) in known.qualifiers or len(lower[0]) == 0:
            ways += upper
    ways += lower
    splits = [(way, *split_header(way)) for way in ways]
    looked = [one for way, bare, unit in splits for one in ((key(way), unit), (bare, unit))]
    shown = " / ".join(_BLANKS.sub(" ", one).strip() for one in texts if one.strip())
    return Label(shown, tuple(dict.fromkeys((words, unit) for words, unit in looked if words)))


def find(
    labels: Mapping[int, Label], rows: tuple[int, ...], hints: Mapping[str, float]
) -> Header | None:
    """Return the header these labels are, of the section they fit best; None when of none."""
    known = vocabulary()
    best: Header | None = None
    for section in known.sections:
        header = _fit(section, labels, rows, hints.get(section, 0.0))
        if header is not None and (best is None or header.score > best.score):
            best = header
    return best


def hints(names: Sequence[str], titles: Iterable[str]) -> dict[str, float]:
    """Return what the names (of sheet, of file) and the titles above say about the section."""
    known = vocabulary()
    found: dict[str, float] = {}
    said = [(one, _IN_NAME) for one in names] + [(one, _IN_TITLE) for one in titles]
    for text, weight in said:
        for words in {key(one) for one in readings(text)}:
            for section, own in known.titles.items():
                if words in own:
                    found[section] = max(found.get(section, 0.0), _NAMED)
                for title, length in own.items():
                    if f" {title} " in f" {words} ":
                        # Of several phrases in one title, the longest says most.
                        found[section] = max(found.get(section, 0.0), weight + length / 10)
    return found


def _fit(
    section: str, labels: Mapping[int, Label], rows: tuple[int, ...], hint: float
) -> Header | None:
    known = vocabulary()
    fields: dict[int, tuple[str, str, str]] = {}
    unknown: dict[int, str] = {}
    numbering = set()
    for index, one in labels.items():
        if any(words in known.numbering for words, _ in one.ways):
            numbering.add(index)
            continue
        found = _field(known, section, one)
        if found is None:
            unknown[index] = one.text
        else:
            fields[index] = (found[0], found[1], one.text)
    paths = {path for path, _, _ in fields.values()}
    required = [one for one in forms(section).values() if one.required]
    least = 1 if hint >= _NAMED and len(required) == 1 else LEAST
    if len(paths) < least or len(paths) < len(labels) / 4:
        return None
    score = len(paths) + 2.0 * len(paths & _keys(section)) - len(unknown) / 2 + hint
    musts = tuple(
        index for index, (path, _, _) in fields.items() if path in {one.path for one in required}
    )
    return Header(section, rows, fields, unknown, frozenset(numbering), score, musts)


def _field(known: Vocabulary, section: str, one: Label) -> tuple[str, str] | None:
    own = known.headers[section]
    return next(((own[words], unit) for words, unit in one.ways if words in own), None)


def _keys(section: str) -> set[str]:
    return {*sections()[section].row.key_fields, "name"}
