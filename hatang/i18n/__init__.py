"""What people read, in their language: gettext catalogues, Vietnamese and English."""

from __future__ import annotations

import gettext as _gettext
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES: Final = ("vi", "en")
LOCALE_DIRECTORY: Final = Path(__file__).parent / "locale"

# Marks a text for the catalogue without translating it yet.
N_: Final = str

_language: ContextVar[str] = ContextVar("hatang_language", default="en")


@cache
def catalogue(language: str) -> _gettext.NullTranslations:
    """Return the messages of `language`; English is the source, so its catalogue is empty.

    The `.po` file is compiled in memory, so that no build step can leave a stale one behind.
    """
    source = LOCALE_DIRECTORY / language / "LC_MESSAGES" / "hatang.po"
    if not source.is_file():
        return _gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 RUF100 - who speaks English needs no Babel
    from babel.messages.pofile import read_po  # noqa: PLC0415 RUF100 - as above

    compiled = BytesIO()
    with source.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=language))
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)


def language() -> str:
    """Return the language of whoever is being answered now."""
    return _language.get()


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Answer in `code` inside the block; an unknown code means English."""
    token = _language.set(code if code in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)


def _(message: str) -> str:
    """Return `message` in the current language."""
    return catalogue(_language.get()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form of a message that fits `count`."""
    return catalogue(_language.get()).ngettext(one, many, count)
