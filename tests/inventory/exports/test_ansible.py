"""What Ansible is told of the devices."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hatang.auth import Actor, Role
from hatang.errors import NotFoundError
from inventory.exports import ansible
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.planning import ImportPlan

pytestmark = pytest.mark.usefixtures("province")
HOSTILE = "{{ lookup('pipe', 'touch %s') }}"


@pytest.fixture
def listed(database: Database, engineer: Actor) -> dict[str, Any]:
    with database.read() as session:
        return ansible.ansible_inventory(session, engineer)


def bare(value: Any) -> list[str]:
    if isinstance(value, dict):
        marked = set(value) == {"__ansible_unsafe"}
        return [] if marked else [text for one in value.values() for text in bare(one)]
    if isinstance(value, list):
        return [text for one in value for text in bare(one)]
    return [value] if isinstance(value, str) else []


def test_every_string_of_a_device_is_marked_as_data(listed: dict[str, Any]) -> None:
    hostvars = listed["_meta"]["hostvars"]
    assert len(hostvars) == 5
    assert bare(hostvars) == []


@pytest.mark.parametrize(
    ("group", "hosts"),
    [
        ("site_dc", ["core-1", "srv-portal"]),
        ("unit_xa_01", ["rtr-01", "ups-01"]),
        ("role_commune_router", ["rtr-01", "rtr-02"]),
        ("platform_cisco_ios", ["rtr-02"]),
        ("status_active", ["core-1", "rtr-01", "rtr-02", "srv-portal", "ups-01"]),
    ],
)
def test_devices_are_grouped_by_what_they_are(
    listed: dict[str, Any], group: str, hosts: list[str]
) -> None:
    assert sorted(listed[group]["hosts"]) == hosts
    assert group in listed["all"]["children"]


def test_a_device_says_how_it_is_reached(database: Database, engineer: Actor) -> None:
    with database.read() as session:
        found = ansible.ansible_host(session, engineer, "rtr-02")
    assert found["ansible_port"] == 22
    assert found["ansible_network_os"] == {"__ansible_unsafe": "cisco.ios.ios"}
    # It has no address: its name is all there is to try.
    assert found["ansible_host"] == {"__ansible_unsafe": "rtr-02"}


def test_names_of_credentials_stay_here(listed: dict[str, Any]) -> None:
    assert "lab-ssh" not in str(listed)


def test_who_sees_no_device_is_told_of_none(database: Database) -> None:
    stranger = Actor(9, "khach", frozenset({Role.VIEWER}), frozenset())
    with database.read() as session:
        assert ansible.ansible_inventory(session, stranger)["_meta"]["hostvars"] == {}
        with pytest.raises(NotFoundError):
            ansible.ansible_host(session, stranger, "core-1")


@pytest.mark.slow
def test_ansible_reads_it_and_renders_nothing(
    database: Database,
    engineer: Actor,
    tmp_path: Path,
    load: Callable[[str], ImportPlan],
) -> None:
    canary = tmp_path / "executed"
    load(PROVINCE.replace('"Trung tâm dữ liệu"', json.dumps(HOSTILE % canary)))
    script = tmp_path / "inventory.py"
    with database.read() as session:
        text = json.dumps(ansible.ansible_inventory(session, engineer))
    (tmp_path / "list.json").write_text(text)
    script.write_text(f"#!/bin/sh\ncat {tmp_path / 'list.json'}\n")
    script.chmod(0o700)
    command = Path(sys.executable).with_name("ansible")
    arguments = ["core-1", "-i", str(script), "-c", "local", "-m", "debug"]
    done = subprocess.run(
        [str(command), *arguments, "-a", "msg={{ hatang_site_name }}"],
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "lookup('pipe'" in done.stdout, done.stdout + done.stderr
    assert not canary.exists()
