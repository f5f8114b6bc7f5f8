"""A hostile string that reaches Ansible is data: nothing of it is carried out on the controller."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.agent import snmpd
from tests.acceptance.doors import BIN, clean_environ, run
from tests.acceptance.installation import initialised
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance]

DEVICE = "srv-hostile"
INVENTORY = """\
version: 1
province: {{code: "99", name: "Tỉnh Thử"}}
units: [{{code: tinh, name: "Ủy ban", kind: province}}]
sites: [{{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}}]
devices:
  - name: {device}
    site: dc
    role: server
    platform: linux
    primary_ip4: {address}
    ports: {{ssh: 1}}
    credentials: {{ssh: hostile}}
    host_keys: ["{key}"]
"""


def own_address() -> str:
    """Return an address of this machine: nothing that is sent there leaves it."""
    found = json.loads(run(["ip", "-j", "-4", "address", "show", "scope", "global"]).good().out)
    if not found:
        pytest.skip("this machine has no address but loopback")
    return str(found[0]["addr_info"][0]["local"])


def hostile(mark: Path) -> str:
    """Return a name that leaves the mark behind where it is rendered as a template."""
    return "{{ lookup('pipe', 'touch " + str(mark) + "') }}"


@pytest.fixture
def worker(fresh: Installation) -> Iterator[Installation]:
    """The worker alone, which runs playbooks."""
    command = [str(BIN / "hatang"), "worker", "--config", str(fresh.config)]
    with subprocess.Popen(command, env=fresh.environ, stderr=subprocess.DEVNULL) as process:
        ready = fresh.data_dir / "run" / "worker.ready"
        assert eventually(ready.exists, 60)
        yield fresh
        process.terminate()


def check_not_carried_out(mark: Path, told: str) -> None:
    """Ansible tried the device, which answers nobody, and the mark is not there."""
    tried = DEVICE in told and "unreachable" in told.lower()
    hold(tried, f"Ansible never came to the device: {told}")
    hold(not mark.exists(), "the controller carried out what stood in a name")


def test_a_hostile_user_name_is_not_rendered(worker: Installation, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    key = tmp_path / "key"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]).good()
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    logins = tmp_path / "logins.toml"
    logins.touch(mode=0o600)
    logins.write_text(
        f'[credentials.hostile]\nkind = "ssh"\nusername = "{hostile(mark)}"\n'
        f"private_key = '''\n{key.read_text()}'''\n"
    )
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(
        INVENTORY.format(device=DEVICE, key=public, address=own_address()), encoding="utf-8"
    )
    worker.hatang("credential", "import", str(logins)).good()
    worker.hatang("inventory", "import", str(inventory)).good()
    answer = worker.hatang("playbook", "run", "gather-facts", "--devices", DEVICE, "--wait", "120")
    check_not_carried_out(mark, answer.err + answer.out)


def test_sabotage_the_name_is_given_to_ansible_unmarked(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    variables = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_user": hostile(mark)}
    listed = {"_meta": {"hostvars": {DEVICE: variables}}, "all": {"hosts": [DEVICE]}}
    script = tmp_path / "inventory.sh"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(listed)}\nEND\n")
    script.chmod(0o755)
    words = [str(BIN / "ansible"), "-i", str(script), "all", "-m", "ping"]
    answer = run(words, clean_environ(ANSIBLE_HOME=str(tmp_path / "ansible")))
    with turns_red():
        check_not_carried_out(mark, answer.out + answer.err)


PLAYBOOK = """\
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.debug: {msg: "model is {{ hatang_model }}"}
    - ansible.builtin.copy: {content: "{{ hatang_model }}", dest: "{{ playbook_dir }}/written"}
"""


def played(hostvars: dict[str, object], folder: Path) -> str:
    """Run a playbook that says and writes the model, over an inventory script with `hostvars`."""
    listed = {"_meta": {"hostvars": {DEVICE: hostvars}}, "all": {"hosts": [DEVICE]}}
    script = folder / "inventory.sh"
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(listed)}\nEND\n")
    script.chmod(0o755)
    playbook = folder / "playbook.yml"
    playbook.write_text(PLAYBOOK)
    words = [str(BIN / "ansible-playbook"), "-i", str(script), str(playbook)]
    interpreter = ["-e", f"ansible_python_interpreter={BIN / 'python'}"]
    answer = run([*words, *interpreter], clean_environ(ANSIBLE_HOME=str(folder / "ansible")))
    return answer.out + answer.err


def check_stays_text(mark: Path, folder: Path, told: str) -> None:
    """The playbook wrote the model as the device said it, and nothing was carried out."""
    written = folder / "written"
    text = written.read_text() if written.exists() else told
    hold(text == hostile(mark), f"not written as it was said: {text}")
    hold(not mark.exists(), "the controller carried out what a device said")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where the mark would be; the path is short, for a model has 100 characters."""
    with tempfile.TemporaryDirectory(prefix="m") as folder:
        yield Path(folder) / "mark"


@pytest.fixture
def mark(place: Path) -> Path:
    """What would be left behind, and is not there yet."""
    place.unlink(missing_ok=True)
    return place


