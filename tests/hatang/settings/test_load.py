from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from hatang.errors import SettingsError
from hatang.settings import InvalidSettingsError, Listen, Settings, load

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, text: str) -> Path:
    file = folder / "hatang.toml"
    file.write_text(text, "utf-8")
    return file


def test_defaults_start_on_loopback_without_any_file(tmp_path: Path) -> None:
    settings = load(environ={"HATANG_DATA_DIR": str(tmp_path)})
    assert settings.api.listen == Listen(host="127.0.0.1", port=8080)
    assert settings.timezone == "Asia/Ho_Chi_Minh"
    assert settings.database_url == f"sqlite:///{tmp_path}/hatang.sqlite3"
    assert settings.jobs_database_url != settings.database_url


def test_the_environment_stands_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, '[api.listen]\nport = 8000\nhost = "::1"\n[log]\nlevel = "debug"\n')
    settings = load(file, {"HATANG_API__LISTEN__PORT": "9000"})
    assert str(settings.api.listen) == "[::1]:9000"
    assert settings.log.level == "debug"


def test_a_list_in_the_environment_is_json_or_commas(tmp_path: Path) -> None:
    commas = load(environ={"HATANG_API__ALLOWED_HOSTS": "a.test, b.test"})
    as_json = load(environ={"HATANG_API__ALLOWED_HOSTS": '["a.test","b.test"]'})
    assert commas.api.allowed_hosts == as_json.api.allowed_hosts == ("a.test", "b.test")


def test_a_secret_comes_from_the_file_its_variable_names(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret\n")
    settings = load(environ={"HATANG_MONITORS__TOKEN_FILE": str(secret)})
    assert settings.monitors.token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(settings)


def test_a_database_password_does_not_show() -> None:
    settings = load(environ={"HATANG_DATABASE__URL": "postgresql+psycopg://u:hunter2@h/db"})
    assert "hunter2" not in repr(settings)


def test_every_problem_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    file = write(tmp_path, 'tymezone = "x"\n[api.listen]\nport = "80"\n[monitors]\nretries = 99\n')
    environ = {"HATANG_LANGUAGE": "fr", "HATANG_API__COLOUR": "red"}
    with pytest.raises(InvalidSettingsError) as caught:
        load(file, environ)
    problems = {problem.field: problem for problem in caught.value.problems}
    assert set(problems) == {
        "tymezone",
        "api.listen.port",
        "monitors.retries",
        "HATANG_LANGUAGE",
        "HATANG_API__COLOUR",
    }
    assert problems["tymezone"].fix == "Did you mean timezone?"
    assert problems["monitors.retries"].value == "99"
    assert all(problem.where in {str(file), "environment"} for problem in problems.values())
    assert all(problem.fix for problem in problems.values())


def test_a_wrong_secret_is_not_shown() -> None:
    with pytest.raises(InvalidSettingsError) as caught:
        load(environ={"HATANG_DATABASE__URL": "mysql://u:hunter2@h/db"})
    assert "hunter2" not in str(caught.value)


def test_giving_a_setting_and_its_file_is_a_problem(tmp_path: Path) -> None:
    environ = {"HATANG_MONITORS__TOKEN": "a", "HATANG_MONITORS__TOKEN_FILE": "/dev/null"}
    with pytest.raises(InvalidSettingsError, match="twice"):
        load(environ=environ)


def test_an_unreadable_secret_file_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettingsError, match="cannot be read"):
        load(environ={"HATANG_MONITORS__TOKEN_FILE": str(tmp_path / "absent")})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load(environ={"HATANG_CONFIG": str(tmp_path / "absent.toml")})


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="line 2"):
        load(write(tmp_path, 'language = "vi"\nlog = = 1\n'), {})


def test_variables_of_the_lab_are_not_settings() -> None:
    assert load(environ={"HATANG_LAB_STATE": "/tmp/x"}).lab is False


def test_settings_do_not_change_after_loading() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.lab = True  # type: ignore[misc]  # the point of the test


def test_mail_is_written_with_its_usual_words(tmp_path: Path) -> None:
    file = write(tmp_path, '[alertmanager.mail]\nfrom = "a@tinh.test"\nto = ["b@tinh.test"]\n')
    mail = load(file, {}).alertmanager.mail
    assert (mail.sender, mail.to) == ("a@tinh.test", ("b@tinh.test",))


@pytest.mark.parametrize("name", ["period_seconds", "timeout_seconds"])
def test_seconds_may_be_whole_in_the_file(tmp_path: Path, name: str) -> None:
    settings = load(write(tmp_path, f"[monitors]\n{name} = 5\n"), {})
    assert getattr(settings.monitors, name) == 5.0


def test_a_worker_is_not_declared_dead_for_one_missed_beat() -> None:
    environ = {"HATANG_JOBS__HEARTBEAT_SECONDS": "30", "HATANG_JOBS__DEAD_SECONDS": "60"}
    with pytest.raises(InvalidSettingsError, match="three times"):
        load(environ=environ)


@pytest.mark.parametrize(
    "text",
    [
        '[auth]\noidc_issuer = "https://id.tinh.example"',
        "[rsyslog]\nrun = true",
        "[monitors.trap_listen]\nport = 162",
    ],
)
def test_what_is_not_built_is_no_setting(tmp_path: Path, text: str) -> None:
    file = tmp_path / "hatang.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="is no setting"):
        load(file, {})
