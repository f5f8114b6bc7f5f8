"""What is wrong with a value and what to do, in a clerk's words where pydantic has a program's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Words = tuple[str, str]

_CODE: Final[Words] = (
    "is no code",
    "Use letters without marks, digits and . _ / - only, a letter or digit first.",
)
_NAME: Final[Words] = (
    "is no name a machine can have",
    "Use letters without marks, digits and . _ - only, a letter or digit first.",
)
_SMALL: Final[Words] = ("is no such word", "Use small letters without marks, digits, _ and - only.")

PATTERNS: Final[dict[str, Words]] = {
    r"^[A-Za-z0-9][A-Za-z0-9._/-]*$": _CODE,
    r"^[A-Za-z0-9._/-]*$": (
        "is no customer number",
        "Use letters without marks, digits and . _ / - only.",
    ),
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$": _NAME,
    r"^[A-Za-z0-9][A-Za-z0-9.:_-]*$": _NAME,
    r"^[a-z0-9][a-z0-9_-]*$": _SMALL,
    r"^[-a-z0-9_]+$": _SMALL,
    r"^[a-z0-9][a-z0-9._-]*$": _SMALL,
    r"^https?://[^\s]+$": (
        "is no web address",
        "Write it whole, like https://portal.tinh.gov.vn/.",
    ),
    r"^(https?|snmp)://[^\s]+$": (
        "is no address that can be asked",
        "Write it whole, like https://mcu.tinh.gov.vn/ or snmp://10.1.2.3.",
    ),
    r"^(stamp://[^\s/]+|sla://[^\s/]+/[^\s?]+(\?family=[a-z-]+)?)$": (
        "is no reflector of STAMP, and no router's test",
        "Write it whole, like stamp://10.1.2.3:862 or sla://rtr-01/10.",
    ),
    r"^sips?:[^\s]+$": ("is no SIP address", "Write it whole, like sip:room@tinh.gov.vn."),
    r"^[^@\s]+@[^@\s]+$": ("is no mail address", "Write it whole, like an@tinh.gov.vn."),
    r"^[^:\s]+:.+$": ("names no port of a device", "Write device:port, like core-1:eth0."),
    r"^[0-9A-Za-z:.-]+$": ("is no serial number", "Copy it from the certificate, without spaces."),
}
"""The patterns of `inventory/kinds`, in words."""


def complaint(detail: ErrorDetails) -> Words:
    """Return what is wrong with a value, and the fix; in pydantic's words where we have none."""
    given = detail.get("ctx", {})
    if detail["type"] == "string_pattern_mismatch" and given.get("pattern") in PATTERNS:
        return PATTERNS[given["pattern"]]
    if detail["type"] == "less_than_equal":
        return "is too much", f"Write {given['le']} at most."
    if detail["type"] == "greater_than_equal":
        return "is too little", f"Write {given['ge']} at least."
    if detail["type"] == "string_too_long":
        return "is too long", f"Write {given['max_length']} characters at most."
    return detail["msg"].removeprefix("Value error, "), "Correct the value."
