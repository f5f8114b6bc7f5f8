"""Configurations of real devices that lie beside the checkout, told apart by what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3] / "shared" / "oracles"
BY_FOLDER = {
    "arista": "eos",
    "cisco": "ios",
    "cisco_nxos": "nxos",
    "fortios": "fortios",
    "juniper": "junos",
}
BY_MODEL = {"routeros": "routeros", "fortigate": "fortios", "ios": "ios", "nxos": "nxos"}


def oracles() -> Path:
    """Return where they lie; skips the test where there are none."""
    if not ROOT.is_dir():
        pytest.skip("recorded configurations are not beside the checkout: shared/oracles")
    return ROOT


def configurations() -> Iterator[tuple[str, str, str]]:
    """Yield name, dialect and text of every configuration whose dialect is certain."""
    root = oracles()
    for path in sorted((root / "configs").rglob("*")) + sorted((root / "backup").rglob("*")):
        dialect = _dialect(path) if path.is_file() else ""
        if dialect:
            text = path.read_text(encoding="utf-8", errors="replace")
            yield path.relative_to(root).as_posix(), dialect, text


def _dialect(path: Path) -> str:
    folder = path.parts
    if "stanford-backbone" in folder:
        return "ios" if path.name.endswith("_config.txt") else ""
    if "batfish-testconfigs" in folder:
        is_text = path.suffix not in {".json", ".bazel"}
        return BY_FOLDER.get(path.parent.name, "") if is_text else ""
    if "backup" in folder:
        model, _, rest = path.name.partition("#")
        return BY_MODEL.get(model, "") if rest.endswith("#output.txt") else ""
    return _of_laboratory(path) if "lab-validation" in folder else ""


def _of_laboratory(path: Path) -> str:
    if path.parent.parent.name != "configs":
        return ""
    start = path.read_text(encoding="utf-8", errors="replace")[:400]
    if "display_set" in path.name:
        return "junos"
    if start.startswith("#config-version="):
        return "fortios"
    if not path.name.startswith("show_running"):
        return ""
    if "! device:" in start:
        return "eos"
    return "nxos" if re.search(r"^!Command:", start, re.MULTILINE) else "ios"
