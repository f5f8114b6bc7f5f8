"""rsyslog takes, keeps, relays, and hands each line over; old days go."""

from __future__ import annotations

import asyncio
import socket
import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from hatang import clock
from hatang.drivers.datagrams import unix_socket
from hatang.errors import SettingsError
from hatang.settings import Settings
from monitors.hints import syslog
from monitors.hints.catalogue import Catalogue
from monitors.hints.intakes import LineDoor
from monitors.hints.schema import HintKind
from monitors.hints.senders import Sender
from tests.monitors.running import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitors.hints.catalogue import Hint

LINE = "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down"


def settings(directory: Path, **own: object) -> Settings:
    port = _free_port()
    given = {"udp": {"port": port}, "tcp": {"port": port}, **own}
    return Settings.model_validate({"data_dir": directory, "syslog": given})


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nothing_is_run_while_nothing_is_to_be_taken(tmp_path: Path) -> None:
    given = Settings(data_dir=tmp_path)
    assert syslog.program(given) == ""
    syslog.prepare(given)
    assert not syslog.configuration_file(given).exists()


def test_a_missing_program_is_no_reason_to_fail(tmp_path: Path) -> None:
    given = settings(tmp_path, binary="no-such-rsyslogd")
    assert syslog.program(given) == ""
    syslog.prepare(given)


def test_tls_without_its_files_is_refused_when_settings_are_read(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="tls wants tls_certificate"):
        settings(tmp_path, tls={"port": 6514})


def test_days_that_are_too_old_go_and_nothing_else(tmp_path: Path) -> None:
    given = settings(tmp_path, retention_days=30)
    for name in ("2026-01-01", "2026-02-15", "notes", "2026-99-99"):
        (given.syslog_dir / name).mkdir(parents=True)
    with clock.frozen(datetime(2026, 3, 1, tzinfo=UTC)):
        assert syslog.sweep(given) == ["2026-01-01"]
    assert sorted(path.name for path in given.syslog_dir.iterdir()) == [
        "2026-02-15",
        "2026-99-99",
        "notes",
    ]


LEVELS = {"10.0.0.1": 0, "10.0.0.3": 3, "10.0.0.5": 5}
KEPT_DAYS = {"3": 90, "5": 1000}


@pytest.mark.parametrize(
    ("today", "kept"),
    [
        (datetime(2026, 1, 31, tzinfo=UTC), {"10.0.0.1", "10.0.0.3", "10.0.0.5", "10.9.9.9"}),
        (datetime(2026, 2, 1, tzinfo=UTC), {"10.0.0.3", "10.0.0.5", "10.9.9.9"}),
        (datetime(2026, 4, 2, tzinfo=UTC), {"10.0.0.5", "10.9.9.9"}),
        (datetime(2028, 9, 27, tzinfo=UTC), {"10.0.0.5", "10.9.9.9"}),
        (datetime(2028, 9, 28, tzinfo=UTC), set()),
    ],
)
def test_lines_are_kept_as_long_as_the_level_of_what_runs_there_asks(
    today: datetime, kept: set[str], tmp_path: Path
) -> None:
    given = settings(tmp_path, retention_days=30, retention_days_by_level=KEPT_DAYS)
    day = given.syslog_dir / "2026-01-01"
    day.mkdir(parents=True)
    for address in (*LEVELS, "10.9.9.9"):
        (day / f"{address}.log").touch()
    with clock.frozen(today):
        syslog.sweep(given, LEVELS)
    assert {path.stem for path in day.glob("*")} == kept
    assert day.exists() == bool(kept)


needs_rsyslog = pytest.mark.skipif(
    not syslog.program(Settings.model_validate({"syslog": {"udp": {"port": 1}}})),
    reason="rsyslogd is not installed",
)


@needs_rsyslog
@pytest.mark.slow
def test_rsyslog_says_what_it_does_not_take(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="rsyslog does not take"):
        syslog.prepare(settings(tmp_path, udp={"port": 5514, "host": '"'}))


@needs_rsyslog
@pytest.mark.slow
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_line_is_kept_relayed_and_arrives_as_a_hint(transport: str, tmp_path: Path) -> None:
    found: list[Hint] = []
    with socket.create_server(("127.0.0.1", 0)) as soc:
        soc.settimeout(20)
        given = settings(tmp_path, relay=f"127.0.0.1:{soc.getsockname()[1]}")

        async def run() -> None:
            door = LineDoor(
                unix_socket(given.lines_socket),
                given.receiver,
                Catalogue(),
                lambda _, hint: found.append(hint),
            )
            door.gate.know({"127.0.0.1": Sender("key-core-1")})
            serving = asyncio.create_task(door.serve())
            with running(given):
                port = given.syslog.udp.port
                await until(lambda: _listens(port), 20)
                await asyncio.to_thread(_log, port, transport)
                await until(lambda: bool(found), 20)
                connection, _ = await asyncio.to_thread(soc.accept)
                with connection:
                    connection.settimeout(20)
                    relayed = await asyncio.to_thread(connection.recv, 4_000)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            assert LINE.encode() in relayed

        asyncio.run(run())
    assert (found[0].kind, found[0].part) == (HintKind.LINK_DOWN, "Gi0/1")
    (kept,) = given.syslog_dir.glob("*/127.0.0.1.log")
    assert LINE in kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o077 == 0


@contextmanager
def running(given: Settings) -> Iterator[None]:
    syslog.prepare(given)
    command = [syslog.program(given), *syslog.arguments(given)]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _log(port: int, transport: str) -> None:
    """Say the line with util-linux' logger."""
    where = ["--server", "127.0.0.1", "--port", str(port)]
    subprocess.run(["logger", f"--{transport}", *where, "--rfc3164", LINE], check=True, timeout=10)
