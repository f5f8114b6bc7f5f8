"""Huế's communes of 1 July 2025: 133 become 40, 21 wards and 19 communes; districts end.

The counts are public. The 40 names are as commonly reported, not checked against the resolution;
the 133 names, and which of them went where, are generated, with eight shared out over two.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from lab.profiles.paper import PROVINCE, Paper
from lab.profiles.places import AGENCIES, DISTRICTS_OF_HUE, OF_HUE

COMMUNES: Final = 133
SPLIT: Final = 8
RATE_KBPS: Final = 20_000
DAY: Final = date(2025, 7, 1)
_WARDS: Final = """
Thuận An,Hóa Châu,Mỹ Thượng,Vỹ Dạ,Thuận Hóa,An Cựu,Thủy Xuân,Kim Long,Hương An,Phú Xuân,Hương Trà,
Kim Trà,Thanh Thủy,Hương Thủy,Phú Bài,Phong Điền,Phong Thái,Phong Dinh,Phong Phú,Phong Quảng,
Dương Nỗ
"""
WARDS: Final = tuple(_WARDS.replace("\n", "").split(","))
_NEW: Final = """
Đan Điền,Quảng Điền,Phú Vinh,Phú Hồ,Phú Vang,Vinh Lộc,Hưng Lộc,Lộc An,Phú Lộc,Chân Mây - Lăng Cô,
Long Quảng,Nam Đông,Khe Tre,Bình Điền,A Lưới 1,A Lưới 2,A Lưới 3,A Lưới 4,A Lưới 5
"""
NEW_COMMUNES: Final = tuple(_NEW.replace("\n", "").split(","))
Row = dict[str, Any]


def before(seed: int) -> Paper:
    """Return the province of June 2025: each commune with its seat, every fourth with a branch."""
    paper = Paper("Thành phố Huế", "46", seed)
    paper.unit(PROVINCE, "Ủy ban nhân dân thành phố Huế", "province", None)
    for code, name in (*AGENCIES, *OF_HUE):
        paper.unit(code, name, "department")
    paper.centre("so-khcn")
    for code, name in DISTRICTS_OF_HUE:
        paper.unit(code, f"Ủy ban nhân dân {name[0].lower()}{name[1:]}", "unit")
        paper.on_wan(code, name, "hub", RATE_KBPS)
    paper.communes(list(DISTRICTS_OF_HUE), COMMUNES)
    for number, (code, name) in enumerate(paper.of_kind("commune")):
        paper.on_wan(code, name, "commune", RATE_KBPS)
        more = {"level": 2}
        desk = f"Bộ phận một cửa {name}"
        paper.service(f"one-stop-desk/{code}", desk, "one-stop-desk", code, **more)
        if number % 4 == 0:
            paper.site(f"{code}-2", f"Cơ sở 2 {name}", code, "commune")
        paper.room(f"room-{code}", f"Phòng họp {name}", code)
    paper.figures = {"communes": str(COMMUNES), "sites": str(len(paper.rows["sites"]))}
    return paper


def reorganisation(seed: int) -> Row:
    """Return the file that makes 40 of the 133 of the same seed."""
    paper = before(seed)
    names = [(f"Phường {name}", "ward") for name in WARDS]
    names += [(f"Xã {name}", "commune") for name in NEW_COMMUNES]
    units = [
        {"code": f"m-{number:02}", "name": name, "kind": kind, "parent": PROVINCE}
        for number, (name, kind) in enumerate(names, 1)
    ]
    new = [unit["code"] for unit in units]
    old = [code for code, _ in paper.of_kind("commune")]
    with_branch = [code for code in old if any(row["slug"] == f"{code}-2" for row in _sites(paper))]
    split = paper.random.sample(with_branch, SPLIT)
    groups: dict[str, list[str]] = {code: [] for code in new}
    for number, code in enumerate(one for one in old if one not in split):
        groups[new[number % len(new)]].append(code)
    for number, (code, _) in enumerate(DISTRICTS_OF_HUE):
        groups[new[number * len(new) // len(DISTRICTS_OF_HUE)]].append(code)
    entries: list[Row] = [_shares(code, paper.random.sample(new, 2)) for code in split]
    # Communes before districts: what hung under a district has its place by then.
    entries += [{"merge": codes, "into": into} for into, codes in groups.items()]
    return {
        "version": 1,
        "title": "Sắp xếp đơn vị hành chính cấp xã (ánh xạ giả định)",
        "effective_on": DAY,
        "units": units,
        "reorganise": entries,
    }


def _shares(code: str, successors: list[str]) -> Row:
    seat, branch = successors
    return {
        "split": code,
        "into": [{"unit": seat, "rest": True}, {"unit": branch, "takes": {"sites": [f"{code}-2"]}}],
    }


def _sites(paper: Paper) -> list[Row]:
    return paper.rows["sites"]
