"""Thanh Hóa on 20 July 2020: 559 of 559 communes with a desk, 215 = 83 + 132 conference points.

How the 83 points of province and districts are shared out is not public: 27 stand at districts'
seats, 56 at departments and centres, and their names say that they are invented.
"""

from __future__ import annotations

from typing import Final

from lab.profiles.paper import INVENTED, PROVINCE, Paper
from lab.profiles.places import AGENCIES, DISTRICTS_OF_THANH_HOA

COMMUNES: Final = 559
UPPER_POINTS: Final = 83
COMMUNE_POINTS: Final = 132
RATE_KBPS: Final = 20_000


def describe(seed: int) -> Paper:
    """Return desks and conference points."""
    paper = Paper("Tỉnh Thanh Hóa", "38", seed)
    paper.unit(PROVINCE, "Ủy ban nhân dân tỉnh Thanh Hóa", "province", None)
    for code, name in AGENCIES:
        paper.unit(code, name, "department")
    paper.centre("so-tttt")
    for code, name in AGENCIES:
        paper.on_wan(code, name, "department", RATE_KBPS)
    districts = [(f"huyen-{n:02}", name) for n, name in enumerate(DISTRICTS_OF_THANH_HOA, 1)]
    for code, name in districts:
        paper.unit(code, f"Ủy ban nhân dân {name[0].lower()}{name[1:]}", "unit")
        paper.on_wan(code, name, "hub", RATE_KBPS)
    paper.service("one-stop", "Hệ thống một cửa điện tử", "web", "vp-ubnd", level=3)
    paper.communes(districts, COMMUNES)
    for code, name in paper.of_kind("commune"):
        paper.on_wan(code, name, "commune", RATE_KBPS)
    for code, name in (*districts, *paper.of_kind("commune")):
        desk = f"Bộ phận một cửa {name}"
        more = {"level": 2, "depends_on": ["one-stop"]}
        paper.service(f"one-stop-desk/{code}", desk, "one-stop-desk", code, **more)
    _points(paper, districts)
    paper.figures = {
        "communes with a one-stop desk": "559/559",
        "other units with a one-stop desk": "27/27",
        "conference points": "215",
        "conference points above communes": "83",
        "conference points at communes": "132",
        "conference points with a telephone": "215/215",
        "communes with a conference point": "132/559",
    }
    return paper


def _points(paper: Paper, districts: list[tuple[str, str]]) -> None:
    for code, name in districts:
        paper.room(f"room-{code}", f"Phòng họp trực tuyến {name}", code)
    for number in range(UPPER_POINTS - len(districts)):
        code, name = AGENCIES[number % len(AGENCIES)]
        title = f"Phòng họp {number // len(AGENCIES) + 1} {name}{INVENTED}"
        paper.room(f"room-{code}-{number // len(AGENCIES) + 1}", title, code)
    communes = paper.random.sample(paper.of_kind("commune"), COMMUNE_POINTS)
    for code, name in communes:
        paper.room(f"room-{code}", f"Phòng họp trực tuyến {name}", code)
