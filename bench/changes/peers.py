"""The peers: plain nornir with nornir-napalm, and Ansible's `ios_config` over network_cli.

They live in a virtual environment of their own, made of bench/changes/requirements.txt, which
`BENCH_PEERS` names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.changes.addressing import PASSWORD, PORT, USERNAME
from bench.changes.measured import Cost, run

if TYPE_CHECKING:
    from collections.abc import Mapping

PEERS: Final = "BENCH_PEERS"
_PLAY: Final = """- hosts: all
  gather_facts: false
  tasks:
    - cisco.ios.ios_config: {{src: {text}}}
      check_mode: true
      diff: true
    - cisco.ios.ios_config: {{src: {text}, save_when: modified}}
      diff: true
    - cisco.ios.ios_command: {{commands: [show running-config]}}
"""


def home() -> Path | None:
    """Return the peers' environment, None where nobody made one."""
    named = os.environ.get(PEERS)
    return Path(named) if named and Path(named, "bin", "python").exists() else None


def nornir(
    peers: Path, what: str, folder: Path, hosts: Mapping[str, str], workers: int, *, text: str = ""
) -> Cost:
    """Run the change or the backup with nornir, `workers` hosts at a time."""
    given = {
        "hosts": dict(hosts),
        "port": PORT,
        "username": USERNAME,
        "password": PASSWORD,
        "text": text,
        "workers": workers,
        "folder": str(folder),
    }
    file = folder / "hosts.json"
    file.write_text(json.dumps(given))
    script = Path(__file__).with_name("nornir_peer.py")
    command = (str(peers / "bin" / "python"), str(script), what, str(file))
    return run(command, dict(os.environ))[0]


def ansible(peers: Path, folder: Path, text: Path, hosts: Mapping[str, str], workers: int) -> Cost:
    """Run the play; it has neither a timer nor a confirmation, and host keys are not checked."""
    inventory = folder / "hosts.ini"
    options = (
        f"ansible_port={PORT} ansible_user={USERNAME} ansible_password={PASSWORD} "
        "ansible_connection=ansible.netcommon.network_cli ansible_network_os=cisco.ios.ios "
        "ansible_network_cli_ssh_type=libssh ansible_become=false"
    )
    rows = "".join(f"{name} ansible_host={address}\n" for name, address in hosts.items())
    inventory.write_text(f"[all]\n{rows}[all:vars]\n" + options.replace(" ", "\n") + "\n")
    play = folder / "play.yml"
    play.write_text(_PLAY.format(text=text))
    around = {
        **os.environ,
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_LIBSSH_HOST_KEY_AUTO_ADD": "True",
        "ANSIBLE_HOME": str(folder / "ansible"),
        "PATH": f"{peers / 'bin'}:{os.environ['PATH']}",
    }
    command = (str(peers / "bin" / "ansible-playbook"), "-i", str(inventory), "-f", str(workers))
    return run((*command, str(play)), around)[0]
