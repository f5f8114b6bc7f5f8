"""Vietnamese place names, as they are really written, for a province that does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_FIRST_SYLLABLES = """
An Bình Cẩm Châu Đại Đông Đức Hà Hải Hoà Hồng Hưng Khánh Kim Lộc Long Minh Mỹ Nam Nghĩa Ngọc
Phong Phú Phước Quảng Quế Sơn Tam Tân Thái Thanh Thạnh Thọ Thuận Thượng Tiên Trà Trung Tường
Vạn Vĩnh Xuân Yên
"""
FIRST_SYLLABLES = tuple(_FIRST_SYLLABLES.split())
_SECOND_SYLLABLES = """
An Bình Cường Châu Dương Điền Định Đồng Giang Hà Hải Hạnh Hiệp Hoà Hội Hưng Khê Lâm Lạc Lập
Lộc Lợi Lương Mỹ Ninh Phong Phú Phước Quang Sơn Tâm Tây Thành Thạch Thắng Thịnh Thuỷ Tiến Trạch
Trung Trường Văn Việt Xuyên
"""
SECOND_SYLLABLES = tuple(_SECOND_SYLLABLES.split())
HUB_NAMES = ("Hương Thuỷ", "Phong Điền", "Nam Đông")
DEPARTMENTS = (
    ("so-khcn", "Sở Khoa học và Công nghệ"),
    ("so-yt", "Sở Y tế"),
    ("so-gddt", "Sở Giáo dục và Đào tạo"),
    ("so-tc", "Sở Tài chính"),
    ("so-nnmt", "Sở Nông nghiệp và Môi trường"),
    ("so-xd", "Sở Xây dựng"),
    ("so-nv", "Sở Nội vụ"),
    ("so-tp", "Sở Tư pháp"),
    ("so-ct", "Sở Công Thương"),
    ("so-vhttdl", "Sở Văn hoá, Thể thao và Du lịch"),
)
PROVIDERS = (("VNPT", "18001260"), ("VIETTEL", "18008119"))


def commune_names(count: int, random: Random) -> list[str]:
    """Return `count` different names; the same seed gives the same names in the same order."""
    pairs = [
        f"{first} {second}"
        for first in FIRST_SYLLABLES
        for second in SECOND_SYLLABLES
        if first != second
    ]
    return random.sample(pairs, count)
