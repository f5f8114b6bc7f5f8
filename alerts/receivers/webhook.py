"""A webhook: Alertmanager's own JSON, posted to an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, SecretStr

from alerts.receivers.kind import Options

if TYPE_CHECKING:
    from alerts.receivers.kind import Configurations, Place


class WebhookOptions(Options):
    """Where, with which token, and how many alerts at a time."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/\S*)?$")]
    token: SecretStr = SecretStr("")
    max_alerts: Annotated[int, Field(ge=0, le=10_000)] = 100


class Webhook:
    """Posts each notification."""

    options = WebhookOptions
    needs_notifier = False

    def configurations(self, options: WebhookOptions, place: Place) -> Configurations:
        """Return the one configuration."""
        found: dict[str, Any] = {
            "url": SecretStr(options.url),
            "send_resolved": True,
            "max_alerts": options.max_alerts,
        }
        if options.token.get_secret_value():
            found["http_config"] = {"authorization": {"credentials": options.token}}
        return {"webhook_configs": [found]}
