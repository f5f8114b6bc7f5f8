"""The processes of `hatang up`: whether they run, and whether each answers on its port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hatang.doctor.checked import Checked
from hatang.errors import SettingsError
from hatang.settings import check_port_free
from hatang.supervisor import PortReady, read_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.settings import Listen, Settings

_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
OFTEN: Final = 5


def examine(settings: Settings) -> Iterator[Checked]:
    """Yield the lines about processes."""
    children: dict[str, dict[str, Any]] = read_status(settings.data_dir).get("children", {})
    if not children:
        fix = "Start it: systemctl start hatang, or `hatang up`."
        yield Checked.bad("hatang up", "does not run on this data directory", fix)
    for name, child in children.items():
        yield _child(name, child, settings)
    for key, listen in _ports(settings):
        yield _answers(key, listen) if children else _free(key, listen)


def _child(name: str, child: dict[str, Any], settings: Settings) -> Checked:
    told = f"{child['state']}, started again {child['restarts']} times"
    if child["state"] == "ready" and child["restarts"] < OFTEN:
        return Checked.good(f"process {name}", told)
    log = settings.data_dir / "logs" / f"{name}.log"
    return Checked.bad(f"process {name}", told, f"Its log says why: {log}")


def _ports(settings: Settings) -> Iterator[tuple[str, Listen]]:
    yield "api.listen", settings.api.listen
    yield "monitors.listen", settings.monitors.listen
    yield "jobs.listen", settings.jobs.listen
    if settings.is_receiver_wanted:
        yield "receiver.listen", settings.receiver.listen
    for name, section in (
        ("prometheus", settings.prometheus),
        ("alertmanager", settings.alertmanager),
    ):
        if section.run and not section.url:
            yield f"{name}.listen", section.listen


def _answers(key: str, listen: Listen) -> Checked:
    if PortReady(_EVERYWHERE.get(listen.host, listen.host), listen.port)():
        return Checked.good(f"port {key}", f"{listen} answers")
    return Checked.bad(f"port {key}", f"{listen} does not answer", "See the process behind it.")


def _free(key: str, listen: Listen) -> Checked:
    try:
        check_port_free(listen, key)
    except SettingsError as error:
        return Checked.refused(f"port {key}", error)
    return Checked.good(f"port {key}", f"{listen} is free")
