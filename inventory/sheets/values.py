"""From a cell to a field's value: what offices and their programs did to it is undone in sight."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hatang.formulas import is_formula
from inventory.sheets.forms import Form, Shape
from inventory.sheets.words import vocabulary
from inventory.text import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.sheets.book import Value
    from inventory.sheets.words import FieldWords

_BREAKS: Final = re.compile(r"\s*[\r\n\t\v\f\u2028\u2029]+\s*")
_INVISIBLE: Final = dict.fromkeys((0xA0, 0x2007, 0x202F), " ") | dict.fromkeys(
    (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD)
)
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._/-]+")
_QUANTITY: Final = re.compile(r"([0-9][0-9.,]*)\s*([a-z/]*)")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")
_PLAIN: Final = re.compile(r"-?[0-9]+")
_DECIMAL: Final = re.compile(r"-?[0-9]+[.,][0-9]+")
_DEGREES: Final = re.compile(
    r"([0-9]{1,3})\s*[°º]\s*([0-9]{1,2})\s*['’′]\s*(?:([0-9]{1,2}(?:[.,][0-9]+)?)\s*[\"”″]?\s*)?([NSEWBĐNT]?)"
)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00)?)?")
_PARTS: Final = re.compile(r"[;\n]+")
_PHONE: Final = re.compile(r"[0-9][0-9 .-]*")
_YES, _NO = {"co", "x", "yes", "true", "1", "dung"}, {"khong", "no", "false", "0", "sai", ""}
_DIGITS_KEPT: Final = 15
_HUGE: Final = 1e15  # no quantity of an inventory, and no number either
_SERIALS: Final = range(10_000, 80_000)  # days: 1927 to 2119
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


class WrongCellError(ValueError):
    """A cell is no value of its field; `fix` says what to write."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class Taken(NamedTuple):
    """A cell's value, and why it is not what stood there; empty when it is."""

    value: Any
    why: str = ""


class Taking(NamedTuple):
    """What is known of the column a cell stands in."""

    form: Form
    words: FieldWords
    unit: str = ""
    is_reference: bool = False
    is_1904: bool = False
    is_csv: bool = False


def take(cell: Value, of: Taking) -> Taken:
    """Return the value of `cell`, its Vietnamese repaired already.

    Raises:
        WrongCellError: it is none, or could be read in two ways.
    """
    return _TAKERS[of.form.shape](cell, of)


def shown(cell: Value) -> str:
    """Return a cell as its reader sees it."""
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def unquoted(text: str) -> str:
    """Return `text` without the apostrophe our exports put before a formula."""
    bare = text.lstrip("'")
    return text[1:] if text.startswith("'") and is_formula(bare) else text


def code_of(text: str) -> str:
    """Return a code like `text`: no marks, a hyphen for what a code cannot hold."""
    bare = _UNFIT.sub("-", _unmarked(text))
    return re.sub(r"-{2,}", "-", bare).strip("-._/")[:64]


def _unmarked(text: str) -> str:
    small = fold(text)
    if len(small) != len(text):
        return small
    return "".join(a.upper() if b.isupper() else a for a, b in zip(small, text, strict=True))


def _text(cell: Value, of: Taking) -> Taken:
    if isinstance(cell, bool):
        raise WrongCellError("is a logical value", "Write a text.")
    if isinstance(cell, date):
        message = "is a date: the program may have made it one"
        raise WrongCellError(message, "Format the cell as text and type it anew.")
    if isinstance(cell, int | float):
        return _from_number(cell, of)
    text = _BREAKS.sub(" ", unquoted(cell.replace("\r\n", "\n"))).strip()
    why = "" if text == cell.strip() else "line break or apostrophe removed"
    return _spelt(text, why, of)


def _spelt(text: str, why: str, of: Taking) -> Taken:
    if of.form.is_address:
        return _address(text)
    if of.form.is_phone:
        return _phone(text, why)
    if of.words.words or of.form.choices:
        return _choice(text, of)
    if of.is_reference:
        return Taken(normalise(text.translate(_INVISIBLE)), why)
    return _code(text, why) if of.form.is_code else Taken(normalise(text), why)


