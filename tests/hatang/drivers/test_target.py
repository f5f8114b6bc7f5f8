"""Logins out of stored credentials."""

from __future__ import annotations

import pytest

from hatang.drivers.target import AuthProtocol, SnmpUser, SshLogin
from hatang.errors import NotFoundError
from hatang.secrets.credential import Credential


def test_an_ssh_login_takes_what_the_credential_has() -> None:
    credential = Credential("lab-ssh", "ssh", {"username": "ops", "password": "p"})
    assert SshLogin.of(credential) == SshLogin("ops", password="p")


def test_an_snmp_user_takes_protocols_or_their_defaults() -> None:
    fields = {"username": "nms", "auth_password": "a", "priv_password": "p"}
    assert SnmpUser.of(Credential("s", "snmpv3", fields)) == SnmpUser("nms", "a", "p")
    stronger = Credential("s", "snmpv3", {**fields, "auth_protocol": "SHA256"})
    assert SnmpUser.of(stronger).auth_protocol is AuthProtocol.SHA256


def test_an_snmp_user_needs_both_passwords() -> None:
    with pytest.raises(NotFoundError, match="auth_password"):
        SnmpUser.of(Credential("s", "snmpv3", {"username": "nms"}))
