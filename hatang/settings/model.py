"""The one settings model: frozen, strict, every default chosen so that `hatang up` just starts."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from hatang.settings.contracts import Contract
from hatang.settings.fields import (
    AbsolutePath,
    DatabaseUrl,
    HttpUrl,
    Listen,
    Seconds,
    Section,
    duration,
    zone,
)
from hatang.settings.notification import AlertmanagerSettings, EscalationLevel


def default_data_dir() -> Path:
    """Return where state lives when nobody said: the user's state directory (XDG)."""
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser().absolute() / "hatang"


class DatabaseSettings(Section):
    """Where records live; empty means an SQLite file in the data directory."""

    url: DatabaseUrl = ""


class JobsSettings(Section):
    """The durable jobs' own database (never the records' file) and how fast they are picked up.

    At most `aaa_server_concurrency` devices that ask the same AAA server are logged in to at once
    by changes, plans, backups, route checks and commands of all processes together; one run of a
    playbook by itself keeps to it too. Whatever else logs in is not counted. A worker that gave no
    sign of life for `dead_seconds` loses its jobs to another (PostgreSQL). On `listen` the worker
    shows its own metrics.
    """

    database_url: DatabaseUrl = ""
    poll_seconds: Seconds = 0.5
    concurrency: int = Field(default=8, ge=1, le=256)
    aaa_server_concurrency: int = Field(default=4, ge=1, le=256)
    keep_days: int = Field(default=90, ge=1)
    drain_seconds: Seconds = 30
    heartbeat_seconds: Seconds = 10
    dead_seconds: Seconds = 60
    listen: Listen = Listen(port=9110)

    @model_validator(mode="after")
    def _dead_means_several_beats_missed(self) -> Self:
        if self.dead_seconds < 3 * self.heartbeat_seconds:
            raise ValueError("dead_seconds must be at least three times heartbeat_seconds")
        return self


class ApiSettings(Section):
    """The HTTP door."""

    listen: Listen = Listen(port=8080)
    allowed_hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
    public_url: HttpUrl = "http://127.0.0.1:8080"
    tls_certificate: AbsolutePath | None = None
    tls_key: AbsolutePath | None = None


class AuthSettings(Section):
    """Sessions of people; where a second factor is required, who changes things enrols one first.

    Without it the second factor is asked for at the change itself, of those who enrolled one.
    """

    idle_seconds: Seconds = 900
    admin_idle_seconds: Seconds = 300
    session_seconds: Seconds = 43_200
    second_factor: Literal["required", "offered"] = "offered"


class SecretsSettings(Section):
    """Keys that must not lie beside the database; empty means `keys/` of the data directory."""

    master_key_file: AbsolutePath | None = None
    audit_key_file: AbsolutePath | None = None
    audit_heads_file: AbsolutePath | None = None


WHOLE: Final = "0/1"


def _shard(text: str) -> str:
    number, _, count = text.partition("/")
    if int(number) >= int(count):
        raise ValueError(f"{text}: shards of {count} are numbered from 0 to {int(count) - 1}")
    return text


class SeriesRule(Section):
    """Which series some devices do not get: names in `drop`, where `*` stands for anything.

    It holds for devices in one of `roles` and of one of `levels`, for all where neither is given.
    A device's level is the highest of the information systems that run on it, 0 where none has.
    """

    roles: tuple[str, ...] = ()
    levels: tuple[Annotated[int, Field(ge=0, le=5)], ...] = ()
    drop: Annotated[tuple[str, ...], Field(min_length=1)]


