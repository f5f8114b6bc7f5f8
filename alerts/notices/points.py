"""Which places a notice names: circuits by their id, customers by their code, communes by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from alerts.notices.words import Notice
    from inventory.rows import CircuitRow, SiteRow, UnitRow

_KINDS: Final = "xa|phuong|thi tran|dac khu|thi xa|thanh pho|huyen|quan"
_TITLE: Final = re.compile(rf"^(?:(?:tru so|ubnd|uy ban nhan dan|tru so ubnd)\s+)?(?:{_KINDS})\s+")
_OFFICE: Final = re.compile(r"^(?:tru so|uy ban nhan dan|ubnd|diem mang|diem gom)\s+")
_LED_BY: Final = re.compile(rf"\b(?:cac\s+)?(?:{_KINDS}|x\.|p\.)(?:\s*,\s*(?:{_KINDS}))*\s*:?\s*$")
_LIST: Final = re.compile(rf"\b(?:cac\s+(?:{_KINDS})|dia ban|khu vuc)\b[^.\n]*$")
_PART: Final = re.compile(
    r"(?:\bmot phan\b[^.;\n]{0,40}|\b(?:thon|xom|ap|ban|to dan pho|tdp|khu pho|duong|kiet|to)\b"
    r"[^.;:\n]{0,60})$"
)
_BEFORE: Final = 160
_SHORTEST_NAME: Final = 4


@dataclass(frozen=True, slots=True)
class Known:
    """What the reader may see of the inventory: what can be named in a notice."""

    circuits: tuple[CircuitRow, ...]
    sites: tuple[SiteRow, ...]
    units: tuple[UnitRow, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that is named; `circuit` or `site` is its key.

    `is_sure` is false for a bare name that may be another's, and where a part of the place is
    meant: a power cut in one hamlet need not reach the commune's seat.
    """

    text: str
    circuit: str = ""
    site: str = ""
    is_sure: bool = True


@dataclass(slots=True)
class _Taken:
    """Which letters of the notice were understood: a longer name hides the shorter in it."""

    spans: list[tuple[int, int]] = field(default_factory=list)

    def take(self, start: int, end: int) -> bool:
        if any(start < other_end and other_start < end for other_start, other_end in self.spans):
            return False
        self.spans.append((start, end))
        return True


def mentions(notice: Notice, known: Known) -> tuple[Mention, ...]:
    """Return the places that `notice` names, each once, surest first, then in its order."""
    taken = _Taken()
    found: dict[tuple[str, str], tuple[int, Mention]] = {}
    ways = (
        *_circuits(notice, known.circuits, taken),
        *_customers(notice, known.sites, taken),
        *_names(notice, known, taken),
    )
    for start, mention in ways:
        key = (mention.circuit, mention.site)
        before = found.get(key)
        if before is None or (mention.is_sure and not before[1].is_sure):
            found[key] = (start, mention)
    ordered = sorted(found.values(), key=lambda one: (not one[1].is_sure, one[0]))
    return tuple(mention for _start, mention in ordered)


def _circuits(
    notice: Notice, circuits: Iterable[CircuitRow], taken: _Taken
) -> Iterator[tuple[int, Mention]]:
    """Find circuit ids, whatever stands between their letters and numbers."""
    by_form = {_form(row.cid): row.cid for row in circuits}
    for start, end, form in _search(notice.folded, by_form, r"[\s._/-]{0,2}", taken):
        yield start, Mention(notice.around(start, end), circuit=by_form[form])


def _customers(
    notice: Notice, sites: Iterable[SiteRow], taken: _Taken
) -> Iterator[tuple[int, Mention]]:
    by_form = {_form(row.power_customer_code): row.slug for row in sites if row.power_customer_code}
    for start, end, form in _search(notice.folded, by_form, r"[\s._/-]{0,2}", taken):
        yield start, Mention(notice.around(start, end), site=by_form[form])


def _names(notice: Notice, known: Known, taken: _Taken) -> Iterator[tuple[int, Mention]]:
    """Find sites by their own names and by those of their units, old names included."""
    full, bare = _called(known)
    for start, end, form in _search(notice.folded, full, r"\s+", taken):
        is_sure = not _PART.search(notice.folded[max(0, start - _BEFORE) : start])
        for slug in full[form]:
            yield start, Mention(notice.around(start, end), site=slug, is_sure=is_sure)
    for start, end, form in _search(notice.folded, bare, r"\s+", taken):
        before = notice.folded[max(0, start - _BEFORE) : start]
        is_led = bool(_LED_BY.search(before) or _LIST.search(before))
        is_sure = is_led and not _PART.search(before) and len(bare[form]) == 1
        for slug in bare[form]:
            yield start, Mention(notice.around(start, end), site=slug, is_sure=is_sure)


def _called(known: Known) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return sites by full names ("xa tan lap") and by bare ones ("tan lap"), as word lists."""
    full: dict[str, list[str]] = {}
    bare: dict[str, list[str]] = {}
    units = {row.code: row for row in known.units}
    for site in known.sites:
        unit = units.get(site.unit)
        names = [site.name, *((unit.name, *unit.aliases) if unit else ())]
        for name in map(_folded_words, names):
            titled = _OFFICE.sub("", name)
            _note(full, titled, site.slug)
            _note(full, name, site.slug)
            if _TITLE.match(name):
                _note(bare, _TITLE.sub("", name), site.slug)
    return full, {name: slugs for name, slugs in bare.items() if name not in full}


def _note(by_name: dict[str, list[str]], name: str, slug: str) -> None:
    if len(name) >= _SHORTEST_NAME and not name.isdecimal():
        slugs = by_name.setdefault(name, [])
        if slug not in slugs:
            slugs.append(slug)


def _folded_words(name: str) -> str:
    return " ".join(fold(name).split())


def _form(code: str) -> str:
    """Return the letters and numbers of a code, parted where they change: `vnpt 0042`."""
    return " ".join(re.findall(r"[a-z]+|\d+", fold(code)))


def _search(
    folded: str, forms: Mapping[str, object], gap: str, taken: _Taken
) -> Iterator[tuple[int, int, str]]:
    """Yield where one of `forms` stands as whole words, the longest that fits first.

    The pattern is made of escaped words of the inventory alone, one alternation: its cost grows
    with the text, never with its shape.
    """
    if not forms:
        return
    longest = sorted(forms, key=lambda form: (-len(form), form))
    spelt = (gap.join(re.escape(word) for word in form.split()) for form in longest)
    pattern = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(spelt)})(?![a-z0-9])")
    for match in pattern.finditer(folded):
        if taken.take(*match.span()):
            words = re.findall(r"[a-z]+|\d+", match[0]) if gap.endswith("}") else match[0].split()
            yield match.start(), match.end(), " ".join(words)
