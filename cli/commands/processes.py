"""Starting hatang, and asking how it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

import cli
from alerts import service as alerts
from cli import exits
from cli.command import Command, noun, verb
from cli.door import door
from cli.output import say, show, show_rows
from cli.roles import become
from hatang import doctor as doctors
from hatang.errors import HatangError
from hatang.settings import check_start
from hatang.supervisor import read_status
from playbooks import isolation

if TYPE_CHECKING:
    from alerts.notification.delivery import Trouble
    from cli.setup import Initialised

check: typer.Typer = noun("check", "Check before starting.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.command("up", cls=Command)(up)
    app.command("init", cls=Command)(init)
    app.command("status", cls=Command)(status)
    app.command("doctor", cls=Command)(doctor)
    app.command("api", cls=Command)(api)
    app.command("worker", cls=Command)(worker)
    app.command("receiver", cls=Command)(receiver)
    app.add_typer(check)


def up() -> None:
    """Start everything on this machine and keep it running until Ctrl-C.

    Example: HATANG_DATA_DIR=/var/lib/hatang hatang up
    """
    opened = door()
    settings = opened.settings

    def ready() -> None:
        say(f"hatang runs on {settings.api.public_url}; Ctrl-C stops it")

    cli.up.up(settings, opened.config, _tell_password, ready, say)


def init() -> None:
    """Create the data directory, its keys and tables, or bring them to this version.

    Example: hatang init
    """
    found = cli.setup.initialise(door().settings)
    _tell_password(found)
    say(f"ready: {found.data_dir}")


def _tell_password(found: Initialised) -> None:
    if found.password is not None:
        say(f"first administrator: admin, password: {found.password} (shown this once only)")


def api() -> None:
    """Run the HTTP door alone."""
    _become("api")


def worker() -> None:
    """Run jobs, correlation and notification alone."""
    _become("worker")


def receiver() -> None:
    """Take traps and log lines alone.

    Example: hatang receiver
    """
    _become("receiver")


def _become(role: str) -> None:
    opened = door()
    _ = opened.settings  # what is wrong with them is told before anything else
    become(role, opened.config)


def status() -> None:
    """Show the processes of `hatang up`; exit status 1 when one is not ready.

    Example: hatang status --format json
    """
    if not door().settings.alertmanager_url:
        say("nobody is paged: alertmanager.run is false and alertmanager.url is empty")
    for trouble in _troubles():
        say(f"pages do not get through: {trouble}")
    apart = isolation.describe(door().settings)
    if apart != isolation.ON:
        say(f"isolation of playbooks is {apart}")
    found = read_status(door().settings.data_dir)
    children: dict[str, dict[str, Any]] = found.get("children", {})
    show_rows(
        [{"name": name, **child} for name, child in children.items()],
        "name",
        "state",
        "pid",
        "restarts",
        "exit_status",
    )
    if not children or any(child["state"] != "ready" for child in children.values()):
        raise typer.Exit(exits.FAILED)


def _troubles() -> list[Trouble]:
    """Return what keeps pages from people; nothing where no data directory can be opened."""
    opened = door()
    try:
        with opened.app.db.read() as session:
            return alerts.list_troubles(session, opened.settings)
    except (HatangError, SQLAlchemyError):
        return []


def doctor() -> None:
    """Examine this installation and say what to do about each fault; exit status 1 when any.

    Looked at are clock, disk, programs, keys, databases, processes and ports; nothing is changed.

    Example: hatang doctor
    """
    found = doctors.examine(door().settings)
    show_rows(found, "subject", "verdict", "detail", "fix")
    if not all(each.is_good for each in found):
        raise typer.Exit(exits.FAILED)


@verb(check, "config")
def check_config(
    *,
    start: Annotated[bool, typer.Option(help="Also look for programs and free ports.")] = False,
) -> None:
    """Read the settings and say everything that is wrong with them.

    Example: hatang check config --start
    """
    settings = door().settings
    if start:
        check_start(settings)
    show(
        {
            "data_dir": settings.data_dir,
            "api": str(settings.api.listen),
            "monitors": str(settings.monitors.listen),
            "prometheus": settings.prometheus_url,
            "alertmanager": settings.alertmanager_url,
            "prometheus_file": cli.collector.prometheus_file(settings),
        }
    )
