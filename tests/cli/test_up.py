"""Which processes `hatang up` starts for what devices say unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.up import specs
from hatang.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def started(data_dir: Path, **sections: object) -> set[str]:
    given = Settings.model_validate({"data_dir": data_dir, **sections})
    return {spec.name for spec in specs(given)}


def test_nothing_listens_for_devices_until_a_port_is_set(tmp_path: Path) -> None:
    assert started(tmp_path).isdisjoint({"receiver", "rsyslog"})


def test_a_port_for_traps_brings_the_receiver_alone(tmp_path: Path) -> None:
    found = started(tmp_path, receiver={"traps": {"port": 10162}})
    assert "receiver" in found
    assert "rsyslog" not in found


def test_without_rsyslog_everything_else_runs(tmp_path: Path) -> None:
    found = started(tmp_path, syslog={"udp": {"port": 10514}, "binary": "no-such-rsyslogd"})
    assert {"api", "monitor", "worker", "receiver"} <= found
    assert "rsyslog" not in found
