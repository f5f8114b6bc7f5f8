"""Vietnamese in the code pages of the 1990s: TCVN3 (ABC) and VNI, seen as Latin-1 letters.

Such a text is all letters of Latin-1 that only a font made Vietnamese. What it was is told by
spelling: a reading is right when it gives Vietnamese syllables where the text itself does not.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

# TCVN 5712:1993, VN3: the byte of each letter. Toned capitals have none (fonts ending in H).
_TCVN3_BYTES: Final = (
    (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
    (0xB5, "àảãáạ"),
    (0xBB, "ằẳẵắ"),
    (0xC6, "ặầẩẫấậè"),
    (0xCE, "ẻẽéẹềểễếệìỉ"),
    (0xDC, "ĩíịò"),
    (0xE1, "ỏõóọồổỗốộờởỡớợù"),
    (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
)
_FROM_TCVN3: Final = {
    first + step: letter for first, letters in _TCVN3_BYTES for step, letter in enumerate(letters)
}
_TO_TCVN3: Final = {ord(letter): chr(byte) for byte, letter in _FROM_TCVN3.items()}

# VNI Windows: a letter, then one that stands for its marks; some letters stand alone.
_VNI_MARKS: Final = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "ê": "\u0306",
    "à": "\u0302\u0300", "á": "\u0302\u0301", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323",
    "è": "\u0306\u0300", "é": "\u0306\u0301", "ú": "\u0306\u0309", "ü": "\u0306\u0303",
    "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_ALONE: Final = {"æ": "ỉ", "ó": "ĩ", "ò": "ị", "ñ": "đ", "ô": "ơ", "ö": "ư", "î": "ỵ"}
_VNI_SAME: Final = "íì"
_TONES: Final = "\u0300\u0301\u0309\u0303\u0323"
_MARKED: Final = {
    "a": "øùûõïâàáåãäêèéúüë", "e": "øùûõïâàáåãä", "o": "øùûõïâàáåãä", "u": "øùûõï",
    "y": "øùûõ", "ô": "øùûõï", "ö": "øùûõï",
}  # fmt: skip


def _vni_pairs() -> dict[str, str]:
    pairs = dict(_VNI_ALONE) | {letter: letter for letter in _VNI_SAME}
    for base, marks in _MARKED.items():
        plain = _VNI_ALONE.get(base, base)
        for mark in marks:
            pairs[base + mark] = unicodedata.normalize("NFC", plain + _VNI_MARKS[mark])
    upper = {coded.upper(): letter.upper() for coded, letter in pairs.items()}
    mixed = {
        coded[0].upper() + coded[1]: letter.upper()
        for coded, letter in pairs.items()
        if len(coded) == 2
    }
    return mixed | upper | pairs


_FROM_VNI: Final = _vni_pairs()
_TO_VNI: Final = {
    letter: coded for coded, letter in _FROM_VNI.items() if coded in {coded.lower(), coded.upper()}
}
_VNI_UNIT: Final = re.compile("|".join(sorted(map(re.escape, _FROM_VNI), key=len, reverse=True)))

# How Vietnamese is spelled: an onset, a rhyme, a tone. Names of the highlands add k at the end.
_ONSETS: Final = (
    "ngh",
    "ng",
    "nh",
    "gh",
    "gi",
    "kh",
    "ch",
    "ph",
    "th",
    "tr",
    "qu",
    *"bcdđghklmnprstvx",
)
_SPELLED: Final = """
    a ac ach ai ak am an ang anh ao ap at au ay ă ăc ăk ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êk êm ên êng ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu
    im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt
    oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôk ôm ôn ông ôp ôt ơ ơi ơk ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uênh ui uk um un ung uơ up ut uy uya uych uyên uyêt uynh uyt
    uyu uôc uôi uôm uôn uông uôt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yêm yên yêng yêt yêu ynh yt
