"""Exports: the same devices elsewhere, and no text that executes there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hatang.auth import Actor, Role
from hatang.errors import DeniedError
from inventory import service, yamlfile
from inventory.text import normalise
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.db import Database
    from inventory.planning import ImportPlan

HOSTILE = "{{ lookup('pipe', 'touch %s') }}"


def exported(database: Database, actor: Actor) -> dict[str, Any]:
    with database.read() as session:
        return service.ansible_inventory(session, actor)


def bare_strings(value: object) -> list[str]:
    if isinstance(value, dict):
        if value.keys() == {"__ansible_unsafe"}:
            return []
        return [text for one in value.values() for text in bare_strings(one)]
    return [value] if isinstance(value, str) else []


@pytest.mark.usefixtures("province")
def test_every_string_of_a_host_is_marked_unsafe(database: Database, engineer: Actor) -> None:
    hostvars = exported(database, engineer)["_meta"]["hostvars"]
    assert hostvars["core-1"]["ansible_host"] == {"__ansible_unsafe": "10.250.0.1"}
    assert bare_strings(hostvars) == []


@pytest.mark.usefixtures("province")
def test_hosts_are_grouped_by_what_they_are(database: Database, engineer: Actor) -> None:
    document = exported(database, engineer)
    assert document["role_commune_router"]["hosts"] == ["rtr-01", "rtr-02"]
    assert document["platform_cisco_ios"]["hosts"] == ["rtr-02"]


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
    text = json.dumps(exported(database, engineer))
    (tmp_path / "list.json").write_text(text)
    script.write_text(f"#!/bin/sh\ncat {tmp_path / 'list.json'}\n")
    script.chmod(0o700)
    ansible = Path(sys.executable).with_name("ansible")
    arguments = ["core-1", "-i", str(script), "-c", "local", "-m", "debug"]
    done = subprocess.run(
        [str(ansible), *arguments, "-a", "msg={{ hatang_site_name }}"],
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "lookup('pipe'" in done.stdout, done.stdout + done.stderr
    assert not canary.exists()


@pytest.mark.usefixtures("province")
def test_a_part_of_the_province_cannot_be_exported_as_the_whole(database: Database) -> None:
    viewer = Actor(9, "viewer", frozenset({Role.VIEWER}), frozenset({1}))
    with database.read() as session, pytest.raises(DeniedError):
        service.export_yaml(session, viewer)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_any_text_comes_back_as_the_same_text(text: str) -> None:
    written = yaml.dump({"a": text}, Dumper=yaml.CSafeDumper, allow_unicode=True)
    assert yamlfile.read(written, "a.yaml").root == {"a": normalise(text)}
