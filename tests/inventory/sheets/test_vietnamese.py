"""Vietnamese of old code pages is recognised by its spelling, and only then repaired."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.sheets.vietnamese import (
    Encoding,
    decode,
    encode,
    encoding_of,
    is_syllable,
    repair,
)

# Each pair as it stands in the tables of the two fonts' makers.
TCVN3 = {
    "Céng hßa x· héi chñ nghÜa ViÖt Nam": "Cộng hòa xã hội chủ nghĩa Việt Nam",
    "§éc lËp - Tù do - H¹nh phóc": "Độc lập - Tự do - Hạnh phúc",
    "Së Th«ng tin vµ TruyÒn th«ng": "Sở Thông tin và Truyền thông",
    "Ph\xadêng ThuËn Hãa": "Phường Thuận Hóa",
    "§¬n vÞ": "Đơn vị",
    "CéNG HßA X· HéI": "CỘNG HÒA XÃ HỘI",
}
VNI = {
    "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam": "Cộng hòa xã hội chủ nghĩa Việt Nam",
    "Ñoäc laäp - Töï do - Haïnh phuùc": "Độc lập - Tự do - Hạnh phúc",
    "Sôû Thoâng tin vaø Truyeàn thoâng": "Sở Thông tin và Truyền thông",
    "Phöôøng Thuaän Hoùa": "Phường Thuận Hóa",
    "ÑÔN VÒ": "ĐƠN VỊ",
}
SMALL = "".join(
    sorted(
        {
            unicodedata.normalize("NFC", base + mark)
            for base in "aăâeêioôơuưy"
            for mark in ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
        }
        | set("bcdđghklmnpqrstvx 0123456789-/.")
    )
)
UNTOUCHED = ("Hà Nội", "Hà", "Café", "Müller", "São Paulo", "± 5°C", "10 µm", "Ô Môn", "Cisco®",
             "Bộ phận Một cửa", "Xã Hương Trà", "VNPT-001", "Trụ sở")  # fmt: skip


@pytest.mark.parametrize(("coded", "meant"), TCVN3.items())
def test_tcvn3_is_read(coded: str, meant: str) -> None:
    assert decode(coded, Encoding.TCVN3) == meant


@pytest.mark.parametrize(("coded", "meant"), VNI.items())
def test_vni_is_read(coded: str, meant: str) -> None:
    assert decode(coded, Encoding.VNI) == meant


@pytest.mark.parametrize("coded", TCVN3)
def test_a_column_of_tcvn3_is_told(coded: str) -> None:
    assert encoding_of([coded]) is Encoding.TCVN3


@pytest.mark.parametrize("coded", VNI)
def test_a_column_of_vni_is_told(coded: str) -> None:
    assert encoding_of([coded]) is Encoding.VNI


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_no_old_code_page_stays(text: str) -> None:
    assert repair(text, encoding_of([text])) == text


def test_unicode_in_a_tcvn3_column_stays() -> None:
    column = [*TCVN3, "Xã Tân Lập", "Hà"]
    assert [repair(text, encoding_of(column)) for text in column] == [
        *TCVN3.values(),
        "Xã Tân Lập",
        "Hà",
    ]


@pytest.mark.parametrize("word", ["nghiêng", "quyển", "giếng", "gì", "đường", "huế", "lắk", "ơi"])
def test_vietnamese_syllables_are_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["café", "müller", "ñôn", "àà", "tóngg", "bãt"])
def test_other_words_are_no_syllables(word: str) -> None:
    assert not is_syllable(word)


@given(st.text(SMALL))
def test_tcvn3_loses_no_small_letter(text: str) -> None:
    assert decode(encode(text, Encoding.TCVN3), Encoding.TCVN3) == text


@given(st.text(SMALL + SMALL.upper().replace("ß", "")))
def test_vni_loses_no_letter(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert decode(encode(text, Encoding.VNI), Encoding.VNI) == text


@given(st.text(), st.sampled_from(Encoding))
def test_any_text_is_judged(text: str, encoding: Encoding) -> None:
    assert isinstance(repair(text, encoding_of([text])), str)
    assert isinstance(decode(text, encoding), str)
