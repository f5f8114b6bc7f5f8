"""A wrong option, setting, port, directory or missing program: one sentence, exit 2."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest
import typer

from cli import exits
from cli.main import build, run
from hatang import statedir

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang


def refused(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(words) == exits.USAGE
    seen = capfd.readouterr()
    assert "Traceback" not in seen.err + seen.out
    return seen.err


def test_an_unknown_option(capfd: pytest.CaptureFixture[str]) -> None:
    assert "--bogus" in refused(capfd, "device", "list", "--bogus")


def test_a_form_nobody_knows(capfd: pytest.CaptureFixture[str]) -> None:
    assert "table or json" in refused(capfd, "playbook", "list", "--format", "xml")


def test_every_wrong_setting_is_named(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HATANG_COLOUR", "red")
    monkeypatch.setenv("HATANG_API__LISTEN__PORT", "99999")
    told = refused(capfd, "check", "config")
    assert "HATANG_COLOUR" in told
    assert "HATANG_API__LISTEN__PORT" in told


def test_a_settings_file_that_is_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    assert "x.toml" in refused(capfd, "up", "--config", "x.toml")


def test_a_data_directory_nobody_made(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HATANG_DATA_DIR", str(tmp_path / "none"))
    assert "hatang init" in refused(capfd, "device", "list")


def test_a_data_directory_that_cannot_be_written(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HATANG_DATA_DIR", "/proc/hatang")
    assert "/proc/hatang cannot be used" in refused(capfd, "init")


def test_a_data_directory_of_a_newer_hatang(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "layout").write_text(f"{statedir.LAYOUT + 1}\n")
    monkeypatch.setenv("HATANG_DATA_DIR", str(tmp_path))
    assert "newer hatang" in refused(capfd, "init")


def test_tables_of_a_newer_hatang(hatang: Hatang) -> None:
    with hatang.database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for words in (("init",), ("device", "list", "--as", "lan")):
        ran = hatang(*words)
        assert ran.status == exits.USAGE
        assert "newer hatang (schema 9999)" in ran.err


def test_a_lost_key_is_never_replaced(hatang: Hatang) -> None:
    (hatang.data_dir / "keys" / "master.key").unlink()
    ran = hatang("init")
    assert ran.status == exits.USAGE
    assert "master" in ran.err
    assert not (hatang.data_dir / "keys" / "master.key").exists()


def test_a_taken_port_and_a_missing_program_are_told_together(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        monkeypatch.setenv("HATANG_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("HATANG_API__LISTEN__PORT", str(holder.getsockname()[1]))
        monkeypatch.setenv("HATANG_PROMETHEUS__BINARY", "no-such-prometheus")
        told = refused(capfd, "up")
    assert "api.listen" in told
    assert "no-such-prometheus" in told
    assert not (tmp_path / "data").exists()


def test_init_twice_tells_the_password_once(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HATANG_DATA_DIR", str(tmp_path / "data"))
    assert [run(("init",)), run(("init",))] == [exits.OK, exits.OK]
    seen = capfd.readouterr()
    assert (seen.out + seen.err).count("password: ") == 1


def test_settings_are_shown_without_starting(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HATANG_DATA_DIR", str(tmp_path / "data"))
    assert run(("check", "config")) == exits.OK
    assert json.loads(capfd.readouterr().out)["api"] == "127.0.0.1:8080"
    assert not (tmp_path / "data").exists()


def commands() -> dict[str, object]:
    found: dict[str, object] = {}
    app = build()
    for info in app.registered_commands:
        found[str(info.name)] = info.callback
    for group in app.registered_groups:
        assert isinstance(group.typer_instance, typer.Typer)
        for info in group.typer_instance.registered_commands:
            found[f"{group.typer_instance.info.name} {info.name}"] = info.callback
    return found


@pytest.mark.parametrize("name", commands())
def test_every_command_explains_itself_with_an_example(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run((*name.split(), "--help")) == exits.OK
    shown = capfd.readouterr().out
    assert "--format" in shown
    if name not in {"api", "worker", "monitor"}:
        assert "Example:" in shown


def test_the_statuses_are_in_the_help(capfd: pytest.CaptureFixture[str]) -> None:
    run(("--help",))
    shown = " ".join(capfd.readouterr().out.split())
    assert all(f"{status}: " in shown for status in exits.MEANINGS)
