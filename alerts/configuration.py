"""Writes the configuration of Prometheus and Alertmanager from hatang's settings.

Two ways lead to people. Incidents (`correlated="true"`) go at once, one group each. Raw alerts go
in groups and slowly, and only while hatang's heartbeat does not inhibit them. What is about hatang
itself (`class="hatang"`) is never inhibited, since nobody else would tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from alerts.fingerprint import REPLICA_LABELS
from alerts.forwarder import HEARTBEAT

if TYPE_CHECKING:
    from hatang.settings import Settings

RULES: Final = Path(__file__).parent / "rules"
ALERTMANAGER_OPTIONS: Final = ("--cluster.listen-address=", "--data.maintenance-interval=1s")
"""Alone in its cluster, and each second it writes down whom it told of what: an Alertmanager killed
in between would page what is open a second time. Its own 15 minutes are meant for a cluster.
"""


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


def render_alertmanager(settings: Settings, timings: Timings | None = None) -> str:
    """Return alertmanager.yml; it may hold the mail password, so keep it readable to us alone."""
    times = timings or Timings()
    document: dict[str, Any] = {
        "global": {"resolve_timeout": "15m"} | _mail_globals(settings),
        "route": {
            "receiver": "people",
            "group_by": ["alertname"],
            "group_wait": times.raw_wait,
            "group_interval": times.raw_interval,
            "repeat_interval": times.repeat_interval,
            "routes": [
                {"receiver": "nobody", "matchers": ['severity="none"']},
                {
                    "receiver": "people",
                    "matchers": ['correlated="true"'],
                    "group_by": ["incident"],
                    "group_wait": times.incident_wait,
                    "group_interval": times.incident_interval,
                },
                {
                    "receiver": "people",
                    "matchers": ['class="hatang"'],
                    "group_by": ["alertname"],
                    "group_wait": times.incident_wait,
                    "group_interval": times.incident_interval,
                },
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": [f'alertname="{HEARTBEAT}"'],
                "target_matchers": ['correlated=""', 'class!="hatang"'],
            }
        ],
        "receivers": [{"name": "nobody"}, _people(settings)],
    }
    return _dump(document)


def _mail_globals(settings: Settings) -> dict[str, Any]:
    mail = settings.alertmanager.mail
    if not (mail.smarthost and mail.to):
        return {}
    found: dict[str, Any] = {
        "smtp_smarthost": mail.smarthost,
        "smtp_from": mail.sender,
        "smtp_require_tls": mail.require_tls,
    }
    if mail.username:
        found["smtp_auth_username"] = mail.username
        found["smtp_auth_password"] = mail.password.get_secret_value()
    return found


def _people(settings: Settings) -> dict[str, Any]:
    receiver: dict[str, Any] = {"name": "people"}
    if webhooks := settings.alertmanager.webhooks:
        receiver["webhook_configs"] = [
            {"url": each.url, "send_resolved": True, "max_alerts": 100} for each in webhooks
        ]
    mail = settings.alertmanager.mail
    if mail.smarthost and mail.to:
        summary = f"summary_{settings.language}"
        # One incident is one group, so its annotations are common; raw groups fall back.
        subject = (
            "[{{ .Status | toUpper }}] {{ if .CommonAnnotations."
            f"{summary} }}}}{{{{ .CommonAnnotations.{summary} }}}}"
            "{{ else }}{{ .CommonLabels.alertname }}{{ end }}"
        )
        receiver["email_configs"] = [
            {"to": to, "send_resolved": True, "headers": {"Subject": subject}} for to in mail.to
        ]
    return receiver


@dataclass(frozen=True, slots=True)
class ScrapeFiles:
    """Files beside prometheus.yml: who the monitors are when the api is stopped, our token, and
    the one that monitors ask for.
    """

    targets: Path
    token: Path
    monitors_token: Path

    @classmethod
    def of(cls, settings: Settings) -> ScrapeFiles:
        """Return the usual places in the data directory."""
        run = settings.data_dir / "run"
        return cls(
            run / "prometheus-targets.json", run / "prometheus-token", run / "monitors-token"
        )


def render_prometheus(settings: Settings, files: ScrapeFiles | None = None) -> str:
    """Return prometheus.yml.

    Targets come by HTTP from the api and, the same ones, from a file: Prometheus joins equal
    targets, and stopping the api stops no measurement. Alerts go to hatang and to Alertmanager.
    """
    at = files or ScrapeFiles.of(settings)
    api = _address(settings.api.listen.host, settings.api.listen.port)
    scheme = "https" if settings.api.tls_certificate else "http"
    token = _bearer(at.token)
    ours: dict[str, Any] = {"scheme": scheme, "authorization": token}
    shown: dict[str, Any] = {}
    if settings.monitors.token.get_secret_value():
        shown = {"authorization": _bearer(at.monitors_token)}
    monitors = _address(settings.monitors.listen.host, settings.monitors.listen.port)
    worker = _address(settings.jobs.listen.host, settings.jobs.listen.port)
    document = {
        "global": {
            "scrape_interval": f"{int(settings.monitors.period_seconds)}s",
            "evaluation_interval": "15s",
        },
        "rule_files": [str(RULES / "*.yml"), str(settings.data_dir / "rules" / "*.yml")],
        "alerting": {
            "alert_relabel_configs": [{"action": "labeldrop", "regex": "|".join(_REPLICAS)}],
            "alertmanagers": [
                {
                    **ours,
                    "path_prefix": "/alertmanager",
                    "timeout": "5s",
                    "static_configs": [{"targets": [api]}],
                },
                *_alertmanagers(settings),
            ],
        },
        "scrape_configs": [
            {
                "job_name": "hatang-monitors",
                "honor_labels": True,
                **shown,
                "http_sd_configs": [{**_sd(scheme, api), "authorization": token}],
                "file_sd_configs": [{"files": [str(at.targets)], "refresh_interval": "30s"}],
            },
            {"job_name": "hatang-monitor", **shown, "static_configs": [{"targets": [monitors]}]},
            *_receiver(settings, shown),
            {"job_name": "hatang-worker", "static_configs": [{"targets": [worker]}]},
            {"job_name": "hatang-api", **ours, "static_configs": [{"targets": [api]}]},
        ],
    }
    return _dump(document)


_REPLICAS: Final = sorted(REPLICA_LABELS)


def _receiver(settings: Settings, shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the job of the process that takes traps and log lines, where there is one."""
    own = settings.receiver
    if not settings.is_receiver_wanted:
        return []
    target = _address(own.listen.host, own.listen.port)
    return [{"job_name": "hatang-receiver", **shown, "static_configs": [{"targets": [target]}]}]


def _bearer(file: Path) -> dict[str, str]:
    return {"type": "Bearer", "credentials_file": str(file)}


def _sd(scheme: str, api: str) -> dict[str, Any]:
    return {"url": f"{scheme}://{api}/api/v1/prometheus/targets", "refresh_interval": "30s"}


def _alertmanagers(settings: Settings) -> list[dict[str, Any]]:
    """Return where raw alerts go past hatang; nowhere when notification is turned off."""
    if not settings.alertmanager_url:
        return []
    scheme, _, rest = settings.alertmanager_url.partition("://")
    host, slash, path = rest.partition("/")
    prefix = {"path_prefix": slash + path} if path else {}
    return [{"scheme": scheme, **prefix, "static_configs": [{"targets": [host]}]}]


def _address(host: str, port: int) -> str:
    # An address to listen on everywhere is none to call.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _dump(document: dict[str, Any]) -> str:
    text: str = yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)
    return "# Written by hatang from its settings; changes here are lost.\n" + text


class _Plain(yaml.SafeDumper):
    """Repeats values instead of pointing at them."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401 RUF100, ARG002 RUF100 - PyYAML's signature
        return True
