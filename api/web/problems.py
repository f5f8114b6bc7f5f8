"""What is wrong with a file or a request, why a cell was repaired: in the reader's language.

Services say it in English, the same for the command, the API and the log. What is not known here
is shown as they say it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from api.web import (
    alert_sentences,
    change_sentences,
    denial_sentences,
    schedule_sentences,
    sentences,
)
from api.web.run_words import run_state
from api.web.terms import singular
from hatang.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TEXTS: Final = (
    *sentences.TEXTS,
    *alert_sentences.TEXTS,
    *change_sentences.TEXTS,
    *denial_sentences.TEXTS,
    *schedule_sentences.TEXTS,
)
"""Every text that is known, %(name)s in place of any other text."""
_PLACE: Final = re.compile(r"(%\(\w+\)s)")
_SENTENCES: Final = re.compile(r"(?<=[?.]) (?=[A-Z])")
_REASONS: Final = ", "
_WORDS: Final[Mapping[str, Callable[[str], str]]] = {
    "kind": singular,
    "target": singular,
    "state": lambda state: run_state(state).word,
}


class Said(NamedTuple):
    """A text in the reader's language; `is_english` when it is not known in another."""

    text: str
    is_english: bool


def tell(text: str) -> Said:
    """Return what a service said; by its sentences, or reasons, where the whole is not known."""
    whole = _reasons(text) if text else ""
    if whole is not None:
        return Said(whole, is_english=False)
    parts = _SENTENCES.split(text)
    told = [_told(part) for part in parts]
    words = (part if known is None else known for part, known in zip(parts, told, strict=True))
    return Said(" ".join(words), is_english=None in told)


def _reasons(text: str) -> str | None:
    """Return a text, or several joined by commas, when all of them are known."""
    known = _told(text)
    if known is not None:
        return known
    for comma in re.finditer(_REASONS, text):
        head = _told(text[: comma.start()])
        rest = None if head is None else _reasons(text[comma.end() :])
        if rest is not None:
            return f"{head}{_REASONS}{rest}"
    return None


def _told(text: str) -> str | None:
    for pattern, template in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return _(template) % _words(found.groupdict()) if found.groupdict() else _(template)
    return None


def _words(parts: dict[str, str]) -> dict[str, str]:
    """Return the parts of a sentence, kinds of elements and where something stands by words."""
    return {name: _WORDS.get(name, str)(one) for name, one in parts.items()}


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the known texts, the more of them stands fixed the earlier."""
    ordered = sorted(TEXTS, key=lambda text: len(_PLACE.sub("", text)), reverse=True)
    return tuple((re.compile("".join(_pieces(text)), re.DOTALL), text) for text in ordered)


def _pieces(text: str) -> Iterator[str]:
    for piece in _PLACE.split(text):
        yield f"(?P<{piece[2:-2]}>.+)" if piece.startswith("%(") else re.escape(piece)
