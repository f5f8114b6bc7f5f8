"""The province in a box, running. Facts are taken from outside: echo, snmpwalk, ping."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.lab.conftest import eventually

if TYPE_CHECKING:
    from tests.lab.conftest import RunningLab

pytestmark = [pytest.mark.lab, pytest.mark.slow]

SYS_NAME = ".1.3.6.1.2.1.1.5.0"
BEHIND_HUB_2 = {
    "hub-2", "hub-2-sw-1", "ups-hub-2", "xa-05", "xa-06", "room-xa-05", "room-xa-06",
}  # fmt: skip


def snmp(lab: RunningLab, node: str, *security: str) -> str:
    address = lab.facts["nodes"][node]["mgmt_ip"]
    command = ["snmpget", "-t", "1", "-r", "1", "-Oqv", *security, address, SYS_NAME]
    prefix = ["nsenter", "-t", str(lab.facts["nodes"]["srv-dns"]["pid"]), "--all"]
    done = subprocess.run(prefix + command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def loss_percent(address: str) -> float:
    command = ["ping", "-q", "-c", "300", "-i", "0.005", "-W", "1", address]
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"([\d.]+)% packet loss", text)
    assert found, text
    return float(found[1])


def test_every_address_answers_in_band(running_lab: RunningLab) -> None:
    assert eventually(lambda: not running_lab.silent(), 20), running_lab.silent()


@pytest.mark.parametrize("node", ["core-1", "xa-05", "dc-sw-1", "ups-hub-2", "srv-portal"])
def test_snmp_answers_with_authentication_and_privacy(running_lab: RunningLab, node: str) -> None:
    held = running_lab.secrets
    keys = ["-a", "SHA", "-A", held.snmp_auth, "-x", "AES", "-X", held.snmp_priv]
    answer = snmp(running_lab, node, "-v3", "-l", "authPriv", "-u", "hatang", *keys)
    assert answer.strip('"\n') == node


def test_snmp_refuses_less_than_privacy(running_lab: RunningLab) -> None:
    held = running_lab.secrets
    keys = ["-a", "SHA", "-A", held.snmp_auth]
    weak = snmp(running_lab, "core-1", "-v3", "-l", "authNoPriv", "-u", "hatang", *keys)
    assert "authorizationError" in weak
    assert "Timeout" in snmp(running_lab, "core-1", "-v2c", "-c", "public")


def test_a_broken_hub_hides_its_communes_until_it_is_healed(running_lab: RunningLab) -> None:
    running_lab.run("break", "hub-2")
    try:
        assert eventually(lambda: running_lab.silent() == BEHIND_HUB_2, 20), running_lab.silent()
    finally:
        running_lab.run("heal", "hub-2")
    assert eventually(lambda: not running_lab.silent(), 40), running_lab.silent()


def test_a_broken_core_leaves_the_province_reachable_through_the_other(
    running_lab: RunningLab,
) -> None:
    running_lab.run("break", "core-1")
    try:
        assert eventually(lambda: running_lab.silent() == {"core-1"}, 30), running_lab.silent()
    finally:
        running_lab.run("heal", "core-1")
    assert eventually(lambda: not running_lab.silent(), 40), running_lab.silent()


def test_an_impaired_circuit_loses_the_configured_share(running_lab: RunningLab) -> None:
    address = running_lab.facts["nodes"]["hub-2"]["mgmt_ip"]
    running_lab.run("impair", "VNPT-002", "--loss", "20")
    try:
        lost = loss_percent(address)
    finally:
        running_lab.run("heal", "VNPT-002")
    assert 25 < lost < 47  # both directions: 36 %; 4 sigma of 300 echoes = 11
    assert loss_percent(address) < 2


def test_an_unconfirmed_change_takes_itself_back_and_is_journalled_once(
    running_lab: RunningLab,
) -> None:
    script = (
        "vtysh -c 'show running-config' | sed -n '/^frr version/,$p'"
        " | sed 's/^ description VNPT-002 .*/ description tried/' > /tmp/candidate;"
        " hatang-cc begin try 4 /tmp/candidate >/dev/null; hatang-cc status try"
    )
    assert running_lab.run("exec", "hub-2", "--", "bash", "-c", script).strip() == "pending"
    status = ("exec", "hub-2", "--", "hatang-cc", "status", "try")
    assert eventually(lambda: running_lab.run(*status).strip() == "rolledback", 20)
    assert "tried" not in running_lab.run("exec", "hub-2", "--", "vtysh", "-c", "show run")
    journal = running_lab.run("journal", "hub-2")
    assert [journal.count(f'"{word}"') for word in ("apply", "revert")] == [1, 1]


def test_a_second_up_is_refused_in_one_sentence(running_lab: RunningLab) -> None:
    answer = running_lab.refusal("up", "--state", str(running_lab.directory))
    assert answer.startswith("hatang-lab: The lab is up already")
    assert answer.count("\n") == 1


@pytest.mark.parametrize(
    ("cable", "node"), [("hub-2--hub-2-sw-1", "hub-2-sw-1"), ("dc-sw-1--host", "srv-portal")]
)
def test_an_impaired_cable_loses_the_configured_share_until_it_is_healed(
    running_lab: RunningLab, cable: str, node: str
) -> None:
    address = running_lab.facts["nodes"][node]["mgmt_ip"]
    running_lab.run("impair", cable, "--loss", "20")
    try:
        lost = loss_percent(address)
        seen = json.loads(running_lab.run("status", "--format", "json"))
    finally:
        running_lab.run("heal", cable)
    counted = seen["links"][cable]["wire"]
    dropped = sum(sum(counted[way]["dropped"].values()) for way in ("a_to_z", "z_to_a"))
    assert seen["impairment"] in {"netem", "wire"}
    assert 25 < lost < 47  # as above
    assert dropped >= lost * 3  # of 300 echoes; other frames get lost too
    assert loss_percent(address) < 2
    healed = json.loads(running_lab.run("status", "--format", "json"))["links"][cable]
    assert healed["wire"] is None
