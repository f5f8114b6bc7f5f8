"""What Ansible sees of a device can never run on the controller, and holds no secret openly."""

from __future__ import annotations

import json
import os
import shlex
import stat
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hatang.drivers.fakes import FakeHostKeys
from hatang.drivers.protocols import PublicKey
from hatang.drivers.target import Allowance, Hop, SshLogin, Target
from hatang.errors import DriverError, Reason
from inventory import platforms
from playbooks import collections
from playbooks.access import Access
from playbooks.runs import workspace as module
from playbooks.runs.playing import Play, play
from playbooks.runs.workspace import workspace

if TYPE_CHECKING:
    from pathlib import Path

KEYS = FakeHostKeys({("10.0.0.1", 22): [PublicKey("ssh-ed25519", "AAAA")]})
LOGIN = SshLogin("ops", private_key="the-private-key")


def access(device_key: str = "k1", login: SshLogin = LOGIN) -> Access:
    target = Target(device_key, "10.0.0.1", 22)
    return Access(1, 1, "srv-1", platforms.get("linux"), target, target, login, login)


def test_keys_lie_in_private_files_and_nowhere_else() -> None:
    with workspace([access()], KEYS) as folder:
        assert "the-private-key" not in (folder / "inventory/hosts.json").read_text()
        assert stat.S_IMODE((folder / "key-0").stat().st_mode) == 0o600


def test_the_folder_is_gone_afterwards() -> None:
    with workspace([access()], KEYS) as folder:
        pass
    assert not folder.exists()


def test_keys_that_a_killed_process_left_are_removed_and_those_of_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, living = tmp_path / "hatang-run-4194305-a", tmp_path / f"hatang-run-{os.getpid()}-b"
    for folder in (dead, living):
        folder.mkdir()
        (folder / "key-0").write_text("the-private-key")
    with workspace([access()], KEYS):
        assert not dead.exists()
        assert living.exists()


def test_a_device_without_an_enrolled_host_key_is_refused() -> None:
    with pytest.raises(DriverError) as caught, workspace([access()], FakeHostKeys({})):
        pass
    assert caught.value.reason is Reason.HOST_KEY_MISMATCH


def test_a_login_without_a_private_key_is_refused() -> None:
    password_only = access(login=replace(LOGIN, private_key=None, password="x"))
    with pytest.raises(DriverError) as caught, workspace([password_only], KEYS):
        pass
    assert caught.value.reason is Reason.AUTH_FAILED


PLAY = """
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.debug: {msg: "{{ hatang_device_key }}"}
"""


def debug_device_key(folder: Path, project: Path) -> None:
    (project / "play.yml").write_text(PLAY)
    play(Play(folder, "play.yml", project))


@pytest.mark.slow
@pytest.mark.parametrize("is_marked", [True, False], ids=["marked unsafe", "sabotage: not marked"])
def test_a_template_in_an_observed_name_runs_only_when_it_is_not_marked_unsafe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_marked: bool
) -> None:
    proof = tmp_path / "executed"
    name = f"{{{{ lookup('pipe', 'touch {proof}') }}}}"
    if not is_marked:
        monkeypatch.setattr(module, "unsafe", lambda text: text)
    with workspace([access(name)], KEYS) as folder:
        assert json.loads((folder / "inventory/hosts.json").read_text())["all"]
        debug_device_key(folder, tmp_path)
    assert proof.exists() is not is_marked


LOOK = """
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.copy:
        content: "{{ lookup('env', 'HATANG_MASTER_KEY') }}{{ lookup('pipe', 'env') }}"
        dest: "{{ playbook_dir }}/seen"
"""


@pytest.mark.slow
def test_a_playbook_sees_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HATANG_MASTER_KEY", "the-master-key")
    (tmp_path / "play.yml").write_text(LOOK)
    with workspace([access()], KEYS) as folder:
        play(Play(folder, "play.yml", tmp_path))
    seen = (tmp_path / "seen").read_text()
    assert "ANSIBLE_CONFIG" in seen
    assert "the-master-key" not in seen
    assert "HATANG" not in seen


def test_a_jump_host_is_gone_through_with_its_key_proven_too() -> None:
    hop = Hop(Target("jump", "10.0.0.9", 2200), SshLogin("go", private_key="the-jump-key"))
    keys = FakeHostKeys(
        {
            ("10.0.0.1", 22): [PublicKey("ssh-ed25519", "AAAA")],
            ("10.0.0.9", 2200): [PublicKey("ssh-ed25519", "BBBB")],
        }
    )
    target = Target("k1", "10.0.0.1", 22, hop)
    with workspace([replace(access(), ssh=target)], keys) as folder:
        words = args(folder)
        assert "[10.0.0.9]:2200 ssh-ed25519 BBBB" in (folder / "known_hosts").read_text()
        assert (folder / "jump-0").read_text() == "the-jump-key\n"
    proxy = next(word for word in words if word.startswith("ProxyCommand="))
    assert proxy.count("StrictHostKeyChecking=yes") == 1
    assert proxy.endswith("-W [%h]:%p go@10.0.0.9")


def test_a_jump_host_whose_name_a_shell_would_read_is_refused() -> None:
    hop = Hop(Target("jump", "10.0.0.9", 22), SshLogin("go;id", private_key="x"))
    keys = FakeHostKeys(
        {(host, 22): [PublicKey("ssh-ed25519", "AAAA")] for host in ("10.0.0.1", "10.0.0.9")}
    )
    target = Target("k1", "10.0.0.1", 22, hop)
    with pytest.raises(DriverError), workspace([replace(access(), ssh=target)], keys):
        pass


def network(**changed: Any) -> Access:
    login = SshLogin("ops", "the-password", enable_password="the-enable-password")
    return replace(
        access("{{ name }}"), platform=platforms.get("cisco_ios"), cli_login=login, **changed
    )


def test_passwords_of_a_network_device_lie_in_private_files_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collections, "require", lambda: None)
    with workspace([network()], KEYS) as folder:
        listing = (folder / "inventory/hosts.json").read_text()
        assert "the-password" not in listing
        assert "the-enable-password" not in listing
        assert (folder / "password-0").read_text() == "the-password"
        assert stat.S_IMODE((folder / "enable-0").stat().st_mode) == 0o600
        told = json.loads(listing)["_meta"]["hostvars"]["srv-1"]
        assert told["hatang_device_key"] == {"__ansible_unsafe": "{{ name }}"}
        known = (folder / ".ssh/known_hosts").read_text()  # where paramiko looks
        assert known == (folder / "known_hosts").read_text()


def test_a_network_device_that_needs_sha1_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "require", lambda: None)
    waived = Target("k1", "10.0.0.1", 22, legacy=Allowance("waiver/1"))
    with pytest.raises(DriverError) as caught, workspace([network(ssh=waived)], KEYS):
        pass
    assert caught.value.reason is Reason.NOT_SUPPORTED


def test_only_a_waiver_lets_ansible_speak_sha1() -> None:
    with workspace([access()], KEYS) as folder:
        assert not any("sha1" in word for word in args(folder))
    waived = replace(access(), ssh=Target("k1", "10.0.0.1", 22, legacy=Allowance("waiver/1")))
    with workspace([waived], KEYS) as folder:
        assert "KexAlgorithms=+diffie-hellman-group14-sha1" in args(folder)


def args(folder: Path) -> list[str]:
    listing = json.loads((folder / "inventory/hosts.json").read_text())
    return shlex.split(
        listing["_meta"]["hostvars"]["srv-1"]["ansible_ssh_common_args"]["__ansible_unsafe"]
    )