def _code(text: str, why: str) -> Taken:
    clean = normalise(text.translate(_INVISIBLE))
    if _CODE.fullmatch(clean):
        return Taken(clean, why or ("invisible letters removed" if clean != text else ""))
    code = code_of(clean)
    if not code:
        raise WrongCellError("is no code", "Use letters, digits and . _ / -.")
    return Taken(code, "made a code: letters, digits and . _ / - only")


def _choice(text: str, of: Taking) -> Taken:
    clean = text.translate(_INVISIBLE).strip()
    if clean in of.form.choices:
        return Taken(clean)
    found = of.words.choice(clean)
    if found is not None:
        return Taken(found)
    if not of.form.choices:
        return Taken(normalise(clean))
    words = (f"{one} ({of.words.shown(one, 'vi')})" for one in of.form.choices)
    raise WrongCellError("is not one of the known words", f"Use one of: {', '.join(words)}.")


def _from_number(cell: float, of: Taking) -> Taken:
    if isinstance(cell, int) and of.form.is_address:
        return _grouped_address(cell)
    if not isinstance(cell, int):
        if of.form.is_address:
            raise WrongCellError("is a number, no address", "Format the cell as text and type it.")
        return Taken(repr(cell), "a number taken as text")
    digits = str(cell)
    if len(digits.lstrip("-")) > _DIGITS_KEPT:
        message = f"is a number of more than {_DIGITS_KEPT} digits: the program lost the last ones"
        raise WrongCellError(message, "Format the cell as text and type it anew.")
    if of.form.is_phone:
        return _phone(digits, "")
    if of.words.words or of.form.choices:
        return _choice(digits, of)
    return Taken(digits, "a number taken as text")


def _phone(text: str, why: str) -> Taken:
    clean = normalise(text.translate(_INVISIBLE))
    why = why or ("" if clean == text else "invisible letters removed")
    digits = re.sub(r"\D", "", clean)
    # Mobiles are 0 and nine digits, other lines 02 and nine (Vietnam's numbering plan since 2018).
    lost = (len(digits) == 9 and digits[0] in "35789") or (len(digits) == 10 and digits[0] == "2")
    if lost and _PHONE.fullmatch(clean):
        return Taken(f"0{clean}", "the lost leading 0 restored")
    return Taken(clean, why)


def _address(text: str) -> Taken:
    clean = re.sub(r"\s+", "", text.translate(_INVISIBLE)).replace(",", ".").replace("。", ".")
    bare, slash, _ = clean.partition("/")
    parts = bare.split(".")
    if len(parts) == 4 and all(part.isascii() and part.isdigit() for part in parts):
        bare = ".".join(str(int(part)) for part in parts)
    elif bare.isascii() and bare.isdigit() and len(bare) >= 10:
        return _grouped_address(int(bare))
    if bare == text:
        return Taken(text)
    try:
        IPv4Address(bare)
    except AddressValueError:
        return Taken(text)  # the row's own check says what is wrong
    return Taken(bare, "the mask left out" if slash else "written as an address")


def _grouped_address(number: int) -> Taken:
    """Undo what Excel makes of 192.168.100.200 where the dot parts thousands."""
    digits = str(number)
    parts = [str(int(part)) for part in f"{number:,}".split(",")]
    if not 10 <= len(digits) <= 12 or len(parts) != 4 or any(int(part) > 255 for part in parts):
        raise WrongCellError("is a number, no address", "Format the cell as text and type it.")
    return Taken(".".join(parts), "the program had made the address a number")


def _integer(cell: Value, of: Taking) -> Taken:
    units = vocabulary().unit(of.form.path)
    if units is not None:
        return _quantity(cell, of, units)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return Taken(cell)
    if isinstance(cell, str):
        clean = cell.translate(_INVISIBLE).strip()
        if _PLAIN.fullmatch(clean) and len(clean) <= 18:
            return Taken(int(clean), "" if of.is_csv else "a text taken as number")
        if _GROUPED.fullmatch(clean):
            return Taken(int(re.sub(r"[.,]", "", clean)), "thousands parted")
    raise WrongCellError("is no whole number", "Write digits only.")