class MonitorsSettings(Section):
    """How often and how patiently elements are measured; seconds throughout.

    `concurrency` agents are talked to at once, `site_concurrency` of them at one site, which may
    hang on a thin line. `ca_file` holds authorities trusted beside the system's, such as the
    province's own. `snmp_modules_file` is an snmp.yml of snmp_exporter's: `/snmp?module=` answers
    its modules too. `series` says which series are not exposed of whom.
    """

    period_seconds: Seconds = 30
    timeout_seconds: Seconds = 2
    retries: int = Field(default=1, ge=0, le=10)
    concurrency: int = Field(default=500, ge=1, le=20_000)
    site_concurrency: int = Field(default=4, ge=1, le=1000)
    listen: Listen = Listen(port=9109)
    shard: Annotated[str, Field(pattern=r"^\d+/[1-9]\d*$"), AfterValidator(_shard)] = WHOLE
    token: SecretStr = SecretStr("")
    ca_file: AbsolutePath | None = None
    snmp_modules_file: AbsolutePath | None = None
    series: tuple[SeriesRule, ...] = ()

    @property
    def shard_name(self) -> str:
        """What the monitor of this shard is called in the database and in file names."""
        return f"shard-{self.shard.replace('/', '-of-')}"


class ReceiverSettings(Section):
    """What devices say unasked: SNMP traps and informs on `traps` (UDP), none while its port is 0.

    A sender may say `sender_per_second` things; `queue` of all wait at most, the rest is dropped
    and counted. What says the same twice within `replay_seconds` is taken once. On `listen` the
    receiver shows its metrics.
    """

    traps: Listen = Listen(port=0)
    listen: Listen = Listen(port=9111)
    sender_per_second: float = Field(default=20, gt=0, le=10_000)
    v3_per_second: float = Field(default=100, gt=0, le=10_000)
    queue: int = Field(default=10_000, ge=100, le=1_000_000)
    replay_seconds: Seconds = 150


class SyslogSettings(Section):
    """Log lines that rsyslog takes on `udp`, `tcp` and `tls` (none where the port is 0) and keeps.

    With `relay` (host:port) they are passed on over TCP, or TLS when `relay_tls`; while the SOC
    does not answer, up to `relay_queue_mb` wait on disk. TLS wants certificate, key and CA files.
    `retention_days_by_level` keeps those of devices on which information systems of a level run.
    """

    binary: str = "rsyslogd"
    udp: Listen = Listen(port=0)
    tcp: Listen = Listen(port=0)
    tls: Listen = Listen(port=0)
    tls_certificate: AbsolutePath | None = None
    tls_key: AbsolutePath | None = None
    tls_ca: AbsolutePath | None = None
    relay: Annotated[str, Field(pattern=r"^([A-Za-z0-9.-]+:[0-9]{1,5})?$")] = ""
    relay_tls: bool = False
    relay_queue_mb: int = Field(default=1024, ge=1)
    retention_days: int = Field(default=366, ge=30)
    retention_days_by_level: dict[
        Annotated[str, Field(pattern=r"^[1-5]$")], Annotated[int, Field(ge=30)]
    ] = Field(default={})

    @property
    def is_wanted(self) -> bool:
        """Whether rsyslog is to listen for anything."""
        return bool(self.udp.port or self.tcp.port or self.tls.port)

    @model_validator(mode="after")
    def _tls_has_its_files(self) -> Self:
        if self.tls.port and not (self.tls_certificate and self.tls_key and self.tls_ca):
            raise ValueError("tls wants tls_certificate, tls_key and tls_ca")
        if self.relay_tls and not self.tls_ca:
            raise ValueError("relay_tls wants tls_ca, the authority of the SOC's certificate")
        return self


class PrometheusSettings(Section):
    """Metrics' history: our own child process, or `url` of one that runs elsewhere."""

    run: bool = True
    binary: str = "prometheus"
    listen: Listen = Listen(port=9090)
    url: HttpUrl = ""
    retention: Annotated[str, AfterValidator(duration)] = "15d"


