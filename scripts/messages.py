"""Collects every user-visible text and reports what the Vietnamese catalogue lacks.

`messages.py` updates hatang/i18n/locale/vi/LC_MESSAGES/hatang.po in place: new texts are added
empty, texts nobody uses any more are dropped. Exit status 1 when a text has no translation.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "hatang/i18n/locale/vi/LC_MESSAGES/hatang.po"
PACKAGES = (
    *("hatang", "inventory", "monitors", "alerts", "playbooks"),
    *("baselines", "conference", "api", "cli"),
)
METHODS = [
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]


def collect() -> Catalog:
    """Return the texts the code asks for."""
    catalog = Catalog(project="hatang", charset="utf-8")
    for package in PACKAGES:
        for name, line, message, comments, context in extract_from_dir(
            str(ROOT / package), METHODS, options_map={"**": {"trimmed": "true"}}
        ):
            catalog.add(
                message,
                None,
                [(f"{package}/{name}", line)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def translated() -> Catalog:
    """Return the Vietnamese catalogue as it stands."""
    if not PO.is_file():
        return Catalog(locale="vi", project="hatang", charset="utf-8")
    with PO.open("rb") as stream:
        return read_po(stream, locale="vi")


def missing(catalog: Catalog) -> list[str]:
    """Return the texts without a translation."""
    return [
        str(message.id) for message in catalog if message.id and not _is_complete(message.string)
    ]


def _is_complete(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) if isinstance(string, str | None) else bool(string) and all(string)


def main() -> int:
    """Update the catalogue and name what it lacks."""
    catalog = translated()
    written = catalog.creation_date
    catalog.update(collect(), no_fuzzy_matching=True)
    catalog.creation_date = written  # a date alone is no difference
    catalog.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as stream:
        write_po(stream, catalog, width=100, sort_output=True, no_location=True, omit_header=False)
    lacking = missing(catalog)
    for text in lacking:
        print(f"no Vietnamese for: {text}")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
