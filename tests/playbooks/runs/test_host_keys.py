"""Ansible's own SSH proves a device before it logs in, as every other transport does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from hatang.drivers.hostkeys import FixedHostKeys, parse_key
from hatang.drivers.target import SshLogin
from inventory import platforms
from playbooks.access import Access
from playbooks.runs.playing import Play, play
from playbooks.runs.workspace import workspace
from tests.hatang.drivers.conftest import host_key, loop, ssh_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hatang.drivers.sshserver import SshServer

__all__ = ["host_key", "loop", "ssh_server"]

pytestmark = pytest.mark.slow
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.raw: "true"
"""


def run(server: SshServer, enrolled: FixedHostKeys, project: Path) -> tuple[str, str]:
    """Return how the run ended, and what was said of the device."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    server.authorized.append(key.export_public_key().decode())
    login = SshLogin("ops", private_key=key.export_private_key().decode())
    target = server.target
    access = Access(1, 1, "srv-1", platforms.get("linux"), target, target, login, login)
    (project / "play.yml").write_text(PLAY)
    told: list[dict[str, Any]] = []
    with workspace([access], enrolled) as folder:
        state = play(Play(folder, "play.yml", project, timeout_seconds=60), told.append)
    return state, " ".join(str(event.get("detail", "")) for event in told)


def test_a_device_with_its_enrolled_key_is_logged_in_to(
    ssh_server: SshServer, tmp_path: Path
) -> None:
    state, _ = run(ssh_server, ssh_server.host_keys, tmp_path)
    assert state == "successful"
    assert "key ops" in ssh_server.attempts


def test_a_device_with_another_key_sees_no_authentication(
    ssh_server: SshServer, tmp_path: Path
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    place = (ssh_server.target.host, ssh_server.port)
    state, told = run(ssh_server, FixedHostKeys({place: [parse_key(other)]}), tmp_path)
    assert state == "failed"
    assert "Host key verification failed" in told
    assert ssh_server.attempts == []