class AlertsSettings(Section):
    """What people may ask of correlation: announced work lasts `maintenance_days` at most.

    `replica_labels` only tell replicas of one Prometheus apart. `escalations` are levels, the
    first first; a severity that a level does not name stops below it. `contracts` are what
    carriers promise, for the report of what they owe. `rules_dir` holds rules that users wrote,
    `rules` in the data directory where it is not given.
    """

    maintenance_days: int = Field(default=30, ge=1, le=366)
    replica_labels: tuple[Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")], ...] = (
        "replica",
        "prometheus_replica",
        "__replica__",
    )
    escalations: tuple[EscalationLevel, ...] = ()
    contracts: tuple[Contract, ...] = ()
    rules_dir: Path | None = None

    @model_validator(mode="after")
    def _levels_follow_each_other(self) -> Self:
        for severity in ("critical", "warning", "info"):
            after = [each.after_minutes.get(severity) for each in self.escalations]
            named = [each for each in after if each is not None]
            if named != after[: len(named)] or named != sorted(set(named)):
                raise ValueError(f"after_minutes.{severity} must grow from level to level")
        return self

    @model_validator(mode="after")
    def _replicas_differ_by_nothing_that_counts(self) -> Self:
        if counted := {"alertname", "severity", "class", "element"} & {*self.replica_labels}:
            raise ValueError(f"replica_labels must not name {', '.join(sorted(counted))}")
        return self

    @model_validator(mode="after")
    def _each_contract_stands_once(self) -> Self:
        known = [(each.carrier, each.number) for each in self.contracts]
        twice = sorted({f"{carrier} {number}".strip() for carrier, number in known
                        if known.count((carrier, number)) > 1})  # fmt: skip
        if twice:
            raise ValueError(f"contracts stand twice: {', '.join(twice)}")
        return self

    @property
    def longest_maintenance(self) -> timedelta:
        """How long announced work may last."""
        return timedelta(days=self.maintenance_days)


class PlaybooksSettings(Section):
    """How changes are carried out; with `ansible_user` playbooks run as that user, not as ours.

    A configuration that was seen last longer than `drift_backup_hours` ago proves nothing of now.
    """

    ansible_user: Annotated[str, Field(pattern=r"^([a-z_][a-z0-9_-]{0,31})?$")] = ""
    drift_backup_hours: int = Field(default=48, ge=1, le=8_760)


class PathLimits(Section):
    """From where on a point's way puts it at risk (`pass`) or fails it (`warn`)."""

    loss_pass: float = Field(default=0.005, ge=0, lt=1)
    loss_warn: float = Field(default=0.01, ge=0, lt=1)
    jitter_pass_seconds: Seconds = 0.020
    jitter_warn_seconds: Seconds = 0.030
    rtt_pass_seconds: Seconds = 0.150
    rtt_warn_seconds: Seconds = 0.300
    gap_fail_seconds: Seconds = 3.0

    @model_validator(mode="after")
    def _each_pass_lies_below_its_warn(self) -> Self:
        for name in ("loss_{}", "jitter_{}_seconds", "rtt_{}_seconds"):
            low, high = name.format("pass"), name.format("warn")
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} must not be above {high}")
        return self


class ConferenceSettings(Section):
    """How bridges and registrars are reached: by https, certificates checked.

    `ca_file` holds the authorities that signed their certificates, where the system's did not. For
    the hosts of `clear_text_hosts`, named as in their address, http is waived: anybody on the way
    reads the bridge's secret. `hatang doctor` shows the waiver.

    A check that cannot be made, as of a way without a reflector, leaves a point as it is, unless
    it is one of `required_checks`: then the point is unknown.
    """

    ca_file: AbsolutePath | None = None
    clear_text_hosts: tuple[str, ...] = ()
    required_checks: tuple[
        Literal[
            "path",
            "qos_dscp",
            "headroom",
            "shared_headroom",
            "power",
            "codec",
            "peripherals",
            "certificate",
            "clock",
        ],
        ...,
    ] = ()
    limits: PathLimits = PathLimits()


class ServerScans(Section):
    """Which servers their own OpenSCAP judges each night, by which datastream and profile."""

    datastream: AbsolutePath
    profile: str = Field(default="", max_length=200)
    servers: Annotated[tuple[str, ...], Field(min_length=1)]


class BaselinesSettings(Section):
    """How old an audit may be before a device goes live, and where hatang's own backup lies.

    With `golive_days` 0 no audit is asked for; what one found holds a device up all the same.
    `backup_file` is the newest backup of hatang's own records, whose age its own audit judges.
    """

    golive_days: int = Field(default=30, ge=0, le=366)
    backup_file: AbsolutePath | None = None
    scans: tuple[ServerScans, ...] = ()