"""
_RHYMES: Final = frozenset(_SPELLED.split())
_OFF_VOWEL: Final = re.compile(f"[^\\WaeiouyAEIOUY][{_TONES}]")
_STOPS: Final = ("c", "ch", "p", "t", "k")
# Signs of Latin-1 inside a word are letters that lost their font.
_WORD: Final = re.compile(r"(?:[^\W\d_]|[\xa1-\xbf×÷])+")
_SIGN: Final = re.compile(r"[¡-©«-®¶-¹»-¾×÷]")
_UNITS: Final = frozenset(("µm", "µs", "µg", "µa", "µl", "m²", "m³", "km²"))
_CASED: Final = re.compile(r"[A-Z]")
ENOUGH: Final = 0.8  # of a column's marked words must be spelled right in the other reading


class Encoding(StrEnum):
    """How Vietnamese letters were written."""

    UNICODE = "Unicode"
    TCVN3 = "TCVN3"
    VNI = "VNI"


class Spelling(NamedTuple):
    """How many words with marks a text has, and how many of them are Vietnamese."""

    marked: int
    right: int


def decode(text: str, encoding: Encoding) -> str:
    """Return what `text`, written in `encoding`, says."""
    if encoding is Encoding.TCVN3:
        return _recased(text, text.translate(_FROM_TCVN3))
    if encoding is Encoding.VNI:
        return _VNI_UNIT.sub(lambda found: _FROM_VNI[found[0]], text)
    return text


def encode(text: str, encoding: Encoding) -> str:
    """Return `text` as `encoding` writes it; letters the encoding lacks stay."""
    text = unicodedata.normalize("NFC", text)
    if encoding is Encoding.TCVN3:
        return text.translate(_TO_TCVN3)
    if encoding is Encoding.VNI:
        return "".join(_TO_VNI.get(letter, letter) for letter in text)
    return text


def spelling(text: str) -> Spelling:
    """Return how much of `text` is spelled as Vietnamese is; words of ASCII tell nothing."""
    words = [word for word in _words(text) if not word.isascii() and word.lower() not in _UNITS]
    return Spelling(len(words), sum(is_syllable(word.lower()) for word in words))


def encoding_of(texts: Iterable[str]) -> Encoding:
    """Return how a column of `texts` was written, Unicode unless another reading is plainly right.

    Weighed on at most the first thousand different texts.
    """
    sample = list(dict.fromkeys(one for one in texts if not one.isascii()))[:1000]
    suspects = [one for one in sample if _is_suspect(one)]
    best, most = Encoding.UNICODE, 0
    for encoding in (Encoding.TCVN3, Encoding.VNI):
        judged = [spelling(decode(one, encoding)) for one in suspects]
        marked, right = sum(one.marked for one in judged), sum(one.right for one in judged)
        if marked and right / marked >= ENOUGH and right > most:
            best, most = encoding, right
    return best


def repair(text: str, encoding: Encoding) -> str:
    """Return what a cell of a column written in `encoding` says; a cell in Unicode stays.

    One column may hold both: whoever added the last rows had another computer.
    """
    if encoding is Encoding.UNICODE or not _is_suspect(text):
        return text
    decoded = decode(text, encoding)
    is_better = spelling(decoded).right > spelling(text).right
    return decoded if is_better or _SIGN.search(text) else text


def _is_suspect(text: str) -> bool:
    """Whether `text` is of Latin-1 letters only, and no Vietnamese as it stands."""
    text = unicodedata.normalize("NFC", text)
    if any(ord(letter) > 0xFF for letter in text if letter.isalpha()):
        return False
    if text.isascii():
        return False
    own = spelling(text)
    return own.right < own.marked


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text))


def _recased(coded: str, text: str) -> str:
    # TCVN3 has no toned capitals: in a line all of capitals the others were meant as such.
    capitals = len(_CASED.findall(coded))
    has_small = any("a" <= letter <= "z" for letter in coded)
    return text.upper() if capitals >= 2 and not has_small else text


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Return whether a word in small letters is spelled as a Vietnamese syllable."""
    decomposed = unicodedata.normalize("NFD", word)
    tones = [mark for mark in decomposed if mark in _TONES]
    if len(tones) > 1 or _OFF_VOWEL.search(decomposed):
        return False
    bare = unicodedata.normalize("NFC", "".join(m for m in decomposed if m not in _TONES))
    tone = tones[0] if tones else ""
    return any(_is_rhyme(rest, tone) for rest in _rests(bare))


def _rests(bare: str) -> list[str]:
    rests = [bare.removeprefix(onset) for onset in _ONSETS if bare.startswith(onset)]
    if bare.startswith(("gi", "qu")):
        rests.append(bare[1:])
    return [bare, *rests]


def _is_rhyme(rest: str, tone: str) -> bool:
    stopped = rest.endswith(_STOPS)
    return rest in _RHYMES and (not stopped or tone in {"\u0301", "\u0323", ""})
