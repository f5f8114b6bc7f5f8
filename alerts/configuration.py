"""Writes the configuration of Prometheus from hatang's settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import yaml

if TYPE_CHECKING:
    from hatang.settings import Settings

RULES: Final = Path(__file__).parent / "rules"
ALERTMANAGER_OPTIONS: Final = ("--cluster.listen-address=", "--data.maintenance-interval=1s")
"""Alone in its cluster, and each second it writes down whom it told of what: an Alertmanager killed
in between would page what is open a second time. Its own 15 minutes are meant for a cluster.
"""


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


def user_rules(settings: Settings) -> Path:
    """Return where the copies of users' good rule files are, which Prometheus reads."""
    return settings.data_dir / "run" / "rules"


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
    replicas = sorted(settings.alerts.replica_labels)
    document = {
        "global": {
            "scrape_interval": f"{int(settings.monitors.period_seconds)}s",
            "evaluation_interval": "15s",
        },
        "rule_files": [str(RULES / "*.yml"), str(user_rules(settings) / "*.yml")],
        "alerting": {
            "alert_relabel_configs": [{"action": "labeldrop", "regex": "|".join(replicas)}],
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
            *_alertmanager_jobs(settings),
        ],
    }
    return _dump(document)


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
    return [
        {"scheme": each.scheme}
        | ({"path_prefix": each.path} if each.path else {})
        | {"static_configs": [{"targets": [each.netloc]}]}
        for each in map(urlsplit, settings.alertmanager_urls)
    ]


def _alertmanager_jobs(settings: Settings) -> list[dict[str, Any]]:
    """Return the jobs that read how Alertmanager fares with its receivers."""
    return [
        {
            "job_name": "alertmanager" if number == 1 else f"alertmanager-{number}",
            "scheme": each.scheme,
            "metrics_path": f"{each.path}/metrics",
            "static_configs": [{"targets": [each.netloc], "labels": {"job": "alertmanager"}}],
        }
        for number, each in enumerate(map(urlsplit, settings.alertmanager_urls), 1)
    ]


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
