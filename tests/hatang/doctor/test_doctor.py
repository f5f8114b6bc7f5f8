"""Each fault of an installation has a line with a way out, and none is called good."""

from __future__ import annotations

import datetime
import json
import os
import socket
from typing import TYPE_CHECKING

import pytest

from hatang import clock, secrets
from hatang.doctor import Checked, examination, examine, machine, records
from hatang.gates import Verdict
from hatang.jobs import heartbeat
from hatang.sealing import load_master_key, replace_master_key
from hatang.settings import Listen, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database


@pytest.fixture
def settings(data_dir: Path, sqlite_database: Database) -> Settings:
    """An installation that is initialised and not started."""
    assert sqlite_database.is_sqlite
    data_dir.chmod(0o700)
    return Settings(data_dir=data_dir)


@pytest.fixture
def weak_user(sqlite_database: Database, admin: Actor) -> Callable[[str, str], None]:
    """Stores an SNMPv3 user with the digest and the cipher given."""

    def put(digest: str, cipher: str) -> None:
        fields = {"username": "nms", "auth_password": "canary-auth", "priv_password": "canary-priv"}
        fields |= {"auth_protocol": digest, "priv_protocol": cipher}
        with sqlite_database.write() as session:
            secrets.put(session, admin, "old-ups", "snmpv3", fields)

    return put


def line(settings: Settings, subject: str) -> Checked:
    found = [each for each in examine(settings) if each.subject == subject]
    assert len(found) == 1, found
    return found[0]


def test_what_is_in_order_is_good(settings: Settings) -> None:
    for subject in ("data directory", "owner", "master key", "audit key", "tables", "SNMP"):
        assert line(settings, subject).verdict is Verdict.PASS, subject


def test_nothing_is_changed(settings: Settings) -> None:
    before = {path: path.stat().st_mtime_ns for path in settings.data_dir.rglob("*.key")}
    (settings.data_dir / "jobs.sqlite3").unlink(missing_ok=True)
    examine(settings)
    assert {path: path.stat().st_mtime_ns for path in settings.data_dir.rglob("*.key")} == before
    assert not (settings.data_dir / "jobs.sqlite3").exists()


def test_a_data_directory_nobody_made_is_one_line(tmp_path: Path) -> None:
    found = examine(Settings(data_dir=tmp_path / "none"))
    assert {each.subject for each in found} >= {"data directory", "records database"}
    assert not any(each.verdict is Verdict.ERROR for each in found)
    assert not (tmp_path / "none").exists()


def test_a_directory_others_may_look_into(settings: Settings) -> None:
    settings.data_dir.chmod(0o755)
    assert "chmod 700" in line(settings, "data directory").fix


@pytest.mark.parametrize("name", ["master", "audit"])
def test_a_key_others_may_read(settings: Settings, name: str) -> None:
    (settings.data_dir / "keys" / f"{name}.key").chmod(0o644)
    found = line(settings, f"{name} key")
    assert found.verdict is Verdict.FAIL
    assert "chmod 600" in found.fix


def test_a_rotation_that_was_cut_short(settings: Settings) -> None:
    path = settings.data_dir / "keys" / "master.key"
    replace_master_key(path, load_master_key(path).rotated())
    assert "hatang master-key rotate" in line(settings, "master key").fix


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_accounts_database_is_left_alone(settings: Settings) -> None:
    file = settings.data_dir / "hatang.sqlite3"
    os.chown(file, 65534, 65534)
    assert line(settings, "records database").verdict is Verdict.UNKNOWN


