"""Hưng Yên about 2020: 15 conference points (a centre and its branches), 773 certificates.

Holders and days of the certificates are invented: the count and who may hold one are public.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from lab.profiles.paper import DC, PROVINCE, Paper
from lab.profiles.places import AGENCIES, DISTRICTS_OF_HUNG_YEN

CERTIFICATES: Final = 773
POINTS: Final = 15
COMMUNES: Final = 161
RATE_KBPS: Final = 10_000
AS_OF: Final = date(2020, 12, 15)
SOON: Final = timedelta(days=30)
EXPIRING: Final = 41
YEARS: Final = timedelta(days=5 * 365)
ISSUER: Final = "Chứng thực số chuyên dùng Chính phủ"


def describe(seed: int) -> Paper:
    """Return conference points and the register of certificates."""
    paper = Paper("Tỉnh Hưng Yên", "33", seed)
    paper.unit(PROVINCE, "Ủy ban nhân dân tỉnh Hưng Yên", "province", None)
    for code, name in AGENCIES:
        paper.unit(code, name, "department")
    paper.centre("so-tttt")
    districts = [(f"huyen-{n:02}", name) for n, name in enumerate(DISTRICTS_OF_HUNG_YEN, 1)]
    for code, name in districts:
        paper.unit(code, f"Ủy ban nhân dân {name[0].lower()}{name[1:]}", "unit")
        paper.on_wan(code, name, "hub", RATE_KBPS)
    paper.communes(districts, COMMUNES)
    _points(paper, districts)
    _certificates(paper)
    paper.figures = {
        "conference points": "15",
        "conference points with a telephone": "15/15",
        "certificates": "773",
        f"certificates expiring within 30 days of {AS_OF}": str(EXPIRING),
    }
    return paper


def _points(paper: Paper, districts: list[tuple[str, str]]) -> None:
    paper.room("room-centre", "Phòng họp trực tuyến UBND tỉnh", DC)
    branches = [*districts, *AGENCIES[: POINTS - 1 - len(districts)]]
    for code, name in branches:
        if (code, name) in AGENCIES:
            paper.on_wan(code, name, "department", RATE_KBPS)
        paper.room(f"room-{code}", f"Phòng họp trực tuyến {name}", code)


def _certificates(paper: Paper) -> None:
    holders = paper.of_kind("department", "unit", "commune")
    for number in range(CERTIFICATES):
        code, name = holders[number % len(holders)]
        organisation = number < len(holders)
        holder = name if organisation else f"Lãnh đạo {number // len(holders)} {name}"
        ends = AS_OF + (
            timedelta(days=paper.random.randint(0, SOON.days))
            if number < EXPIRING
            else timedelta(days=paper.random.randint(SOON.days + 1, YEARS.days))
        )
        paper.rows["certificates"].append(
            {
                "serial": f"{paper.random.getrandbits(120):030X}",
                "issuer": ISSUER,
                "holder": holder,
                "unit": code,
                "purpose": "signing",
                "kept_on": "token",
                "not_before": ends - YEARS,
                "not_after": ends,
            }
        )
