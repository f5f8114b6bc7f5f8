"""The words are complete, and what we write ourselves reads back."""

from __future__ import annotations

import pytest

from inventory.sheets.forms import forms, sections
from inventory.sheets.words import key, split_header, vocabulary

SECTIONS = sorted(sections())
LANGUAGES = ("vi", "en")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_named_and_explained(section: str) -> None:
    words = vocabulary().sections[section]
    assert set(words.about) == set(LANGUAGES)


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_our_headers_are_read_as_their_fields(section: str, language: str) -> None:
    words, known = vocabulary().sections[section].fields, vocabulary().headers[section]
    read = {path: known[split_header(words[path].header(language))[0]] for path in forms(section)}
    assert read == {path: path for path in forms(section)}


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_our_words_are_read_as_their_choices(section: str, language: str) -> None:
    words = vocabulary().sections[section].fields
    for path, form in forms(section).items():
        for choice in form.choices:
            shown = words[path].shown(choice, language)
            assert choice in {shown, words[path].choice(shown)}


@pytest.mark.parametrize("section", SECTIONS)
def test_headers_of_a_sheet_differ(section: str) -> None:
    fields = [vocabulary().sections[section].fields[path] for path in forms(section)]
    for language in LANGUAGES:
        headers = [key(one.header(language)) for one in fields]
        assert len(set(headers)) == len(headers)


def test_names_of_sheets_differ() -> None:
    words = vocabulary().sections.values()
    titles = [key(one.title(language)) for one in words for language in LANGUAGES]
    twice = {title for title in titles if titles.count(title) > 1}
    assert twice <= {key(one.vi) for one in words if key(one.vi) == key(one.en)}


def test_every_field_in_the_file_is_one_of_a_kind() -> None:
    for section, words in vocabulary().sections.items():
        references = sections()[section].row.references
        for path in words.fields.keys() - forms(section).keys():
            assert path.partition(".")[0] in references


@pytest.mark.parametrize(
    ("header", "label", "unit"),
    [
        ("Băng thông (Mbps)", "bang thong", "mbps"),
        ("Băng thông\n[Mbit/s]", "bang thong", "mbit/s"),
        ("Băng thông, Mbps", "bang thong", "mbps"),
        ("Tên đơn vị", "ten don vi", ""),
        ("Xã / Phường", "xa", "phuong"),
    ],
)
def test_a_header_is_its_words_and_its_unit(header: str, label: str, unit: str) -> None:
    assert split_header(header) == (label, unit)
