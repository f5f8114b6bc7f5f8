"""Writes Alertmanager's configuration from hatang's settings.

Two ways lead to people. Incidents (`correlated="true"`) go at once, one group each. Raw alerts go
in groups and slowly, and only while hatang's heartbeat does not inhibit them. What is about hatang
itself (`class="hatang"`) is never inhibited, since nobody else would tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import yaml
from pydantic import SecretStr

from alerts import hours
from alerts.forwarder import HEARTBEAT
from alerts.ledger import ESCALATION, ROUTE
from alerts.receivers import registry
from alerts.receivers.kind import Place
from alerts.receivers.mail import subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hatang.settings import Receiver, Settings

SEVERITIES: Final = ("critical", "warning", "info")
PEOPLE: Final = "people"
"""The receiver of everything that no route leads elsewhere."""
TEST: Final = "receiver_test"
"""The label by which a test notification goes to one receiver."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Waits of Alertmanager, as Prometheus durations.

    `repeat_interval` must stay below Alertmanager's data retention (120h): with the notification
    log gone, every re-send would page anew.
    """

    incident_wait: str = "1s"
    incident_interval: str = "10s"
    raw_wait: str = "2m"
    raw_interval: str = "1m"
    repeat_interval: str = "12h"


def token_file(settings: Settings) -> Path:
    """Return where the secret stands that our notifier wants of Alertmanager."""
    return settings.data_dir / "run" / "notifier-token"


def render_alertmanager(
    settings: Settings, timings: Timings | None = None, *, redacted: bool = False
) -> str:
    """Return alertmanager.yml; unless `redacted` it may hold secrets, so keep it to us alone.

    Raises:
        InvalidInputError: a receiver is wrong; every problem of it is named.
    """
    writer = _Writer(settings, timings or Timings())
    text: str = yaml.dump(
        writer.document(),
        Dumper=_Redacting if redacted else _Plain,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )
    return "# Written by hatang from its settings; changes here are lost.\n" + text


class _Writer:
    def __init__(self, settings: Settings, times: Timings) -> None:
        self._settings = settings
        self._own = settings.alertmanager
        self._times = times
        self._receivers = {each.name: self._configurations(each) for each in self._own.receivers}

    def document(self) -> dict[str, Any]:
        """Return the whole configuration."""
        return {
            "global": {"resolve_timeout": "15m"} | _mail_globals(self._settings),
            "route": {
                "receiver": PEOPLE,
                "group_by": ["alertname"],
                "group_wait": self._times.raw_wait,
                "group_interval": self._times.raw_interval,
                "repeat_interval": self._times.repeat_interval,
                "routes": [*self._routes(), *self._muted()],
            },
            "inhibit_rules": [
                {
                    "source_matchers": [f'alertname="{HEARTBEAT}"'],
                    "target_matchers": ['correlated=""', 'class!="hatang"', f'{TEST}=""'],
                }
            ],
            "receivers": self._named_receivers(),
        } | self._intervals()

    def _routes(self) -> list[dict[str, Any]]:
        incident, one = 'correlated="true"', ["incident"]
        return [
            *(
                self._route(f"test-{name}", [f'{TEST}="{name}"'], [TEST, "at"], is_muted=False)
                for name in self._receivers
            ),
            {"receiver": "nobody", "matchers": ['severity="none"']},
            *(
                self._route(
                    f"escalation-{level}" if each.receivers else PEOPLE,
                    [incident, f'{ESCALATION}="{level}"'],
                    one,
                )
                for level, each in enumerate(self._settings.alerts.escalations, 1)
            ),
            *(
                self._route(
                    f"route-{each.name}", [incident, f'{ROUTE}="{each.name}"'], ["incident"]
                )
                for each in self._own.routes
            ),
            # What is only worth knowing stands on the board: it pages whom a route names for it.
            {"receiver": "nobody", "matchers": ['severity="info"']},
            self._route(PEOPLE, [incident], one),
            self._route(PEOPLE, ['class="hatang"'], ["alertname"]),
        ]

    def _route(
        self, receiver: str, matchers: list[str], group_by: list[str], *, is_muted: bool = True
    ) -> dict[str, Any]:
        below = self._muted() if is_muted else []
        return {
            "receiver": receiver,
            "matchers": matchers,
            "group_by": group_by,
            "group_wait": self._times.incident_wait,
            "group_interval": self._times.incident_interval,
        } | ({"routes": below} if below else {})

    def _muted(self) -> list[dict[str, Any]]:
        """Return the routes that mute a severity in the quiet hours it has."""
        found = []
        for severity in SEVERITIES:
            names = [
                f"quiet-{number}"
                for number, each in enumerate(self._own.quiet_hours, 1)
                if severity in each.severities
            ]
            if names:
                found.append({"matchers": [f'severity="{severity}"'], "mute_time_intervals": names})
        return found

    def _intervals(self) -> dict[str, Any]:
        zone = self._settings.timezone
        found = [
            {"name": f"quiet-{number}", "time_intervals": hours.intervals([each], zone)}
            for number, each in enumerate(self._own.quiet_hours, 1)
        ]
        return {"time_intervals": found} if found else {}

    def _named_receivers(self) -> list[dict[str, Any]]:
        own = self._settings.alertmanager
        levels = enumerate(self._settings.alerts.escalations, 1)
        return [
            {"name": "nobody"},
            self._joined(PEOPLE, own.default_receivers, _people(self._settings)),
            *(self._joined(f"route-{each.name}", each.receivers) for each in own.routes),
            *(
                self._joined(f"escalation-{level}", each.receivers)
                for level, each in levels
                if each.receivers
            ),
            *(self._joined(f"test-{name}", [name]) for name in self._receivers),
        ]

    def _joined(
        self, name: str, wanted: Iterable[str], more: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        found: dict[str, Any] = {"name": name, **(more or {})}
        for each in wanted:
            for key, configurations in self._receivers.get(each, {}).items():
                found[key] = [*found.get(key, []), *configurations]
        return found

    def _configurations(self, receiver: Receiver) -> dict[str, Any]:
        kind, options = registry.read(receiver)
        place = Place(
            receiver.name,
            self._settings.language,
            f"http://{self._own.notifier.reachable}",
            str(token_file(self._settings)),
        )
        return dict(kind.configurations(options, place))


def _mail_globals(settings: Settings) -> dict[str, Any]:
    mail = settings.alertmanager.mail
    if not mail.smarthost:
        return {}
    found: dict[str, Any] = {
        "smtp_smarthost": mail.smarthost,
        "smtp_from": mail.sender,
        "smtp_require_tls": mail.require_tls,
    }
    if mail.username:
        found["smtp_auth_username"] = mail.username
        found["smtp_auth_password"] = mail.password
    return found


def _people(settings: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if webhooks := settings.alertmanager.webhooks:
        found["webhook_configs"] = [
            {"url": SecretStr(each.url), "send_resolved": True, "max_alerts": 100}
            for each in webhooks
        ]
    mail = settings.alertmanager.mail
    if mail.smarthost and mail.to:
        headers = {"Subject": subject(settings.language)}
        found["email_configs"] = [
            {"to": to, "send_resolved": True, "headers": headers} for to in mail.to
        ]
    return found


class _Plain(yaml.SafeDumper):
    """Repeats values instead of pointing at them, and writes secrets out."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401 RUF100, ARG002 RUF100 - PyYAML's signature
        return True


class _Redacting(_Plain):
    """Writes `<secret>` for what is one, as Alertmanager does; of an address the host stays."""


def _revealed(dumper: yaml.SafeDumper, value: SecretStr) -> yaml.Node:
    return dumper.represent_str(value.get_secret_value())


def _hidden(dumper: yaml.SafeDumper, value: SecretStr) -> yaml.Node:
    parts = urlsplit(value.get_secret_value())
    is_address = parts.scheme in ("http", "https") and parts.hostname
    port = f":{parts.port}" if is_address and parts.port else ""
    address = f"{parts.scheme}://{parts.hostname}{port}/<secret>"
    return dumper.represent_str(address if is_address else "<secret>")


_Plain.add_representer(SecretStr, _revealed)
_Redacting.add_representer(SecretStr, _hidden)