class RetentionSettings(Section):
    """How many days of history are kept; audits with their evidence two years at the least."""

    rollups_days: int = Field(default=1_830, ge=31)
    transitions_days: int = Field(default=400, ge=7)
    hints_days: int = Field(default=30, ge=1)
    run_events_days: int = Field(default=400, ge=7)
    drifts_days: int = Field(default=1_100, ge=7)
    audits_days: int = Field(default=1_100, ge=731)
    readiness_days: int = Field(default=400, ge=7)
    stations_days: int = Field(default=90, ge=1)
    persons_days: int = Field(default=1_100, ge=731)


class LogSettings(Section):
    """What the processes write about themselves."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    rotate_bytes: int = Field(default=10_000_000, ge=1_000)
    keep_files: int = Field(default=5, ge=1, le=100)


class Settings(Section):
    """Everything an operator may set; `load` reads it from hatang.toml and HATANG_*."""

    data_dir: AbsolutePath = Field(default_factory=default_data_dir)
    language: Literal["vi", "en"] = "vi"
    timezone: Annotated[str, AfterValidator(zone)] = "Asia/Ho_Chi_Minh"
    executor_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{0,64}$")] = ""
    lab: bool = False
    database: DatabaseSettings = DatabaseSettings()
    jobs: JobsSettings = JobsSettings()
    api: ApiSettings = ApiSettings()
    auth: AuthSettings = AuthSettings()
    secrets: SecretsSettings = SecretsSettings()
    monitors: MonitorsSettings = MonitorsSettings()
    receiver: ReceiverSettings = ReceiverSettings()
    syslog: SyslogSettings = SyslogSettings()
    prometheus: PrometheusSettings = PrometheusSettings()
    alerts: AlertsSettings = AlertsSettings()
    alertmanager: AlertmanagerSettings = AlertmanagerSettings()
    playbooks: PlaybooksSettings = PlaybooksSettings()
    conference: ConferenceSettings = ConferenceSettings()
    baselines: BaselinesSettings = BaselinesSettings()
    retention: RetentionSettings = RetentionSettings()
    log: LogSettings = LogSettings()

    @property
    def database_url(self) -> str:
        """Where records live."""
        return self.database.url or f"sqlite:///{self.data_dir / 'hatang.sqlite3'}"

    @property
    def jobs_database_url(self) -> str:
        """Where durable jobs live; never the same SQLite file as the records: one writer each."""
        return self.jobs.database_url or f"sqlite:///{self.data_dir / 'jobs.sqlite3'}"

    @property
    def own_rules_dir(self) -> Path:
        """Where rules that users wrote are."""
        return self.alerts.rules_dir or self.data_dir / "rules"

    @property
    def prometheus_url(self) -> str:
        """Where Prometheus answers."""
        return self.prometheus.url or f"http://{self.prometheus.listen}"

    @property
    def alertmanager_url(self) -> str:
        """Where Alertmanager answers; empty when it is turned off."""
        own = f"http://{self.alertmanager.listen}" if self.alertmanager.run else ""
        return self.alertmanager.url or own

    @property
    def alertmanager_urls(self) -> tuple[str, ...]:
        """Every member of Alertmanager's cluster; none when it is turned off."""
        return tuple(
            dict.fromkeys(filter(None, (self.alertmanager_url, *self.alertmanager.members)))
        )

    @property
    def monitors_socket(self) -> Path:
        """The unix socket on which the monitor process serves the api."""
        name = "monitors" if self.monitors.shard == WHOLE else self.monitors.shard_name
        return self.data_dir / "run" / f"{name}.sock"

    @property
    def is_receiver_wanted(self) -> bool:
        """Whether devices may say anything unasked, so that the receiver is to run."""
        return bool(self.receiver.traps.port) or self.syslog.is_wanted

    @property
    def syslog_dir(self) -> Path:
        """Where log lines are kept: a folder a day, a file a sender."""
        return self.data_dir / "syslog"

    @property
    def lines_socket(self) -> Path:
        """The unix datagram socket on which the receiver takes log lines from rsyslog."""
        return self.data_dir / "run" / "lines.sock"
