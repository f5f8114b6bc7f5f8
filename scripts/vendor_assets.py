"""Copies the pages' libraries from node_modules to api/web/static/vendor and draws the icon sprite.

Run by `make env` after `npm ci`; idempotent. The icons are those named in api/web/icons.txt.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "node_modules"
TARGET = ROOT / "api" / "web" / "static" / "vendor"
FILES = (
    "@tabler/core/dist/css/tabler.min.css",
    "cytoscape/dist/cytoscape.min.js",
    "htmx.org/dist/htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js",
    "leaflet/dist/leaflet.css",
    "leaflet/dist/leaflet.js",
    "uplot/dist/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css",
)
PICTURES = ("leaflet/dist/images",)


def main() -> int:
    """Copy everything; name what is missing."""
    missing = [name for name in FILES if not (MODULES / name).is_file()]
    if missing:
        sys.stderr.write(f"missing in node_modules: {', '.join(missing)}; run npm ci first\n")
        return 2
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(MODULES / name, TARGET / Path(name).name)
    for name in PICTURES:
        shutil.copytree(MODULES / name, TARGET / Path(name).name, dirs_exist_ok=True)
    (TARGET / "icons.svg").write_text(_sprite(), encoding="utf-8")
    return 0


def _sprite() -> str:
    listed = ROOT / "api" / "web" / "icons.txt"
    names = listed.read_text(encoding="utf-8").split() if listed.is_file() else []
    symbols = "".join(_symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'


def _symbol(name: str) -> str:
    svg = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
    inner = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$", "", svg)
    drawn = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    return f'<symbol id="{name}" {drawn}>{" ".join(inner.split())}</symbol>'


if __name__ == "__main__":
    sys.exit(main())
