"""Ansible, Nornir and a Prometheus of somebody else's see the same devices, by their own word."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.parse
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.acceptance.doors import BIN, ROOT, clean_environ, free_ports, hatang_lab, http, run
from tests.acceptance.installation import Installation
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.acceptance]

SCRIPT = ROOT / "deploy" / "ansible" / "hatang_inventory.py"
SCRAPED_SECONDS = 90.0
# What Nornir itself says it has, in a process that knows of hatang by the plugin's name only.
NORNIR = """
import json
from nornir import InitNornir
found = InitNornir(inventory={"plugin": "HatangInventory"}, logging={"enabled": False})
hubs = found.filter(filter_func=lambda host: host.has_parent_group("role_core"))
print(json.dumps({
    "keys": [host["device_key"] for host in found.inventory.hosts.values()],
    "names": list(found.inventory.hosts), "groups": list(found.inventory.groups),
    "core": list(hubs.inventory.hosts),
}))
"""
PROMETHEUS = """
global: {{scrape_interval: 2s}}
scrape_configs:
- job_name: hatang-monitors
  honor_labels: true
  http_sd_configs:
  - url: {url}/api/v1/sd/prometheus
    refresh_interval: 2s
    authorization: {{type: Bearer, credentials_file: {token}}}
"""


@dataclass(frozen=True)
class Side:
    """A hatang that runs, and the truth: which devices its province was drawn with."""

    made: Installation
    drawn: dict[str, dict[str, str]]

    def token_file(self, token: str) -> Path:
        path = self.made.folder / f"token-{sha256(token.encode()).hexdigest()[:8]}"
        path.touch(mode=0o600)
        path.write_text(f"{token}\n")
        return path

    def environ(self, token: str) -> dict[str, str]:
        return clean_environ(
            HATANG_REMOTE_URL=self.made.url("api"),
            HATANG_REMOTE_TOKEN_FILE=str(self.token_file(token)),
            ANSIBLE_HOME=str(self.made.folder / "ansible"),
        )


def drawn(folder: Path) -> Path:
    """Draw the province; its devices stand on loopback, so that no ping leaves this machine."""
    path = folder / "hue.yaml"
    hatang_lab("seed", "--profile", "hue-2014", "--out", str(path)).good()
    text = re.sub(r"(primary_ip4: )10\.", r"\g<1>127.", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def side(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    """A hatang without Prometheus and Alertmanager of its own, with the province of 2014."""
    folder = tmp_path_factory.mktemp("same")
    path = drawn(folder)
    made = Installation(folder / "hatang", period_seconds=2)
    made.configure("prometheus.run = false\nalertmanager.run = false")
    try:
        made.settle()
        made.start()
        made.hatang("inventory", "import", str(path)).good()
        devices = yaml.safe_load(path.read_text(encoding="utf-8"))["devices"]
        yield Side(made, {row["name"]: row for row in devices})
    finally:
        made.stop()


@pytest.fixture(scope="module")
def prometheus(side: Side) -> Iterator[str]:
    """Debian's Prometheus with a configuration of its own; where it answers."""
    tree = hatang_lab("tree", seconds=900).good().out.strip().splitlines()[-1]
    folder = side.made.folder / "prometheus"
    folder.mkdir()
    config = folder / "prometheus.yml"
    token = side.token_file(side.made.token)
    config.write_text(PROMETHEUS.format(url=side.made.url("api"), token=token))
    (port,) = free_ports(1)
    command = [
        f"{tree}/usr/bin/prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def ansible(side: Side, token: str, *words: str) -> str:
    command = [str(BIN / "ansible-inventory"), "-i", str(SCRIPT), *words]
    return run(command, side.environ(token)).good().out


def plain(value: object) -> str:
    """Return a text of ansible-inventory's, which may be wrapped in its mark."""
    return str(value["__ansible_unsafe"]) if isinstance(value, dict) else str(value)


def by_ansible(side: Side, token: str) -> dict[str, str]:
    """Return names and keys as `ansible-inventory --list` has them."""
    listed = json.loads(ansible(side, token, "--list"))
    hosts = listed["_meta"]["hostvars"].items()
    return {name: plain(variables["hatang_device_key"]) for name, variables in hosts}


def by_graph(side: Side, token: str) -> set[str]:
    """Return the hosts that `ansible-inventory --graph` draws, each in its groups."""
    return set(re.findall(r"\|--([^@:\s]+)$", ansible(side, token, "--graph"), re.MULTILINE))


def by_nornir(side: Side, token: str) -> dict[str, list[str]]:
    """Return what Nornir says it has."""
    answer = run([sys.executable, "-c", NORNIR], side.environ(token)).good()
    found: dict[str, list[str]] = answer.json()
    return found


def by_prometheus(url: str) -> set[str]:
    """Return the instances for which Prometheus holds a series now."""
    words = urllib.parse.urlencode({"query": "group by (instance) (hatang_device_up)"})
    reply = http(f"{url}/api/v1/query?{words}")
    return {one["metric"]["instance"] for one in reply.json()["data"]["result"]}


def check_same(side: Side, token: str, scraped: set[str]) -> None:
    """Each of the four has exactly the devices that were drawn, none twice."""
    names = set(side.drawn)
    hosts = by_ansible(side, token)
    hold(set(hosts) == names, f"--list: {len(hosts)} of {len(names)}")
    graph = by_graph(side, token)
    hold(graph == names, f"--graph: {sorted(graph ^ names)[:5]}")
    nornir = by_nornir(side, token)
    hold(sorted(nornir["names"]) == sorted(names), f"Nornir: {len(nornir['names'])} devices")
    hold(sorted(nornir["keys"]) == sorted(hosts.values()), "Nornir and Ansible differ in keys")
    hold(scraped == set(hosts.values()), f"Prometheus: {len(scraped)} of {len(hosts)}")


def ready(url: str, count: int) -> bool:
    try:
        return len(by_prometheus(url)) >= count
    except OSError:
        return False


def test_four_tools_see_the_same_devices(side: Side, prometheus: str) -> None:
    count = len(side.drawn)
    hold(eventually(lambda: ready(prometheus, count), SCRAPED_SECONDS), "Prometheus lacks devices")
    check_same(side, side.made.token, by_prometheus(prometheus))
    targets = http(f"{prometheus}/api/v1/targets?state=active").json()["data"]["activeTargets"]
    found = {one["discoveredLabels"]["__meta_url"] for one in targets}
    hold(found == {side.made.url("api", "/api/v1/sd/prometheus")}, f"found by {found}")


def test_groups_are_what_was_drawn(side: Side) -> None:
    listed = json.loads(ansible(side, side.made.token, "--list"))
    nornir = by_nornir(side, side.made.token)
    for field in ("role", "platform", "site"):
        for value in {row[field] for row in side.drawn.values()}:
            wanted = {name for name, row in side.drawn.items() if row[field] == value}
            group = re.sub("[^A-Za-z0-9_]", "_", f"{field}_{value}")
            hold(set(listed[group]["hosts"]) == wanted, f"Ansible's group {group}")
            hold(f"{field}_{value}" in nornir["groups"], f"Nornir's group {field}_{value}")
    core = {name for name, row in side.drawn.items() if row["role"] == "core"}
    hold(set(nornir["core"]) == core, "Nornir's filter by group")


def test_the_command_on_the_spot_says_the_same(side: Side) -> None:
    told = side.made.json("inventory", "ansible", "--list")["_meta"]["hostvars"]
    keys = {name: plain(variables["hatang_device_key"]) for name, variables in told.items()}
    hold(keys == by_ansible(side, side.made.token), "the command and the API differ")


def test_sabotage_a_token_that_sees_one_unit_only(side: Side, prometheus: str) -> None:
    count = len(side.drawn)
    assert eventually(lambda: ready(prometheus, count), SCRAPED_SECONDS)
    password = side.made.folder / "password"
    made = side.made
    made.hatang("user", "create", "ngoc", "--password-file", str(password)).good()
    made.hatang("user", "grant", "ngoc", "viewer", "--unit", "so-tttt").good()
    words = ("token", "create", "narrow", "--role", "viewer")
    narrow = made.hatang(*words, person="ngoc").good().out.strip()
    assert by_ansible(side, narrow)
    with turns_red():
        check_same(side, narrow, by_prometheus(prometheus))


def test_sabotage_a_prometheus_that_lost_a_device(side: Side, prometheus: str) -> None:
    count = len(side.drawn)
    assert eventually(lambda: ready(prometheus, count), SCRAPED_SECONDS)
    scraped = by_prometheus(prometheus)
    with turns_red():
        check_same(side, side.made.token, scraped - {min(scraped)})
