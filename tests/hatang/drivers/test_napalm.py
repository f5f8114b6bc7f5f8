"""NAPALM drivers: opened only where the peer is proven, and refused where it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from napalm.base.exceptions import MergeConfigException
from netmiko.scp_handler import SCPConn

from hatang.drivers.hostkeys import FixedHostKeys
from hatang.drivers.napalm import NapalmOptions, NapalmSession, open_napalm
from hatang.drivers.target import SshLogin, Target
from hatang.drivers.tls import TlsTrust
from hatang.errors import DriverError, Reason
from tests.hatang.drivers.httpserver import GOOD, make_certificate
from tests.hatang.drivers.sshserver import LOGIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hatang.drivers.httpserver import HttpsServer
    from tests.hatang.drivers.sshserver import SshServer

IOS = NapalmOptions("ios")


@pytest.fixture
def ios(ssh_server: SshServer) -> Iterator[NapalmSession]:
    with open_napalm(ssh_server.target, LOGIN, ssh_server.host_keys, IOS) as session:
        yield session


def test_ios_logs_in_with_the_enrolled_key(ios: NapalmSession) -> None:
    assert ios.call("is_alive") == {"is_alive": True}
    assert ios.device.device.alt_key_file


def test_ios_with_a_wrong_host_key_is_refused_before_any_authentication(
    ssh_server: SshServer,
) -> None:
    known = ssh_server.host_keys
    ssh_server.change_key()
    with pytest.raises(DriverError) as caught:
        open_napalm(ssh_server.target, LOGIN, known, IOS)
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH
    assert ssh_server.attempts == []


def test_junos_with_a_wrong_host_key_is_refused_before_any_authentication(
    ssh_server: SshServer,
) -> None:
    known = ssh_server.host_keys
    ssh_server.change_key()
    with pytest.raises(DriverError) as caught:
        open_napalm(ssh_server.target, LOGIN, known, NapalmOptions("junos_read"))
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH
    assert ssh_server.attempts == []


def test_junos_logs_in_with_the_enrolled_key(ssh_server: SshServer) -> None:
    options = NapalmOptions("junos_read", timeout_seconds=1)
    with pytest.raises(DriverError) as caught:  # the server speaks no NETCONF
        open_napalm(ssh_server.target, LOGIN, ssh_server.host_keys, options)
    assert caught.value.reason is not Reason.HOST_KEY_MISMATCH
    assert ssh_server.attempts


def test_arguments_cannot_switch_the_proof_off(ssh_server: SshServer) -> None:
    known = ssh_server.host_keys
    ssh_server.change_key()
    off = {"ssh_strict": False, "alt_host_keys": False, "transport": "telnet", "alt_key_file": ""}
    with pytest.raises(DriverError) as caught:
        open_napalm(ssh_server.target, LOGIN, known, NapalmOptions("ios", optional_args=off))
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH
    assert ssh_server.attempts == []


def test_a_file_copy_goes_over_scp_to_the_proven_server(
    ios: NapalmSession, ssh_server: SshServer, tmp_path: Path
) -> None:
    source = tmp_path / "candidate"
    source.write_text("hostname r1\n")
    copy = SCPConn(ios.device.device)
    copy.scp_put_file(str(source), "candidate.txt")
    copy.close()
    assert (ssh_server.folder / "candidate.txt").read_text() == "hostname r1\n"


def test_a_file_copy_to_another_server_is_refused_before_any_authentication(
    ios: NapalmSession, ssh_server: SshServer
) -> None:
    ssh_server.change_key()
    ssh_server.attempts.clear()
    ios.device.copy_a_file = lambda: SCPConn(ios.device.device)
    with pytest.raises(DriverError) as caught:
        ios.call("copy_a_file")
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH
    assert ssh_server.attempts == []


def test_eapi_logs_in_to_the_pinned_certificate(https_server: HttpsServer) -> None:
    https_server.authorizations.clear()
    options = NapalmOptions("eos", trust=TlsTrust.pinned(https_server.der))
    with open_napalm(_eapi(https_server), LOGIN, FixedHostKeys({}), options) as session:
        assert session.call("is_alive") == {"is_alive": True}
    assert set(https_server.authorizations) == {GOOD}


def test_eapi_with_a_wrong_password_is_an_authentication_failure(
    https_server: HttpsServer,
) -> None:
    options = NapalmOptions("eos", trust=TlsTrust.pinned(https_server.der))
    with pytest.raises(DriverError) as caught:
        open_napalm(_eapi(https_server), SshLogin("ops", "x"), FixedHostKeys({}), options)
    assert caught.value.reason is Reason.AUTH_FAILED


def test_eapi_sends_nothing_to_another_certificate(https_server: HttpsServer) -> None:
    https_server.authorizations.clear()
    other, _ = make_certificate()
    for trust in (TlsTrust.pinned(other.tbs_certificate_bytes), TlsTrust()):
        with pytest.raises(DriverError) as caught:
            open_napalm(
                _eapi(https_server), LOGIN, FixedHostKeys({}), NapalmOptions("eos", trust=trust)
            )
        assert caught.value.reason is Reason.CERTIFICATE_INVALID
    assert https_server.authorizations == []


def test_eapi_without_a_proof_is_refused(https_server: HttpsServer) -> None:
    with pytest.raises(DriverError) as caught:
        open_napalm(_eapi(https_server), LOGIN, FixedHostKeys({}), NapalmOptions("eos"))
    assert caught.value.reason is Reason.CERTIFICATE_INVALID


@pytest.mark.parametrize("driver", ["iosxr", "iosxr_netconf", "nxos", "made-up"])
def test_a_driver_that_cannot_prove_its_peer_is_refused(driver: str) -> None:
    with pytest.raises(DriverError) as caught:
        open_napalm(Target("r", "127.0.0.1", 9), LOGIN, FixedHostKeys({}), NapalmOptions(driver))
    assert caught.value.reason is Reason.NOT_SUPPORTED


class OwnDriver:
    """As a driver of our own: it is handed what it needs to prove its peer."""

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        self.arguments = optional_args or {}
        self.closed = False

    def open(self) -> None:
        """Need nothing."""

    def close(self) -> None:
        self.closed = True

    def load_merge_candidate(self, config: str) -> None:
        raise MergeConfigException(f"line 1: {config}")


def test_a_driver_of_our_own_gets_the_host_keys_and_its_refusals_a_reason() -> None:
    keys = FixedHostKeys({})
    target = Target("r1", "127.0.0.1", 9)
    with open_napalm(target, LOGIN, keys, NapalmOptions(OwnDriver)) as session:
        assert session.device.arguments["host_keys"] is keys
        assert session.device.arguments["target"] == target
        with pytest.raises(DriverError, match="line 1") as caught:
            session.call("load_merge_candidate", "nonsense")
        assert caught.value.reason is Reason.REJECTED
    assert session.device.closed


def _eapi(server: HttpsServer) -> Target:
    return Target("sw1", "127.0.0.1", server.port)
