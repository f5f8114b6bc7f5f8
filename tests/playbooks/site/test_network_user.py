"""A playbook on a network device runs as a user of its own too, who reads no key of hatang's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hatang.drivers.fakes import FakeHostKeys
from hatang.drivers.protocols import PublicKey
from hatang.drivers.target import SshLogin, Target
from inventory import platforms
from playbooks.access import Access
from playbooks.runs.playing import Play, play
from playbooks.runs.workspace import workspace
from tests.lab.simulators.conftest import boot
from tests.lab.simulators.switch import LISTEN, PASSWORD, USERNAME
from tests.playbooks.runs.test_isolation import as_root, nobody, public, python

if TYPE_CHECKING:
    from pathlib import Path

    from playbooks.isolation import Identity
    from tests.lab.simulators.conftest import Boot

__all__ = ["boot", "public", "python"]

pytestmark = pytest.mark.slow
SPY = """
- hosts: all
  gather_facts: false
  tasks:
    - cisco.ios.ios_config: {{lines: [ntp server 10.1.0.5]}}
    - ansible.builtin.shell: "id -un; cat {key} 2>&1; true"
      delegate_to: localhost
      vars: {{ansible_connection: local, ansible_become: false}}
      register: seen
    - ansible.builtin.debug: {{msg: "{{{{ seen.stdout }}}}"}}
"""


@as_root
@pytest.mark.parametrize("isolated", [True, False], ids=["isolated", "sabotage: as ourselves"])
def test_a_playbook_on_a_switch_runs_as_its_own_user(
    boot: Boot, public: Path, python: Path, *, isolated: bool
) -> None:
    switch = boot("ios")
    key = public / "master.key"
    key.write_text("the-master-key")
    key.chmod(0o600)
    (public / "play.yml").write_text(SPY.format(key=key))
    kind, data = switch.host_key.split()[:2]
    keys = FakeHostKeys({(LISTEN, switch.port): [PublicKey(kind, data)]})
    who = SshLogin(USERNAME, password=PASSWORD)
    target = Target("sw", LISTEN, switch.port)
    access = Access(1, 1, "sw-1", platforms.get("cisco_ios"), target, target, who, who)
    user: Identity | None = nobody() if isolated else None
    events: list[dict[str, Any]] = []
    with workspace([access], keys, user) as folder:
        wanted = Play(folder, "play.yml", public, user=user, python=str(python))
        status = play(wanted, events.append)
    said = "".join(each["detail"].get("message", "") for each in events if "detail" in each)
    assert status == "successful", said
    assert switch.actions()["change"] == 1
    assert ("the-master-key" in said) is not isolated
    assert ("nobody" in said) is isolated
