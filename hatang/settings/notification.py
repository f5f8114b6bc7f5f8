"""Who is told of what, how and when: receivers, routes, quiet hours, escalation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr

from hatang.settings.fields import HttpUrl, Listen, Section


class WebhookReceiver(Section):
    """An address pages are posted to."""

    name: str = Field(min_length=1, max_length=60)
    url: Annotated[HttpUrl, Field(min_length=1)]


class MailSettings(Section):
    """Pages by mail; nothing is sent while `smarthost` or `to` is empty."""

    smarthost: str = ""
    sender: str = Field(default="", alias="from")
    to: tuple[str, ...] = ()
    username: str = ""
    password: SecretStr = SecretStr("")
    require_tls: bool = True


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
Severity = Literal["critical", "warning", "info"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Span = Annotated[
    str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")
]


class Receiver(Section):
    """Whom pages go to and how: what `options` may hold depends on `kind`."""

    name: Name
    kind: str
    options: dict[str, Any] = Field(default={}, repr=False)


class Hours(Section):
    """Hours of local time on some days; `22:00-06:00` goes on into the next morning.

    Without `times` whole days are meant, without `weekdays` every day.
    """

    times: tuple[Span, ...] = ()
    weekdays: tuple[Weekday, ...] = ()


class NotificationRoute(Hours):
    """Who is told of some incidents instead of the default receivers; the first that fits counts.

    It fits incidents of `units` (codes; all below them too) and of `severities` that are first
    told of within its hours; what is left out fits everything, `severities` all but info.
    """

    name: Name
    units: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    receivers: Annotated[tuple[Name, ...], Field(min_length=1)]


class QuietHours(Hours):
    """When nobody is told of incidents of `severities`; those still open are told afterwards."""

    severities: tuple[Severity, ...] = ("warning", "info")


class AlertmanagerSettings(Section):
    """Notification: our own child process, or `url` of one that runs elsewhere.

    With neither (`run = false` and no `url`) incidents are kept and nobody is told of them.
    `members` are the others of its cluster, each told everything too. On `notifier` a process of
    ours takes what goes to gateways, where a receiver needs one.
    """

    run: bool = True
    binary: str = "prometheus-alertmanager"
    listen: Listen = Listen(port=9093)
    url: HttpUrl = ""
    members: tuple[Annotated[HttpUrl, Field(min_length=1)], ...] = ()
    notifier: Listen = Listen(port=9112)
    webhooks: tuple[WebhookReceiver, ...] = ()
    mail: MailSettings = MailSettings()
    receivers: tuple[Receiver, ...] = ()
    default_receivers: tuple[Name, ...] = ()
    routes: tuple[NotificationRoute, ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()


class EscalationLevel(Section):
    """Who else is told of an incident that nobody took for so long, by its severity."""

    after_minutes: dict[Severity, Annotated[float, Field(ge=1, le=10_080)]]
    receivers: tuple[Name, ...] = ()
