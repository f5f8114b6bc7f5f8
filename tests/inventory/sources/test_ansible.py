"""An Ansible inventory is read, never carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import InvalidInputError
from inventory import records
from inventory.sources import ansible
from inventory.sources.mapping import Mapping

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

INI = """\
[hubs]
hub-1 ansible_host=10.1.1.1 ansible_port=2222 ansible_password=rat-bi-mat
[firewall]
fw-1 ansible_host=2001:db8::1 ansible_network_os=fortinet.fortios.fortios
[here]
localhost ansible_connection=local
[net:children]
hubs
firewall
[net:vars]
hatang_site=dc
"""
MAPPING = Mapping.model_validate({"roles": {"hubs": "hub"}, "defaults": {"platform": "linux"}})


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    path = tmp_path / "hosts.ini"
    path.write_text(INI, encoding="utf-8")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "hubs.yml").write_text("ansible_network_os: ios\n")
    return path


def devices(path: Path, mapping: Mapping = MAPPING) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ansible.read(path, mapping).tree.root["devices"]
    return found


def test_hosts_become_devices_with_what_their_groups_say(hosts: Path) -> None:
    fw, hub = devices(hosts)
    assert hub == {
        "name": "hub-1", "site": "dc", "role": "hub", "platform": "cisco_ios",
        "primary_ip4": "10.1.1.1", "ports": {"ssh": 2222},
    }  # fmt: skip
    assert fw == {
        "name": "fw-1", "site": "dc", "role": "firewall", "platform": "fortinet",
        "primary_ip6": "2001:db8::1",
    }  # fmt: skip


def test_a_directory_is_read_as_one_inventory(hosts: Path) -> None:
    more = "all: {hosts: {srv-1: {hatang_site: dc, hatang_role: server, ansible_host: 10.1.1.9}}}"
    (hosts.parent / "more.yml").write_text(more)
    assert [one["name"] for one in devices(hosts.parent)] == ["fw-1", "hub-1", "srv-1"]


def test_a_lack_names_the_host_and_how_to_say_it(hosts: Path) -> None:
    document = ansible.read(hosts, Mapping())
    found = records.collect(document.tree, document.name)
    told = [str(one) for one in document.explained(found.problems)]
    assert any("hosts.ini[hub-1]: role: is missing" in one and "hatang_role" in one for one in told)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plugin.yml", "plugin: constructed\nstrict: false\n"),
        ("code.yml", "all: {hosts: {a: !!python/object/apply:os.system ['touch {mark}']}}"),
        ("bomb.ini", "[a]\nx[0:99999999999] b=1\n"),
        ("none.yml", "- 1\n"),
    ],
)
def test_what_is_no_static_inventory_is_refused(tmp_path: Path, name: str, text: str) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / name
    path.write_text(text.replace("{mark}", str(mark)))
    with pytest.raises(InvalidInputError, match=name):
        ansible.read(path, MAPPING)
    assert not mark.exists()


@pytest.mark.parametrize("mode", [0o755, 0o644])
def test_a_program_is_not_started(tmp_path: Path, mode: int) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / "inventory.sh"
    path.write_text(f"#!/bin/sh\ntouch {mark}\necho '{{}}'\n")
    path.chmod(mode)
    with pytest.raises(InvalidInputError, match="is a program"):
        ansible.read(path, MAPPING)
    assert not mark.exists()


def test_a_template_in_a_value_stays_text(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = tmp_path / "hosts.yml"
    lookup = "{{ lookup('pipe', 'touch " + str(mark) + "') }}"
    path.write_text(f'all: {{hosts: {{r1: {{hatang_serial: "{lookup}", hatang_site: dc}}}}}}')
    (device,) = devices(path)
    assert device["serial"] == lookup
    assert not mark.exists()


def test_a_configuration_beside_it_changes_nothing(hosts: Path, tmp_path: Path) -> None:
    (tmp_path / "ansible.cfg").write_text("[defaults]\nvault_password_file = /nowhere\n")
    assert len(devices(hosts)) == 2


def test_secrets_stay_where_they_are(hosts: Path) -> None:
    assert "rat-bi-mat" not in str(ansible.read(hosts, MAPPING).tree.root)
