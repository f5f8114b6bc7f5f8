"""The inventory files the lab writes."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from lab import inventory, keys, large
from lab.address import parse_prefix
from lab.errors import LabError
from lab.province import draw
from lab.seeding import SeedOrder, credentials_toml, known_hosts, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> keys.Secrets:
    return keys.load_or_create(tmp_path_factory.mktemp("lab") / "secrets.json")


@pytest.fixture(scope="module")
def described(secrets: keys.Secrets) -> dict[str, list[dict[str, Any]]]:
    return inventory.describe(draw(parse_prefix("10.250.0.0/16"), 1), secrets)


@pytest.fixture(scope="module")
def big() -> dict[str, Any]:
    return large.describe(3)


def check_references(content: dict[str, Any]) -> None:
    units = {row["code"] for row in content["units"]}
    sites = {row["slug"] for row in content["sites"]}
    ports = {f"{d['name']}:{p['name']}" for d in content["devices"] for p in d["interfaces"]}
    circuits = {row["cid"] for row in content["circuits"]}
    assert {row["unit"] for row in content["sites"]} <= units
    assert {row["site"] for row in content["devices"] + content["rooms"]} <= sites
    assert {end for row in content["links"] for end in (row["a"], row["b"])} <= ports
    assert {row["circuit"] for row in content["links"] if "circuit" in row} == circuits
    assert {end for row in content["circuits"] for end in (row["a"], row["z"])} <= sites


def test_every_reference_of_the_lab_resolves(described: dict[str, Any]) -> None:
    check_references(described)


def test_every_reference_of_the_big_province_resolves(big: dict[str, Any]) -> None:
    check_references(big)


def test_the_big_province_has_700_sites_and_repeats_itself(big: dict[str, Any]) -> None:
    assert len(big["sites"]) == 700
    assert large.describe(3) == big


def test_no_secret_stands_in_the_inventory(
    described: dict[str, Any], secrets: keys.Secrets
) -> None:
    text = yaml.safe_dump(described)
    assert secrets.snmp_auth not in text
    assert "PRIVATE KEY" not in text


def test_every_named_credential_is_in_the_secrets_file(
    described: dict[str, Any], secrets: keys.Secrets
) -> None:
    held = tomllib.loads(credentials_toml(secrets))["credentials"]
    named = {name for row in described["devices"] for name in row["credentials"].values()}
    named |= {row["credential"] for row in described["bridges"]}
    assert named <= held.keys()


def test_the_private_key_survives_the_file(secrets: keys.Secrets) -> None:
    held = tomllib.loads(credentials_toml(secrets))["credentials"]
    assert held["lab-ssh"]["private_key"] == secrets.client_key


def test_known_hosts_hold_the_keys_of_the_inventory(
    described: dict[str, Any], secrets: keys.Secrets
) -> None:
    text = known_hosts(draw(parse_prefix("10.250.0.0/16"), 1), secrets)
    for row in described["devices"]:
        for key in row.get("host_keys", []):
            if key.startswith("x509-certificate "):
                continue
            assert f"{row['primary_ip4']},{row['name']} {key}\n" in text


def test_an_unknown_profile_is_refused(tmp_path: Path) -> None:
    order = SeedOrder("hanoi", tmp_path / "out.yaml", None, None, 1)
    with pytest.raises(LabError, match="tinh-700"):
        write(order, tmp_path)


def test_the_lab_profile_needs_a_running_lab(tmp_path: Path) -> None:
    order = SeedOrder("lab", tmp_path / "out.yaml", None, None, 1)
    with pytest.raises(LabError, match="not up"):
        write(order, tmp_path)
