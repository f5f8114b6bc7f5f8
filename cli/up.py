"""`hatang up`: everything on one machine, under one supervisor."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Final

from alerts.configuration import ALERTMANAGER_OPTIONS
from alerts.notification.checking import require_sound
from alerts.notification.notifier import gateways
from cli import collector
from cli.roles import command
from cli.setup import initialise
from cli.wiring import open_app
from hatang.settings import check_start
from hatang.supervisor import ChildSpec, FileReady, HttpReady, Supervisor
from monitors.hints import syslog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.setup import Initialised
    from hatang.settings import Listen, Settings

READY_SECONDS: Final = 90.0
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


def up(
    settings: Settings,
    config: Path | None,
    on_initialised: Callable[[Initialised], None],
    on_ready: Callable[[], None],
    on_missing: Callable[[str], None],
) -> None:
    """Start every process and keep all running until SIGTERM, SIGINT or SIGHUP.

    `on_initialised` gets the first password as soon as it exists: should the start fail after
    that, it would otherwise be lost. `on_missing` gets a sentence on what will not be done.

    Raises:
        SettingsError: a port, program or directory that cannot be used; nothing was started.
        InvalidInputError: what is said about notification does not hold together; likewise.
        UnavailableError: a process did not come up; everything was stopped again.
    """
    check_start(settings)
    require_sound(settings)
    on_initialised(initialise(settings))
    with closing(open_app(settings)) as app:
        refused = collector.write_configuration(app)
        for problem in collector.unknown_units(app):
            on_missing(str(problem))
    for file in refused:
        reasons = "".join(f"\n  {each}" for each in file.problems)
        on_missing(f"the rules in {file.file} are not loaded:{reasons}")
    if settings.syslog.is_wanted and not syslog.program(settings):
        on_missing(f"no syslog is taken: {settings.syslog.binary} is not installed")
    syslog.prepare(settings)
    supervisor = Supervisor(
        settings.data_dir,
        specs(settings, config),
        rotate_bytes=settings.log.rotate_bytes,
        keep_files=settings.log.keep_files,
        on_ready=on_ready,
    )
    supervisor.run()


def specs(settings: Settings, config: Path | None = None) -> list[ChildSpec]:
    """Return the processes in the order they start; those that run elsewhere are left out."""
    environ = {"HATANG_DATA_DIR": str(settings.data_dir)}
    if config is not None:
        environ["HATANG_CONFIG"] = str(config.absolute())
    scheme = "https" if settings.api.tls_certificate else "http"
    found = [
        _role("api", environ, HttpReady(f"{scheme}://{_address(settings.api.listen)}/healthz")),
        _role("monitor", environ, HttpReady(_url(settings.monitors.listen, "/healthz"))),
        _role("worker", environ, FileReady(settings.data_dir / "run" / "worker.ready")),
    ]
    if settings.is_receiver_wanted:
        page = HttpReady(_url(settings.receiver.listen, "/healthz"))
        found.append(_role("receiver", environ, page))
    if gateways(settings):
        page = HttpReady(_url(settings.alertmanager.notifier, "/healthz"))
        found.append(_role("notifier", environ, page))
    program = syslog.program(settings)
    if program:
        argv = (program, *syslog.arguments(settings))
        found.append(ChildSpec(name="rsyslog", argv=argv, after=("receiver",)))
    if settings.alertmanager.run and not settings.alertmanager.url:
        found.append(_alertmanager(settings))
    if settings.prometheus.run and not settings.prometheus.url:
        found.append(_prometheus(settings))
    return found


def _role(name: str, environ: dict[str, str], ready: HttpReady | FileReady) -> ChildSpec:
    return ChildSpec(
        name=name,
        argv=command(name),
        env=environ,
        ready=ready,
        ready_seconds=READY_SECONDS,
        stop_seconds=40.0 if name == "worker" else 10.0,
    )


def _prometheus(settings: Settings) -> ChildSpec:
    own = settings.prometheus
    return ChildSpec(
        name="prometheus",
        argv=(
            own.binary,
            f"--config.file={collector.prometheus_file(settings)}",
            f"--storage.tsdb.path={settings.data_dir / 'prometheus'}",
            f"--storage.tsdb.retention.time={own.retention}",
            f"--web.listen-address={own.listen}",
            "--log.level=warn",
        ),
        env={"GOMAXPROCS": str(max(1, (os.cpu_count() or 1) // 2))},
        ready=HttpReady(_url(own.listen, "/-/ready")),
        ready_seconds=READY_SECONDS,
        after=("api", "worker"),
    )


def _alertmanager(settings: Settings) -> ChildSpec:
    own = settings.alertmanager
    return ChildSpec(
        name="alertmanager",
        argv=(
            own.binary,
            f"--config.file={collector.alertmanager_file(settings)}",
            f"--storage.path={settings.data_dir / 'alertmanager'}",
            f"--web.listen-address={own.listen}",
            *ALERTMANAGER_OPTIONS,
            "--log.level=warn",
        ),
        ready=HttpReady(_url(own.listen, "/-/ready")),
        ready_seconds=READY_SECONDS,
    )


def _url(listen: Listen, path: str) -> str:
    return f"http://{_address(listen)}{path}"


def _address(listen: Listen) -> str:
    return str(listen.model_copy(update={"host": _EVERYWHERE.get(listen.host, listen.host)}))
