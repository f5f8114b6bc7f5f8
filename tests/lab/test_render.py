"""The files a node gets."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab import keys
from lab.address import parse_prefix
from lab.province import draw
from lab.render import agents, frr
from lab.render.node import COMMIT_CONFIRM, files, start_script
from lab.topology import Kind, Province

if TYPE_CHECKING:
    from lab.keys import Secrets


@pytest.fixture(scope="module")
def province() -> Province:
    return draw(parse_prefix("10.250.0.0/16"), 1)


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Secrets:
    return keys.load_or_create(tmp_path_factory.mktemp("lab") / "secrets.json")


def test_wide_area_ports_speak_ospf_with_a_patient_dead_timer(province: Province) -> None:
    text = frr.configuration(province.nodes["hub-2"], province)
    assert " ip ospf dead-interval 12\n ip ospf hello-interval 3\n" in text


def test_a_core_reflects_routes_to_its_hubs_only(province: Province) -> None:
    text = frr.configuration(province.nodes["core-1"], province)
    assert text.count("route-reflector-client") == 3
    assert "neighbor 10.250.0.2 route-reflector-client" not in text


def test_a_commune_of_hub_3_speaks_ebgp_and_no_ospf(province: Province) -> None:
    text = frr.configuration(province.nodes["xa-09"], province)
    assert "router bgp 65109" in text
    assert "remote-as 65000" in text
    assert "ospf" not in text


def test_both_cores_hold_the_gateway_and_core_1_first(province: Province) -> None:
    texts = [frr.configuration(province.nodes[name], province) for name in ("core-1", "core-2")]
    assert all(" vrrp 1 ip 10.250.9.1\n" in text for text in texts)
    assert "priority 200" in texts[0]
    assert "priority 100" in texts[1]


def test_snmp_needs_authentication_and_privacy(province: Province, secrets: Secrets) -> None:
    for node in province.of_kind(Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS):
        text = agents.snmpd_conf(node, secrets, "dc")
        assert f"rouser {keys.SNMP_USER} priv\n" in text
        assert "community" not in text


def test_no_two_nodes_are_one_snmp_engine(province: Province, secrets: Secrets) -> None:
    nodes = list(province.of_kind(Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS))
    texts = [agents.snmpd_conf(node, secrets, "dc") for node in nodes]
    first = [text.splitlines()[0] for text in texts]
    # RFC 3411: the format octets(5), and 5 to 32 octets in all.
    assert all(re.fullmatch(r"exactEngineID 0x80001f8805[0-9a-f]{24}", line) for line in first)
    assert len(set(first)) == len(nodes)


def test_a_node_remembers_its_engine_so_that_its_boots_go_on(
    province: Province, secrets: Secrets
) -> None:
    node = province.nodes["srv-dns"]
    script = start_script(node, province, secrets)
    count = script.index(f"oldEngineID {agents.engine_id(node)}\\nengineBoots $(")
    assert count < script.index("/usr/sbin/snmpd")


def test_no_secret_stands_in_a_start_script(province: Province, secrets: Secrets) -> None:
    hidden = [secrets.snmp_auth, secrets.snmp_priv, secrets.ops_password, secrets.janus_admin]
    for node in province.of_kind(Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS):
        script = start_script(node, province, secrets)
        assert not [word for word in hidden if word in script]


def test_files_with_secrets_are_private(province: Province, secrets: Secrets) -> None:
    hidden = [secrets.snmp_auth, secrets.janus_admin, "PRIVATE KEY"]
    for node in province.of_kind(Kind.ROUTER, Kind.SWITCH, Kind.SERVER, Kind.UPS):
        for file in files(node, province, secrets):
            if any(word in file.text for word in hidden):
                assert file.mode == 0o600, file.path


def test_start_scripts_are_valid_shell(province: Province, secrets: Secrets) -> None:
    for name in ("core-1", "xa-09", "dc-sw-1", "so-yt-sw-1", "srv-mail", "ups-hub-1"):
        script = start_script(province.nodes[name], province, secrets)
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    "script", [COMMIT_CONFIRM, *Path(agents.__file__).parents[1].glob("files/*.sh")]
)
def test_scripts_are_valid_shell(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_secrets_survive_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = keys.load_or_create(path)
    assert keys.load_or_create(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
