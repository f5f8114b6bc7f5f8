"""Any HTTP gateway (SMS of a carrier, Zalo's notification service), through our notifier.

Alertmanager posts only JSON of its own form; the notifier turns it into what the gateway takes.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Field, SecretStr, field_validator

from alerts.receivers.kind import Options

if TYPE_CHECKING:
    from alerts.receivers.kind import Configurations, Place

Receiver = Annotated[str, Field(min_length=1, max_length=64)]
PLACEHOLDERS: Final = frozenset({"to", "text"})


class GatewayOptions(Options):
    """Where the gateway is and how it is told: each of `to` is one request.

    `fields` go as a query (GET), a form or JSON; in their values `{to}` and `{text}` are filled
    in. A gateway that says 200 to everything is believed only if `answer_contains` is in it.
    """

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]
    to: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(min_length=1)
    ]
    method: Literal["GET", "POST"] = "POST"
    form: Literal["json", "form"] = "json"
    fields: dict[str, str] = Field(default={"to": "{to}", "text": "{text}"})
    headers: dict[str, SecretStr] = Field(default={})
    answer_contains: str = ""
    longest: Annotated[int, Field(ge=70, le=4_000)] = 1_000
    ascii_only: bool = False

    @field_validator("fields")
    @classmethod
    def _only_known_placeholders(cls, given: dict[str, str]) -> dict[str, str]:
        used: set[str] = set()
        for value in given.values():
            used |= {name for _, name, _, _ in string.Formatter().parse(value) if name is not None}
        if used - PLACEHOLDERS or "text" not in used:
            raise ValueError("fields must hold {text} and no placeholder but {to} and {text}")
        return given


class Gateway:
    """Sends one request for each number or identifier."""

    options = GatewayOptions
    needs_notifier = True

    def configurations(self, options: GatewayOptions, place: Place) -> Configurations:
        """Return the way to the notifier, which reads the options itself."""
        return through_notifier(place)


def through_notifier(place: Place) -> Configurations:
    """Return what makes Alertmanager hand a notification to our notifier."""
    token = {"type": "Bearer", "credentials_file": place.notifier_token_file}
    return {
        "webhook_configs": [
            {
                "url": f"{place.notifier_url}/{place.name}",
                "send_resolved": True,
                "max_alerts": 100,
                "http_config": {"authorization": token},
            }
        ]
    }