def test_tables_of_another_version(settings: Settings, sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN")
    found = [each for each in examine(settings) if each.subject == "records database"]
    assert any("hatang init" in each.fix for each in found)


def test_a_worker_that_is_silent_or_beats(settings: Settings, sqlite_database: Database) -> None:
    assert line(settings, "worker").verdict is Verdict.FAIL
    with sqlite_database.write() as session:
        heartbeat.beat(session, "worker-1")
    assert line(settings, "worker").verdict is Verdict.PASS


def test_a_worker_that_is_dead(
    settings: Settings, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite_database.write() as session:
        heartbeat.beat(session, "worker-1")
    later = clock.now() + datetime.timedelta(minutes=10)
    monkeypatch.setattr(records, "database_now", lambda _session: later)
    assert line(settings, "worker").verdict is Verdict.FAIL


def test_a_community_in_the_clear_is_named(
    settings: Settings, sqlite_database: Database, admin: Actor
) -> None:
    with sqlite_database.write() as session:
        secrets.put(session, admin, "old-switch", "snmpv2c", {"community": "canary-comm"})
    found = line(settings, "SNMP")
    assert found.verdict is Verdict.FAIL
    assert "old-switch" in found.detail
    assert "canary-comm" not in found.detail


@pytest.mark.parametrize(
    ("algorithms", "verdict", "told"),
    [
        (("SHA256", "AES256"), Verdict.PASS, "no credential uses"),
        (("MD5", "AES"), Verdict.FAIL, "old-ups uses MD5"),
        (("MD5", "DES"), Verdict.FAIL, "old-ups uses MD5, DES"),
    ],
)
def test_a_user_with_weak_algorithms_is_named(
    settings: Settings,
    weak_user: Callable[[str, str], None],
    algorithms: tuple[str, str],
    verdict: Verdict,
    told: str,
) -> None:
    weak_user(*algorithms)
    found = line(settings, "SNMPv3")
    assert found.verdict is verdict
    assert told in found.detail
    assert "canary" not in found.detail


def test_algorithms_that_cannot_be_read_are_not_called_good(settings: Settings) -> None:
    (settings.data_dir / "keys" / "master.key").unlink()
    assert line(settings, "SNMPv3").verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, Verdict.FAIL),
        ({"lab": True}, Verdict.NOT_APPLICABLE),
        ({"auth": {"second_factor": "required"}}, Verdict.PASS),
    ],
)
def test_a_second_factor_that_is_only_offered(
    tmp_path: Path, more: dict[str, object], verdict: Verdict
) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path, **more})
    assert line(settings, "second factor").verdict is verdict


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, Verdict.PASS),
        ({"lab": True}, Verdict.NOT_APPLICABLE),
        ({"conference": {"clear_text_hosts": ("mcu.tinh.example",)}}, Verdict.FAIL),
    ],
)
def test_a_waiver_of_https_is_told(
    tmp_path: Path, more: dict[str, object], verdict: Verdict
) -> None:
    found = line(Settings.model_validate({"data_dir": tmp_path, **more}), "HTTP")
    assert found.verdict is verdict
    assert ("mcu.tinh.example" in found.detail) == (verdict is Verdict.FAIL)


def test_a_program_that_is_missing_names_its_package(settings: Settings) -> None:
    own = settings.prometheus.model_copy(update={"binary": "no-such-program"})
    found = line(settings.model_copy(update={"prometheus": own}), "program prometheus.binary")
    assert found.verdict is Verdict.FAIL
    assert "apt-get install" in found.fix


def test_a_taken_port_while_nothing_runs(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        listen = settings.api.listen.model_copy(update={"port": holder.getsockname()[1]})
        api = settings.api.model_copy(update={"listen": listen})
        found = line(settings.model_copy(update={"api": api}), "port api.listen")
    assert found.verdict is Verdict.FAIL
    assert line(settings, "hatang up").verdict is Verdict.FAIL


def test_processes_that_run_are_told_apart(settings: Settings) -> None:
    children = {
        "api": {"state": "ready", "restarts": 0},
        "worker": {"state": "waiting", "restarts": 9},
    }
    (settings.data_dir / "run").mkdir(exist_ok=True)
    status = settings.data_dir / "run" / "status.json"
    status.write_text(json.dumps({"pid": os.getpid(), "children": children}), "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as holder, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # it takes the port and answers nobody
        given = {
            name: getattr(settings, name).model_copy(
                update={"listen": Listen(port=held.getsockname()[1])}
            )
            for name, held in (("api", holder), ("jobs", silent))
        }
        found = {each.subject: each for each in examine(settings.model_copy(update=given))}
    assert found["process api"].is_good
    assert "worker.log" in found["process worker"].fix
    assert found["port api.listen"].is_good
    assert found["port jobs.listen"].verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("state", "verdict"), [(0, Verdict.PASS), (5, Verdict.FAIL), (-1, Verdict.UNKNOWN)]
)
def test_a_clock_that_is_not_known_is_not_good(state: int, verdict: Verdict) -> None:
    found = machine.clock_line(state)
    assert found.verdict is verdict
    assert found.is_good is (verdict is Verdict.PASS)


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LEAST_FREE_SHARE", 1.1)
    assert {each.verdict for each in machine.disk_lines(tmp_path)} == {Verdict.FAIL}


def test_a_check_that_breaks_hides_no_other(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_settings: Settings) -> list[Checked]:
        raise RuntimeError("no /proc here")

    groups = {**examination.GROUPS, "machine": broken}
    monkeypatch.setattr(examination, "GROUPS", groups)
    assert line(settings, "machine").verdict is Verdict.ERROR
    assert line(settings, "master key").is_good
