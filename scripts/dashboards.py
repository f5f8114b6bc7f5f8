"""Writes deploy/grafana: dashboards in both languages, from one description of their panels.

`python -m scripts.dashboards` writes them; with `--check` it changes nothing and exits 1 when one
is stale. Titles are pairs of English and Vietnamese.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scripts.dashboards_panels import DASHBOARDS, LANGUAGES, Dashboard, Panel, Variable

FOLDER: Final = Path(__file__).resolve().parents[1] / "deploy" / "grafana"
SCHEMA: Final = 37
"""Of a dashboard's JSON as Grafana 9.2 and later read it."""
SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH, _HEIGHT = 24, 8


@dataclass
class Place:
    """Where the next panel goes, on a grid of 24 columns."""

    x: int = 0
    y: int = 0

    def take(self, width: int) -> dict[str, int]:
        """Return the place of a panel that is `width` columns wide."""
        if self.x + width > _WIDTH:
            self.x, self.y = 0, self.y + _HEIGHT
        found = {"x": self.x, "y": self.y, "w": width, "h": _HEIGHT}
        self.x += width
        return found


def panel(one: Panel, number: int, place: Place, language: int) -> dict[str, Any]:
    """Return a panel as Grafana has it."""
    defaults: dict[str, Any] = {"unit": one.unit}
    if one.unit in {"percent", "percentunit"}:
        defaults |= {"min": 0, "max": 100 if one.unit == "percent" else 1}
    return {
        "id": number,
        "type": one.kind,
        "title": one.title[language],
        "datasource": SOURCE,
        "gridPos": place.take(one.width),
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}}
        if one.kind == "timeseries"
        else {},
        "targets": [
            {
                "refId": chr(ord("A") + at),
                "datasource": SOURCE,
                "expr": expression,
                "legendFormat": legend,
                "instant": one.kind != "timeseries",
                "format": "table" if one.kind == "table" else "time_series",
            }
            for at, (expression, legend) in enumerate(one.queries)
        ],
    }


def variable(one: Variable, language: int) -> dict[str, Any]:
    """Return a choice at the head of a dashboard."""
    return {
        "name": one.name,
        "label": one.title[language],
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": one.query, "refId": one.name},
        "definition": one.query,
        "refresh": 2,
        "sort": 1,
        "includeAll": False,
        "multi": False,
    }


def document(one: Dashboard, language: int) -> dict[str, Any]:
    """Return a dashboard in a language, as Grafana imports it."""
    place = Place()
    source = {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
    }
    return {
        "uid": f"hatang-{one.name}-{LANGUAGES[language]}",
        "title": f"hatang: {one.title[language]}",
        "tags": ["hatang", LANGUAGES[language]],
        "schemaVersion": SCHEMA,
        "version": 1,
        "editable": True,
        "refresh": "1m",
        "time": {"from": f"now-{one.since}", "to": "now"},
        "timezone": "Asia/Ho_Chi_Minh",
        "templating": {"list": [source, *(variable(each, language) for each in one.variables)]},
        "panels": [panel(each, n, place, language) for n, each in enumerate(one.panels, 1)],
    }


def wanted() -> dict[Path, str]:
    """Return what the files should hold."""
    return {
        FOLDER / LANGUAGES[language] / f"{one.name}.json": json.dumps(
            document(one, language), ensure_ascii=False, indent=1
        )
        + "\n"
        for one in DASHBOARDS
        for language in range(len(LANGUAGES))
    }


def main(arguments: list[str]) -> int:
    """Write the files, or say which are stale."""
    stale = [p for p, text in wanted().items() if not p.exists() or p.read_text("utf-8") != text]
    if "--check" in arguments:
        print("".join(f"{path.name} is stale\n" for path in stale), end="")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted()[path], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
