from __future__ import annotations

import socket

import pytest

from hatang.errors import SettingsError
from hatang.settings import Listen, Settings, check_port_free, check_program, check_start


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        listen = Listen(port=holder.getsockname()[1])
        with pytest.raises(SettingsError, match=r"api\.listen = 127\.0\.0\.1:\d+") as caught:
            check_port_free(listen, "api.listen")
        assert str(listen.port) in caught.value.fix
    check_port_free(listen, "api.listen")


def test_a_missing_program_is_named_with_its_setting() -> None:
    with pytest.raises(SettingsError, match=r"prometheus\.binary") as caught:
        check_program("no-such-program", "prometheus.binary")
    assert "full path" in caught.value.fix


def test_a_program_is_found_on_the_path() -> None:
    assert check_program("sh", "x").is_absolute()


def test_everything_that_hinders_the_start_is_told_at_once() -> None:
    settings = Settings.model_validate_json(
        '{"prometheus": {"binary": "no-a"}, "alertmanager": {"binary": "no-b"}}'
    )
    with pytest.raises(SettingsError) as caught:
        check_start(settings)
    assert "no-a" in str(caught.value)
    assert "no-b" in str(caught.value)
