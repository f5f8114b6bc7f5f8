"""The words of offices' spreadsheets: which header is which field, which word which choice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import yaml

from inventory.sheets.forms import forms, sections
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_APART: Final = re.compile(r"[^0-9a-z#/]+")
_SLASH: Final = re.compile(r"\s*/\s*")
_BRACKETS: Final = re.compile(r"[(\[]([^)\]]*)[)\]]")
_LAST: Final = re.compile(r"^(.*\S)\s*[,/;:-]\s*([^,;:]+)$", re.DOTALL)
_LISTING: Final = re.compile(r"^(?:danh (?:sach|muc|ba)|thong ke|bang) (?:cac )?")


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """Return `text` as it is compared: no marks, no case, no punctuation, single blanks."""
    return _SLASH.sub("/", _APART.sub(" ", fold(text))).strip(" /")


@dataclass(frozen=True, slots=True)
class FieldWords:
    """How one column is called, and its choices; `vi` and `en` are what we write ourselves."""

    path: str
    vi: str
    en: str
    also: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    brings: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    through: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def header(self, language: str) -> str:
        """Return the header we write."""
        return self.vi if language == "vi" else self.en

    def choice(self, text: str) -> str | None:
        """Return the choice that `text` is a word for."""
        return self.choices.get(key(text))

    def shown(self, choice: str, language: str) -> str:
        """Return the word we write for a choice: the first in Vietnamese, itself in English."""
        words = self.words.get(choice, ())
        return words[0] if words and language == "vi" else choice


@dataclass(frozen=True, slots=True)
class SectionWords:
    """How a sheet of one kind is called, and its columns by path."""

    name: str
    vi: str
    en: str
    also: tuple[str, ...]
    about: Mapping[str, str]
    fields: Mapping[str, FieldWords]

    def title(self, language: str) -> str:
        """Return the sheet's name we write."""
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words, compared by their `key`."""

    ignored: frozenset[str]
    guides: frozenset[str]
    numbering: frozenset[str]
    qualifiers: frozenset[str]
    totals: frozenset[str]
    notes: tuple[str, ...]
    before_names: tuple[str, ...]
    quantities: Mapping[str, Mapping[str, float]]
    sections: Mapping[str, SectionWords]
    headers: Mapping[str, Mapping[str, str]]
    titles: Mapping[str, Mapping[str, int]]

    def unit(self, path: str) -> Mapping[str, float] | None:
        """Return the units a quantity may come in, None when the field is none."""
        return self.quantities.get(path.rpartition("_")[2]) if "_" in path else None


@cache
def vocabulary() -> Vocabulary:
    """Return the words of `headers.yaml`, completed by the kinds' own field names."""
    text = files("inventory.sheets").joinpath("headers.yaml").read_text("utf-8")
    raw = yaml.load(text, yaml.CSafeLoader)
    found = {name: _section(name, raw["sections"].get(name, {})) for name in sections()}
    return Vocabulary(
        ignored=frozenset(map(key, raw["ignored"])),
        guides=frozenset(map(key, raw["guides"])),
        numbering=frozenset(map(key, raw["numbering"])),
        qualifiers=frozenset(map(key, raw["qualifiers"])),
        totals=frozenset(map(key, raw["totals"])),
        notes=tuple(one if not key(one) else key(one) for one in raw["notes"]),
        before_names=tuple(sorted(map(key, raw["before_names"]), key=len, reverse=True)),
        quantities=raw["quantities"],
        sections=found,
        headers={name: _headers(words.fields.values()) for name, words in found.items()},
        titles={name: _titles(words) for name, words in found.items()},
    )


def split_header(text: str) -> tuple[str, str]:
    """Return a header's words and the unit it names: "Băng thông (Mbps)" → "bang thong", "mbps"."""
    inside = _BRACKETS.findall(text)
    bare = _BRACKETS.sub(" ", text)
    if inside:
        return key(bare), fold(inside[-1]).strip()
    last = _LAST.match(text)
    return (key(last[1]), fold(last[2]).strip()) if last else (key(text), "")


def _section(name: str, raw: Mapping[str, Any]) -> SectionWords:
    spelt = raw.get("fields", {})
    known = forms(name)
    paths = [*known, *(path for path in spelt if "." in path and path not in known)]
    plain = name.replace("_", " ").capitalize()
    return SectionWords(
        name=name,
        vi=raw.get("vi", plain),
        en=raw.get("en", plain),
        also=tuple(raw.get("also", ())),
        about=raw.get("about", {}),
        fields={path: _field(path, spelt.get(path, {})) for path in paths},
    )


def _field(path: str, raw: Mapping[str, Any]) -> FieldWords:
    plain = re.sub(r"[._]", " ", path).capitalize()
    words = {choice: tuple(spelt) for choice, spelt in raw.get("words", {}).items()}
    spellings = [(word, choice) for choice, spelt in words.items() for word in spelt]
    return FieldWords(
        path=path,
        vi=raw.get("vi", plain),
        en=raw.get("en", plain),
        also=tuple(raw.get("also", ())),
        about=raw.get("about", {}),
        words=words,
        # A choice's own name counts more than a word for another.
        choices={key(word): choice for word, choice in reversed(spellings)}
        | {key(choice): choice for choice in words},
        groups={choice: tuple(words) for choice, words in raw.get("groups", {}).items()},
        source=raw.get("from", ""),
        brings=raw.get("brings", False),
        through=raw.get("through", {}),
    )


def _headers(fields: Iterable[FieldWords]) -> dict[str, str]:
    found: dict[str, str] = {}
    ours = [(one.path, text) for one in fields for text in (one.path, one.vi, one.en)]
    others = [(one.path, text) for one in fields for text in one.also]
    for path, text in (*ours, *others):  # a name of ours is never another field's synonym
        found.setdefault(key(text), path)
        found.setdefault(split_header(text)[0], path)
    return found


def _titles(words: SectionWords) -> dict[str, int]:
    names = (words.name.replace("_", " "), words.vi, words.en, *words.also)
    # "Danh sách thiết bị" says no more than "thiết bị".
    return {key(name): len(_LISTING.sub("", key(name)).split()) for name in names}
