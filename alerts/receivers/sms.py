"""An SMS modem behind its own small HTTP server on this machine, through our notifier.

The defaults are Kannel's: one GET with `to` and `text` (its user guide, "Using HTTP").
Diacritics are taken off: with them a message has 70 characters instead of 160 (3GPP TS 23.038).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from alerts.receivers.gateway import GatewayOptions, through_notifier

if TYPE_CHECKING:
    from alerts.receivers.kind import Configurations, Place

LOCAL: Final = ("127.0.0.1", "localhost", "::1")
Number = Annotated[str, Field(pattern=r"^\+?[0-9]{3,15}$")]


class SmsOptions(GatewayOptions):
    """Numbers to send to, and where the modem's server listens on this machine."""

    to: Annotated[tuple[Number, ...], Field(min_length=1)]
    method: Literal["GET", "POST"] = "GET"
    form: Literal["json", "form"] = "form"
    longest: Annotated[int, Field(ge=70, le=1_530)] = 320
    ascii_only: bool = True

    @field_validator("url")
    @classmethod
    def _is_here(cls, given: str) -> str:
        if urlsplit(given).hostname not in LOCAL:
            raise ValueError("is not on this machine; take the kind gateway for others")
        return given


class Sms:
    """Sends one short message to each number."""

    options = SmsOptions
    needs_notifier = True

    def configurations(self, options: SmsOptions, place: Place) -> Configurations:
        """Return the way to the notifier, which reads the options itself."""
        return through_notifier(place)
