"""A real OpenSSH server of group14-sha1 and ssh-rsa only: its finding, its waiver, its end.

The server is Debian's; the command line behind it is a few lines of shell.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.debian import TREES
from tests.acceptance.doors import free_ports
from tests.acceptance.installation import settled
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance]

DEVICE = "old-1"
RULE = "MGT-03"
OFFERED = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
UsePAM no
StrictModes no
AuthorizedKeysFile {folder}/login.pub
PermitRootLogin yes
KexAlgorithms diffie-hellman-group14-sha1
HostKeyAlgorithms ssh-rsa
PubkeyAcceptedAlgorithms ssh-rsa
ForceCommand {folder}/switch
"""
SWITCH = """\
#!/bin/sh
stty -echo 2>/dev/null
while printf 'old-1#' && read -r line; do
  line=$(printf %s "$line" | tr -d '\\r'); printf '%s\\r\\n' "$line"
  case $line in
    exit) exit 0 ;;
    'show running-config') printf 'hostname old-1\\r\\ninterface Gi0/1\\r\\n!\\r\\nend\\r\\n' ;;
  esac
done
"""
PLACES = """\
version: 1
province: {{code: "99", name: "Tỉnh Thử"}}
units:
  - {{code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}}
sites:
  - {{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}}
devices:
  - name: old-1
    site: dc
    role: switch
    platform: ruijie_os
    primary_ip4: 127.0.0.1
    ports: {{ssh: {port}}}
    credentials: {{ssh: old}}
    host_keys: ["{key}"]
"""


def _server() -> tuple[str, Path]:
    found = [shutil.which("sshd")] if shutil.which("sshd") else []
    trees = sorted(TREES.glob("*/usr/sbin/sshd"))
    if os.geteuid() != 0 or not (found or trees):
        pytest.skip("OpenSSH's server is not installed, and no tree of the lab holds it")
    return (found[0] or "", Path("/")) if found else ("", trees[0].parents[2])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Debian's sshd on loopback, in a mount namespace of its own, as the lab's tree has it."""
    program, tree = _server()
    folder, (port,) = tmp_path_factory.mktemp("old"), free_ports(1)
    for name in ("host", "login"):
        command = [
            "ssh-keygen",
            "-q",
            "-t",
            "rsa",
            "-b",
            "2048",
            "-N",
            "",
            "-f",
            str(folder / name),
        ]
        subprocess.run(command, check=True)
    (folder / "sshd_config").write_text(OFFERED.format(port=port, folder=folder))
    (folder / "switch").write_text(SWITCH)
    (folder / "switch").chmod(0o755)
    words = f"{program or '/usr/sbin/sshd'} -D -e -f {folder}/sshd_config"
    inside = words
    if not program:
        binds = " && ".join(
            f"mount --bind {tree}/{name} /{name}" for name in ("usr/sbin", "usr/lib", "etc/passwd")
        )
        inside = f"{binds} && {words}"
    script = f"mkdir -p /run/sshd && {inside}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            assert eventually(lambda: _listens(port), 20), (folder / "log").read_text()
            yield port, folder
        finally:
            os.killpg(process.pid, 15)
            process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def hatang(tmp_path_factory: pytest.TempPathFactory, server: tuple[int, Path]) -> Installation:
    """An installation that knows the old switch, its key and a login."""
    made = settled(tmp_path_factory.mktemp("hatang"))
    port, folder = server
    key = " ".join((folder / "host.pub").read_text().split()[:2])
    places = folder / "places.yaml"
    places.write_text(PLACES.format(port=port, key=key), encoding="utf-8")
    secrets = folder / "secrets.toml"
    private = (folder / "login").read_text()
    secrets.write_text(
        f"[credentials.old]\nkind = 'ssh'\nusername = 'root'\nprivate_key = '''{private}'''\n"
    )
    secrets.chmod(0o600)
    made.hatang("credential", "import", str(secrets)).good()
    made.hatang("inventory", "import", str(places)).good()
    return made


def check_login_works(hatang: Installation) -> None:
    """The vault gets the configuration, and the finding stands all the same."""
    answer = hatang.hatang("backup", "run", "--devices", DEVICE)
    hold(answer.status == 0, f"the device was not collected: {answer.out}{answer.err}")
    hatang.hatang("baseline", "run", "--devices", DEVICE)
    rows = hatang.json("baseline", "show", "--device", DEVICE)
    verdicts = {row["rule_id"]: row["verdict"] for row in rows}
    hold(verdicts.get(RULE) == "waived", f"{RULE} is {verdicts.get(RULE)}")


def check_refused_and_named(hatang: Installation) -> None:
    """No login is tried, the reason is told, and a case is open."""
    answer = hatang.hatang("backup", "run", "--devices", DEVICE)
    hold(answer.status == 1, "SHA-1 was spoken without a waiver")
    hold("legacy_only" in answer.out + answer.err, f"no reason: {answer.out}{answer.err}")
    cases = hatang.json("baseline", "cases", "--device", DEVICE)
    rules = {row["rule_id"] for row in cases if not row["closed_at"]}
    hold(RULE in rules, f"no case of {RULE} is open: {cases}")


def test_only_a_waiver_lets_sha1_be_spoken_and_the_finding_stands(hatang: Installation) -> None:
    check_refused_and_named(hatang)
    words = ("--reason", "old", "--measure", "management VLAN only", "--days", "30")
    number = hatang.json("baseline", "waive", DEVICE, RULE, *words, person="lan")["waiver"]
    (row,) = hatang.json("baseline", "waivers", person="hoa")
    decision = ("--sha256", row["sha256"], "--approve")
    hatang.hatang("baseline", "decide", str(number), *decision, person="hoa").good()
    check_login_works(hatang)
    hatang.hatang("baseline", "end-waiver", str(number), person="hoa").good()
    check_refused_and_named(hatang)


def test_sabotage_nobody_waives_it(hatang: Installation) -> None:
    with turns_red():
        check_login_works(hatang)
