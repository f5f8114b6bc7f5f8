"""Fixtures: one IOS and one EOS switch, fresh for each test."""

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME, Switch

Boot = Callable[..., Switch]

INTERFACES = {
    "ios": [f"GigabitEthernet1/0/{number}" for number in (1, 2, 3)],
    "eos": [f"Ethernet{number}" for number in (1, 2, 3)],
    "vrp": ["10GE1/0/1", "10GE1/0/2"],
    "comware": ["GigabitEthernet1/0/1", "GigabitEthernet1/0/2"],
    "nxos": ["Ethernet1/1", "Ethernet1/2"],
    "iosxr": ["GigabitEthernet0/0/0/1", "GigabitEthernet0/0/0/2"],
    "routeros": [],
    "fortios": [],
}
MANAGEMENT = {
    "ios": "Vlan1",
    "eos": "Management1",
    "vrp": "MEth0/0/0",
    "comware": "M-GigabitEthernet0/0/0",
    "nxos": "mgmt0",
    "iosxr": "MgmtEth0/RP0/CPU0/0",
    "routeros": "ether1",
    "fortios": "mgmt",
}


def certificate(directory: Path) -> dict[str, str]:
    """A self-signed certificate for the listen address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "switch")])
    start = datetime(2024, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LISTEN))]), False)
        .sign(key, hashes.SHA256())
    )
    paths = {"certificate": directory / "cert.pem", "key": directory / "key.pem"}
    paths["certificate"].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths["key"].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return {name: str(path) for name, path in paths.items()}


def boots(directory: Path) -> Iterator[Boot]:
    """Boot switches of a persona, with any setting overridden; end them at the end."""
    switches: list[Switch] = []

    def start(persona: str, prefix: tuple[str, ...] = (), **extra: Any) -> Switch:
        key = asyncssh.generate_private_key("ssh-ed25519")
        (directory / "host_key").write_bytes(key.export_private_key())
        settings = {**defaults(persona, directory), **extra}
        switch = Switch(directory, settings, prefix=prefix)
        switch.host_key = key.export_public_key().decode().strip()
        switches.append(switch)
        return switch.start()

    yield start
    for switch in switches:
        if switch.process:
            switch.end(signal.SIGKILL)


def defaults(persona: str, directory: Path) -> dict[str, Any]:
    """Settings of a switch with three ports and no kernel behind them."""
    return {
        "persona": persona,
        "hostname": f"{persona}-1",
        "listen": LISTEN,
        "username": USERNAME,
        "password": PASSWORD,
        "interfaces": {name: f"eth{i}" for i, name in enumerate(INTERFACES[persona], 1)},
        "management_interface": MANAGEMENT[persona],
        "journal": str(directory / "journal.jsonl"),
        "state_dir": str(directory / "state"),
        "host_key": str(directory / "host_key"),
        **certificate(directory),
    }


@pytest.fixture
def boot(tmp_path: Path) -> Iterator[Boot]:
    """Boot switches for one test."""
    yield from boots(tmp_path)


@pytest.fixture(scope="session")
def shared_ios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Switch]:
    """An IOS switch for tests that only look at it."""
    for start in boots(tmp_path_factory.mktemp("ios")):
        yield start("ios")


@pytest.fixture(scope="session")
def shared_eos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Switch]:
    """An EOS switch for tests that only look at it."""
    for start in boots(tmp_path_factory.mktemp("eos")):
        yield start("eos")


@pytest.fixture
def ios(boot: Boot) -> Switch:
    """An IOS switch whose minute of commit timer lasts half a second."""
    return boot("ios", clock_factor=120)


@pytest.fixture
def eos(boot: Boot) -> Switch:
    """An EOS switch whose minute of commit timer lasts half a second."""
    return boot("eos", clock_factor=120)
