"""Public names: departments every province had, districts and wards of the provinces drawn here."""

from __future__ import annotations

from typing import Final

# Departments and agencies that provinces had between 2014 and 2025, by their usual codes.
AGENCIES: Final = (
    ("vp-ubnd", "Văn phòng Ủy ban nhân dân tỉnh"),
    ("vp-hdnd", "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh"),
    ("so-tttt", "Sở Thông tin và Truyền thông"),
    ("so-nv", "Sở Nội vụ"),
    ("so-tp", "Sở Tư pháp"),
    ("so-khdt", "Sở Kế hoạch và Đầu tư"),
    ("so-tc", "Sở Tài chính"),
    ("so-ct", "Sở Công Thương"),
    ("so-nnptnt", "Sở Nông nghiệp và Phát triển nông thôn"),
    ("so-gtvt", "Sở Giao thông vận tải"),
    ("so-xd", "Sở Xây dựng"),
    ("so-tnmt", "Sở Tài nguyên và Môi trường"),
    ("so-ldtbxh", "Sở Lao động, Thương binh và Xã hội"),
    ("so-vhttdl", "Sở Văn hóa, Thể thao và Du lịch"),
    ("so-khcn", "Sở Khoa học và Công nghệ"),
    ("so-gddt", "Sở Giáo dục và Đào tạo"),
    ("so-yt", "Sở Y tế"),
    ("thanh-tra", "Thanh tra tỉnh"),
    ("ban-dt", "Ban Dân tộc"),
)
OF_HUE: Final = (
    ("so-ngv", "Sở Ngoại vụ"),
    ("bql-cmlc", "Ban Quản lý Khu kinh tế Chân Mây - Lăng Cô"),
    ("bql-kcn", "Ban Quản lý các khu công nghiệp tỉnh"),
)
DISTRICTS_OF_HUE: Final = (
    ("tp-hue", "Thành phố Huế"),
    ("tx-huong-thuy", "Thị xã Hương Thủy"),
    ("tx-huong-tra", "Thị xã Hương Trà"),
    ("h-a-luoi", "Huyện A Lưới"),
    ("h-nam-dong", "Huyện Nam Đông"),
    ("h-phong-dien", "Huyện Phong Điền"),
    ("h-phu-loc", "Huyện Phú Lộc"),
    ("h-phu-vang", "Huyện Phú Vang"),
    ("h-quang-dien", "Huyện Quảng Điền"),
)
_WARDS: Final = """
An Cựu,An Đông,An Hòa,An Tây,Hương Long,Hương Sơ,Kim Long,Phú Bình,Phú Cát,Phú Hậu,Phú Hiệp,Phú Hòa,
Phú Hội,Phú Nhuận,Phú Thuận,Phước Vĩnh,Phường Đúc,Tây Lộc,Thuận Hòa,Thuận Lộc,Thuận Thành,Thủy Biều,
Thủy Xuân,Trường An,Vĩnh Ninh,Vỹ Dạ,Xuân Phú
"""
WARDS_OF_HUE_CITY: Final = tuple(_WARDS.replace("\n", "").split(","))
_THANH_HOA: Final = """
Thành phố Thanh Hóa,Thành phố Sầm Sơn,Thị xã Bỉm Sơn,Thị xã Nghi Sơn,Huyện Bá Thước,Huyện Cẩm Thủy,
Huyện Đông Sơn,Huyện Hà Trung,Huyện Hậu Lộc,Huyện Hoằng Hóa,Huyện Lang Chánh,Huyện Mường Lát,
Huyện Nga Sơn,Huyện Ngọc Lặc,Huyện Như Thanh,Huyện Như Xuân,Huyện Nông Cống,Huyện Quan Hóa,
Huyện Quan Sơn,Huyện Quảng Xương,Huyện Thạch Thành,Huyện Thiệu Hóa,Huyện Thọ Xuân,
Huyện Thường Xuân,Huyện Triệu Sơn,Huyện Vĩnh Lộc,Huyện Yên Định
"""
DISTRICTS_OF_THANH_HOA: Final = tuple(_THANH_HOA.replace("\n", "").split(","))
_HUNG_YEN: Final = """
Thành phố Hưng Yên,Thị xã Mỹ Hào,Huyện Ân Thi,Huyện Khoái Châu,Huyện Kim Động,Huyện Phù Cừ,
Huyện Tiên Lữ,Huyện Văn Giang,Huyện Văn Lâm,Huyện Yên Mỹ
"""
DISTRICTS_OF_HUNG_YEN: Final = tuple(_HUNG_YEN.replace("\n", "").split(","))