def _quantity(cell: Value, of: Taking, units: Any) -> Taken:  # noqa: ANN401 RUF100 - words to factors
    unit = of.unit if of.unit in units else ""
    number: float
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        number = cell
    else:
        number, unit = _spoken(cell, unit, units)
    if not unit:
        known = ", ".join(one for one in units if len(one) > 3)
        fix = f"Name it in the header or the cell, one of: {known}."
        raise WrongCellError("has no unit", fix)
    value = round(number * units[unit], 6)
    if not math.isfinite(value) or value != int(value):
        base = of.form.path.rpartition("_")[2]
        raise WrongCellError(f"is no whole number of {base}", "Round it.")
    return Taken(int(value), "" if isinstance(cell, int | float) else f"{unit} × {units[unit]}")


def _spoken(cell: Value, unit: str, units: Any) -> tuple[float, str]:  # noqa: ANN401 RUF100 - as above
    clean = fold(cell.translate(_INVISIBLE)).strip() if isinstance(cell, str) else ""
    found = _QUANTITY.fullmatch(clean)
    if found is None or (found[2] and found[2] not in units):
        raise WrongCellError("is no quantity", "Write one number with its unit, like 100 Mbps.")
    digits = found[1]
    if _GROUPED.fullmatch(digits):
        raise WrongCellError("can be read in two ways", "Write it without a sign for thousands.")
    if digits.count(".") + digits.count(",") > 1:
        raise WrongCellError("is no number", "Write one number with its unit, like 100 Mbps.")
    return float(digits.replace(",", ".")), found[2] or unit


def _number(cell: Value, of: Taking) -> Taken:
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < _HUGE:
        return Taken(float(cell))
    clean = cell.translate(_INVISIBLE).strip() if isinstance(cell, str) else ""
    if _PLAIN.fullmatch(clean) or _DECIMAL.fullmatch(clean):
        plain = of.is_csv and "," not in clean
        return Taken(float(clean.replace(",", ".")), "" if plain else "a text taken as number")
    found = _DEGREES.fullmatch(clean)
    if found:
        seconds = float((found[3] or "0").replace(",", "."))
        value = int(found[1]) + int(found[2]) / 60 + seconds / 3600
        sign = -1 if found[4] in {"S", "W"} else 1
        return Taken(round(sign * value, 6), "degrees and minutes as a decimal")
    raise WrongCellError("is no number", "Write it as a decimal, like 16.4637.")


def _date(cell: Value, of: Taking) -> Taken:
    if isinstance(cell, datetime):
        return Taken(cell.date(), "" if cell.time().isoformat() == "00:00:00" else "time left out")
    if isinstance(cell, date):
        return Taken(cell)
    if isinstance(cell, int) and not isinstance(cell, bool) and cell in _SERIALS:
        epoch = _EPOCH_1904 if of.is_1904 else _EPOCH
        return Taken(epoch + timedelta(days=cell), "a day's serial number taken as date")
    clean = cell.translate(_INVISIBLE).strip() if isinstance(cell, str) else ""
    day_first, year_first = _DAY_FIRST.fullmatch(clean), _YEAR_FIRST.fullmatch(clean)
    try:
        if day_first:
            day, month, year = map(int, day_first.groups())
            return Taken(date(year, month, day), "day/month/year taken as date")
        if year_first:
            return Taken(date(*map(int, year_first.groups())))
    except ValueError:
        pass
    raise WrongCellError("is no date", "Write it as dd/mm/yyyy.")


def _list(cell: Value, of: Taking) -> Taken:
    if not isinstance(cell, str):
        single = _from_number(cell, of) if isinstance(cell, int | float) else Taken(shown(cell))
        return Taken([single.value], single.why)
    text = unquoted(cell)
    pieces = _PARTS.split(text)
    if len(pieces) == 1:
        pieces = text.split(",")
    found = [normalise(one.translate(_INVISIBLE)) for one in pieces]
    return Taken([one for one in found if one])


def _logical(cell: Value, _of: Taking) -> Taken:
    if isinstance(cell, bool):
        return Taken(cell)
    word = fold(shown(cell)).strip()
    if word not in _YES | _NO:
        raise WrongCellError("is neither yes nor no", "Write yes or no (có, không).")
    return Taken(word in _YES)


_TAKERS: Final[dict[Shape, Callable[[Value, Taking], Taken]]] = {
    Shape.TEXT: _text,
    Shape.INTEGER: _integer,
    Shape.NUMBER: _number,
    Shape.DATE: _date,
    Shape.LIST: _list,
    Shape.LOGICAL: _logical,
}