ADDRESS = "127.99.7.1"
PLACES = """\
version: 1
province: {code: "99", name: "Tỉnh Thử"}
units: [{code: tinh, name: "Ủy ban", kind: province}]
sites: [{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}]
"""
USER = ("hostile", "auth-password-1", "priv-password-1")
# ENTITY-MIB (RFC 6933): class chassis(3), serial number and model name of its only part.
CHASSIS = "1.3.6.1.2.1.47.1.1.1.1.5.1", "1.3.6.1.2.1.47.1.1.1.1.11.1", "1.3.6.1.2.1.47.1.1.1.1.13.1"


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory, place: Path) -> Iterator[str]:
    """An SNMP agent that calls itself, its model and its serial number by hostile text."""
    command = snmpd()
    if command is None:
        pytest.skip("snmpd is neither installed nor in the lab's tree")
    if os.geteuid() != 0:
        pytest.skip("an agent listens below port 1024: this needs root")
    name, auth, priv = USER
    chassis, serial, model = CHASSIS
    folder = tmp_path_factory.mktemp("agent")
    (folder / "snmpd.conf").write_text(
        f"createUser {name} SHA {auth} AES {priv}\nrouser {name} priv\n"
        f"sysName {hostile(place)}\nsysDescr FRRouting {hostile(place)}\n"
        f'override {chassis} integer 3\noverride {serial} octet_str "{hostile(place)}"\n'
        f'override {model} octet_str "{hostile(place)}"\n'
    )
    options = ["-f", "-Lf", str(folder / "log"), "-C", "-c", str(folder / "snmpd.conf"), "-I-smux"]
    environ = {"MIBS": "", "SNMP_PERSISTENT_DIR": str(folder), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen([*command, *options, f"udp:{ADDRESS}:161"], env=environ)
    yield ADDRESS
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def unknowing(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A hatang whose inventory has nothing at this machine's address, where the agent is."""
    return initialised(tmp_path_factory.mktemp("unknowing"))


@pytest.fixture(scope="module")
def proposed(
    unknowing: Installation, tmp_path_factory: pytest.TempPathFactory, agent: str
) -> tuple[dict[str, Any], str]:
    """What the inbox holds of the device that was met, and what taking it as it is says."""
    name, auth, priv = USER
    folder = tmp_path_factory.mktemp("met")
    logins, places = folder / "snmp.toml", folder / "places.yaml"
    logins.touch(mode=0o600)
    logins.write_text(
        f'[credentials.agent]\nkind = "snmpv3"\nusername = "{name}"\nauth_protocol = "SHA"\n'
        f'auth_password = "{auth}"\npriv_protocol = "AES"\npriv_password = "{priv}"\n'
    )
    places.write_text(PLACES, encoding="utf-8")
    unknowing.hatang("credential", "import", str(logins)).good()
    unknowing.hatang("inventory", "import", str(places)).good()
    words = ("--seed", agent, "--within", f"{agent}/32", "--credential", "agent")
    found: list[Any] = []

    def met() -> bool:
        unknowing.hatang("discovery", "run", *words).good()
        found[:] = unknowing.json("inbox", "list", "--where", "kind=new_device")
        return bool(found)

    assert eventually(met, 180)
    row: dict[str, Any] = found[0]
    answer = unknowing.hatang(
        "inbox", "accept", str(row["id"]), "--digest", row["digest"], *ANSWERS
    )
    return row, answer.out + answer.err


ANSWERS = ("--set", "site=dc", "--set", "role=server")
MET = "srv-met"


@pytest.fixture(scope="module")
def observed(unknowing: Installation, proposed: tuple[dict[str, Any], str]) -> dict[str, object]:
    """The variables hatang gives of the device, accepted from the inbox under a name of ours."""
    row, _ = proposed
    words = (str(row["id"]), "--digest", row["digest"], *ANSWERS)
    unknowing.hatang("inbox", "accept", *words, "--set", f"name={MET}").good()
    listed = unknowing.json("inventory", "ansible", "--list")
    variables: dict[str, object] = listed["_meta"]["hostvars"][MET]
    return variables


def test_a_hostile_name_is_shown_as_text_and_taken_for_no_device_name(
    proposed: tuple[dict[str, Any], str], place: Path
) -> None:
    row, told = proposed
    seen, said = row["observed"], hostile(place)
    hold(seen["model"] == said, f"another model is shown: {row}")
    hold(said in seen["description"], f"another description: {row}")
    hold(seen["name"] == said[:64].partition(".")[0], f"another name: {row}")
    hold("is no device name" in told, f"the name was taken: {told}")


def test_what_a_device_says_stays_text_in_a_playbook(
    observed: dict[str, object], tmp_path: Path, mark: Path
) -> None:
    told = played(observed, tmp_path)
    check_stays_text(mark, tmp_path, told)


def test_sabotage_what_a_device_says_loses_its_mark(
    observed: dict[str, object], tmp_path: Path, mark: Path
) -> None:
    bare = {
        name: value["__ansible_unsafe"] if isinstance(value, dict) else value
        for name, value in observed.items()
    }
    told = played(bare, tmp_path)
    assert mark.exists(), told
    with turns_red():
        check_stays_text(mark, tmp_path, told)
