"""Through a jump host, with both host keys proven; over SHA-1 under a waiver only."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import asyncssh
import pytest

from hatang.drivers.cli import CliOptions, open_cli
from hatang.drivers.hostkeys import FixedHostKeys
from hatang.drivers.ssh import open_ssh, scan
from hatang.drivers.target import Allowance, Hop, SshLogin, Target
from hatang.errors import DriverError, Reason
from tests.hatang.drivers.sshserver import LOGIN

if TYPE_CHECKING:
    from tests.hatang.drivers.sshserver import SshServer

FRR = CliOptions("frr_vtysh", error_pattern=r"^% ", read_seconds=5)
WEAK = ("diffie-hellman-group14-sha1",)  # asyncssh signs better than it is asked to


def behind(jump: SshServer, device: SshServer) -> tuple[Target, FixedHostKeys]:
    """The device behind the jump host, and the enrolled keys of both."""
    keys = {
        ("127.0.0.1", jump.port): [jump.public_key],
        ("127.0.0.1", device.port): [device.public_key],
    }
    return replace(device.target, via=Hop(jump.target, LOGIN)), FixedHostKeys(keys)


def test_a_command_reaches_the_device_through_its_jump_host(
    jump_server: SshServer, ssh_server: SshServer
) -> None:
    target, keys = behind(jump_server, ssh_server)
    with closing(open_ssh(target, LOGIN, keys)) as session:
        assert session.run("uname").stdout == "ran uname\n"
    assert jump_server.tunnels == [("127.0.0.1", ssh_server.port)]


def test_a_command_line_reaches_the_device_through_its_jump_host(
    jump_server: SshServer, ssh_server: SshServer
) -> None:
    target, keys = behind(jump_server, ssh_server)
    with closing(open_cli(target, LOGIN, keys, FRR)) as session:
        assert "FRRouting" in session.show("show version")
    assert jump_server.tunnels == [("127.0.0.1", ssh_server.port)]


@pytest.mark.parametrize("false", ["jump", "device"])
def test_a_wrong_key_on_either_hop_is_refused_before_any_authentication_there(
    jump_server: SshServer, ssh_server: SshServer, false: str
) -> None:
    target, keys = behind(jump_server, ssh_server)
    wrong = jump_server if false == "jump" else ssh_server
    wrong.change_key()
    for opened in (
        lambda: open_ssh(target, LOGIN, keys),
        lambda: open_cli(target, LOGIN, keys, FRR),
    ):
        with pytest.raises(DriverError) as caught:
            opened()
        assert caught.value.reason is Reason.HOST_KEY_MISMATCH
    assert wrong.attempts == []


def test_a_server_of_sha1_only_is_named_as_such_and_gets_no_login(old_server: SshServer) -> None:
    for opened in (
        lambda: open_ssh(old_server.target, LOGIN, old_server.host_keys),
        lambda: open_cli(old_server.target, LOGIN, old_server.host_keys, FRR),
    ):
        with pytest.raises(DriverError) as caught:
            opened()
        assert caught.value.reason is Reason.LEGACY_ONLY
    assert old_server.attempts == []


def test_a_waiver_lets_sha1_be_spoken_and_tells_that_it_was(old_server: SshServer) -> None:
    allowance = Allowance("waiver/1")
    target = replace(old_server.target, legacy=allowance)
    with closing(open_ssh(target, LOGIN, old_server.host_keys)) as session:
        assert session.run("uname").stdout == "ran uname\n"
    assert allowance.used == WEAK
    other = Allowance("waiver/1")
    target = replace(target, legacy=other)
    with closing(open_cli(target, LOGIN, old_server.host_keys, FRR)) as session:
        assert "FRRouting" in session.show("show version")
    assert other.used == WEAK


def test_an_rsa_key_signs_with_sha1_where_the_server_knows_nothing_else(
    old_server: SshServer,
) -> None:
    key = old_server.key
    old_server.authorized.append(key.export_public_key().decode())
    login = SshLogin("ops", private_key=key.export_private_key().decode())
    target = replace(old_server.target, legacy=Allowance("waiver/1"))
    open_ssh(target, login, old_server.host_keys).close()


def test_under_a_waiver_a_wrong_host_key_is_refused_all_the_same(old_server: SshServer) -> None:
    known = old_server.host_keys
    old_server.key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    old_server.stop()
    old_server.start()
    target = replace(old_server.target, legacy=Allowance("waiver/1"))
    with pytest.raises(DriverError) as caught:
        open_ssh(target, LOGIN, known)
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH
    assert old_server.attempts == []


def test_a_waiver_is_not_used_where_the_server_knows_better(ssh_server: SshServer) -> None:
    allowance = Allowance("waiver/1")
    open_ssh(replace(ssh_server.target, legacy=allowance), LOGIN, ssh_server.host_keys).close()
    assert allowance.used == ()


def test_the_key_of_an_old_server_can_be_looked_at(old_server: SshServer) -> None:
    assert scan(old_server.target) == [old_server.public_key]
