"""Command sessions over SSH against a real server."""

from __future__ import annotations

import dataclasses
import socket
from typing import TYPE_CHECKING

import asyncssh
import pytest

from hatang import clock
from hatang.drivers.hostkeys import FixedHostKeys
from hatang.drivers.ssh import ParamikoSession, SshLimits, open_ssh, scan
from hatang.drivers.target import SshLogin, Target
from hatang.errors import DriverError, Reason
from tests.hatang.drivers.sshserver import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hatang.drivers.sshserver import SshServer


@pytest.fixture
def session(ssh_server: SshServer) -> Iterator[ParamikoSession]:
    limits = SshLimits(output_bytes=1_000_000)
    session = open_ssh(ssh_server.target, LOGIN, ssh_server.host_keys, limits)
    yield session
    session.close()


def test_a_command_returns_its_output_and_status(session: ParamikoSession) -> None:
    assert session.run("uname").stdout == "ran uname\n"
    failed = session.run("fail 3")
    assert (failed.status, failed.stderr, failed.ok) == (3, "it did not work\n", False)


def test_input_larger_than_the_window_comes_back_whole(session: ParamikoSession) -> None:
    data = b"line\n" * 150_000
    assert session.run("cat", data).stdout.encode() == data


def test_a_command_that_prints_without_end_is_cut_off(session: ParamikoSession) -> None:
    with pytest.raises(DriverError, match="more than 1000000 bytes") as caught:
        session.run("flood")
    assert caught.value.reason is Reason.PROTOCOL_ERROR


def test_a_command_that_hangs_ends_at_its_deadline(session: ParamikoSession) -> None:
    started = clock.monotonic()
    with pytest.raises(DriverError) as caught:
        session.run("hang", timeout_seconds=0.3)
    assert caught.value.reason is Reason.TIMEOUT
    assert clock.monotonic() - started < 3


def test_an_uploaded_file_is_private_and_whole(
    session: ParamikoSession, ssh_server: SshServer
) -> None:
    session.put("/candidate.conf", b"hostname r1\n")
    session.put("/candidate.conf", b"hostname r2\n")
    (written,) = ssh_server.folder.iterdir()
    assert written.read_bytes() == b"hostname r2\n"
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_private_key_logs_in(ssh_server: SshServer) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    ssh_server.authorized.append(key.export_public_key().decode())
    login = SshLogin("ops", private_key=key.export_private_key().decode())
    open_ssh(ssh_server.target, login, ssh_server.host_keys).close()


def test_a_wrong_host_key_is_refused_before_any_authentication(ssh_server: SshServer) -> None:
    known = ssh_server.host_keys
    ssh_server.change_key()
    with pytest.raises(DriverError, match="presented ssh-ed25519 host key SHA256:") as caught:
        open_ssh(ssh_server.target, LOGIN, known)
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH
    assert ssh_server.attempts == []


def test_a_host_without_an_enrolled_key_is_not_even_connected_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        target = Target("r9", "127.0.0.1", listener.getsockname()[1])
        with pytest.raises(DriverError) as caught:
            open_ssh(target, LOGIN, FixedHostKeys({}))
        assert caught.value.reason is Reason.HOST_KEY_MISMATCH
        with pytest.raises(TimeoutError):
            listener.accept()


def test_each_failure_to_log_in_has_its_reason(ssh_server: SshServer) -> None:
    wrong = dataclasses.replace(LOGIN, password="wrong")
    with pytest.raises(DriverError) as caught:
        open_ssh(ssh_server.target, wrong, ssh_server.host_keys)
    assert caught.value.reason is Reason.AUTH_FAILED
    known = ssh_server.host_keys
    ssh_server.stop()
    with pytest.raises(DriverError) as caught:
        open_ssh(ssh_server.target, LOGIN, known)
    assert caught.value.reason is Reason.REFUSED


def test_a_server_that_says_nothing_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = Target("r9", "127.0.0.1", listener.getsockname()[1])
        limits = SshLimits(connect_seconds=0.2, banner_seconds=0.2)
        with pytest.raises(DriverError) as caught:
            scan(target, limits)
    assert caught.value.reason is Reason.TIMEOUT


def test_a_scan_shows_the_key_without_logging_in(ssh_server: SshServer) -> None:
    assert scan(ssh_server.target) == [ssh_server.public_key]
    assert ssh_server.attempts == []


def test_no_secret_shows_in_a_login() -> None:
    shown = repr(SshLogin("ops", "s3cret", private_key="k3y", enable_password="en4ble"))
    assert not any(secret in shown for secret in ("s3cret", "k3y", "en4ble"))
