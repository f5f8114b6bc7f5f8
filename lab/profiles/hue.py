"""Huế in 2014 and 2024.

Sources: the province's report of 1 January 2014 (34 provincial units, 56 units under districts and
27 wards of Huế city on the WAN; 100 Mbit/s domestic and 2 Mbit/s international Internet), and that
of 15 October 2024 (one provincial centre, 9 district and 141 commune desks).
"""

from __future__ import annotations

from typing import Final

from lab.profiles.paper import INVENTED, PROVINCE, Paper
from lab.profiles.places import AGENCIES, DISTRICTS_OF_HUE, OF_HUE, WARDS_OF_HUE_CITY

PROVINCIAL_UNITS: Final = 34
DISTRICT_UNITS: Final = 56
COMMUNES_2024: Final = 141
RATE_KBPS: Final = 10_000
DOMESTIC_KBPS: Final = 100_000
INTERNATIONAL_KBPS: Final = 2_000


def in_2014(seed: int) -> Paper:
    """Return the WAN of 117 sites."""
    paper = Paper("Tỉnh Thừa Thiên Huế", "46", seed)
    paper.unit(PROVINCE, "Ủy ban nhân dân tỉnh Thừa Thiên Huế", "province", None)
    for code, name in (*AGENCIES, *OF_HUE):
        paper.unit(code, name, "department")
    for number in range(len(AGENCIES) + len(OF_HUE) + 1, PROVINCIAL_UNITS + 1):
        paper.unit(f"dv-tinh-{number:02}", f"Đơn vị cấp tỉnh {number:02}{INVENTED}", "department")
    paper.centre("so-tttt")
    for code, name in paper.of_kind("department"):
        paper.on_wan(code, name, "department", RATE_KBPS)
    for code, name in DISTRICTS_OF_HUE:
        paper.unit(code, f"Ủy ban nhân dân {name[0].lower()}{name[1:]}", "unit")
    for number in range(1, DISTRICT_UNITS + 1):
        parent, name = DISTRICTS_OF_HUE[number % len(DISTRICTS_OF_HUE)]
        code = f"dv-huyen-{number:02}"
        paper.unit(code, f"Đơn vị {number:02} thuộc {name}{INVENTED}", "unit", parent)
        paper.on_wan(code, f"đơn vị {number:02} thuộc {name}", "hub", RATE_KBPS)
    for number, name in enumerate(WARDS_OF_HUE_CITY, 1):
        title = name if name.startswith("Phường ") else f"Phường {name}"
        code = f"p-{number:02}"
        paper.unit(code, title, "ward", "tp-hue")
        paper.on_wan(code, f"UBND {title}", "commune", RATE_KBPS)
    _internet(paper)
    paper.figures = {
        "departments on the WAN": "34/34",
        "other units on the WAN": "56/56",
        "communes on the WAN": "27/27",
        "WAN sites": "117",
        "Internet": "100 Mbit/s domestic, 2 Mbit/s international",
    }
    return paper


def _internet(paper: Paper) -> None:
    paper.site("internet", "Điểm kết nối Internet của nhà cung cấp", "so-tttt", "hub")
    rates = {
        "domestic_rate_kbps": DOMESTIC_KBPS,
        "international_rate_kbps": INTERNATIONAL_KBPS,
        "type": "internet",
    }
    paper.circuit("INTERNET-1", "VNPT", "internet", DOMESTIC_KBPS, **rates)


def in_2024(seed: int) -> Paper:
    """Return the 151 one-stop desks."""
    paper = Paper("Tỉnh Thừa Thiên Huế", "46", seed)
    paper.unit(PROVINCE, "Ủy ban nhân dân tỉnh Thừa Thiên Huế", "province", None)
    for code, name in (*AGENCIES, *OF_HUE):
        paper.unit(code, name, "department")
    paper.centre("so-tttt")
    centre = paper.unit("ttpvhcc", "Trung tâm Phục vụ hành chính công tỉnh", "department")
    paper.service("one-stop", "Hệ thống một cửa điện tử", "web", "vp-ubnd", level=3)
    _desk(paper, centre, "Trung tâm Phục vụ hành chính công tỉnh", "department")
    for code, name in DISTRICTS_OF_HUE:
        paper.unit(code, f"Ủy ban nhân dân {name[0].lower()}{name[1:]}", "unit")
        _desk(paper, code, name, "hub")
    paper.communes(list(DISTRICTS_OF_HUE), COMMUNES_2024)
    for code, name in paper.of_kind("commune"):
        _desk(paper, code, name, "commune")
    paper.figures = {
        "provincial centre": "1",
        "other units with a one-stop desk": "9/9",
        "communes with a one-stop desk": "141/141",
        "one-stop desks": "151",
    }
    return paper


def _desk(paper: Paper, code: str, name: str, kind: str) -> None:
    paper.on_wan(code, name, kind, RATE_KBPS)
    title = f"Bộ phận một cửa {name}"
    paper.service(
        f"one-stop-desk/{code}", title, "one-stop-desk", code, level=2, depends_on=["one-stop"]
    )
