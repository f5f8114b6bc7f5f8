"""Whatever else Alertmanager can do: one of its integrations, in its own words.

https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import SecretStr

from alerts.receivers.kind import Options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.receivers.kind import Configurations, Place

_SECRET: Final = ("password", "token", "secret", "credentials", "key", "url")
"""What stands in the name of a key whose value is shown to nobody."""


class VerbatimOptions(Options):
    """An integration of Alertmanager's by its key, and what stands below it there."""

    integration: Literal[
        "discord_configs",
        "email_configs",
        "msteams_configs",
        "opsgenie_configs",
        "pagerduty_configs",
        "pushover_configs",
        "slack_configs",
        "sns_configs",
        "telegram_configs",
        "victorops_configs",
        "webex_configs",
        "webhook_configs",
        "wechat_configs",
    ]
    config: dict[str, Any]


class Verbatim:
    """Passes the configuration through; Alertmanager's own check judges it."""

    options = VerbatimOptions
    needs_notifier = False

    def configurations(self, options: VerbatimOptions, place: Place) -> Configurations:
        """Return it as given; recoveries are sent unless it says otherwise."""
        return {options.integration: [{"send_resolved": True, **_hidden(options.config)}]}


def _hidden(values: Mapping[str, Any]) -> dict[str, Any]:
    """Mark what must not be shown; a file's name may be."""
    return {name: _value(name, value) for name, value in values.items()}


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 RUF100 - whatever TOML can hold
    if isinstance(value, dict):
        return _hidden(value)
    if isinstance(value, list):
        return [_value(name, each) for each in value]
    is_secret = any(word in name for word in _SECRET) and not name.endswith("_file")
    return SecretStr(value) if is_secret and isinstance(value, str) else value
