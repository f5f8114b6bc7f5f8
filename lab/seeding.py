"""Write an inventory for `hatang inventory import`: the running lab, or a big province for load.

Secrets travel apart, in a TOML file of mode 0600; the inventory names them only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from lab import keys, large
from lab.errors import LabError
from lab.inventory import describe
from lab.profiles import PROFILES as PROVINCES
from lab.profiles import hue_2025, workbook
from lab.render.switch import SWITCH_USER, login_port, on_loopback
from lab.scrambling import as_called
from lab.state import load
from lab.topology import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from lab.keys import Secrets
    from lab.topology import Province

SWITCH_CREDENTIALS = ("lab-switch", "lab-eapi")
PROFILES = ("lab", "tinh-700", *PROVINCES)
FORMS = ("yaml", "xlsx")
LAB_PROVINCE = {"code": "99", "name": "Tỉnh Thử Nghiệm"}
Dumper: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml where it is built in


@dataclass(frozen=True)
class SeedOrder:
    """What the person asked for."""

    profile: str
    out: Path
    credentials: Path | None
    known_hosts: Path | None
    seed: int
    form: str = "yaml"


def write(order: SeedOrder, directory: Path) -> list[str]:
    """Write the files and return a line about each.

    Raises:
        LabError: unknown profile or form, the lab is not up, or a province on paper was asked for
            keys.
    """
    if order.profile not in PROFILES:
        raise LabError(f"--profile is one of {', '.join(PROFILES)}, not `{order.profile}`.")
    if order.form not in FORMS:
        raise LabError(f"--format is one of {', '.join(FORMS)}, not `{order.form}`.")
    if order.profile != "lab":
        if order.credentials or order.known_hosts:
            raise LabError(f"{order.profile} exists on paper only: its devices have no keys.")
        return _on_paper(order)
    if order.form != "yaml":
        raise LabError("The running lab is written as YAML only.")
    held = load(directory)
    drawn = held.province()
    secrets = keys.load_or_create(directory / "secrets.json")
    content = {"version": 1, "province": LAB_PROVINCE}
    content |= as_called(describe(drawn, secrets), drawn)
    lines = [_inventory(content, order.out)]
    if order.credentials:
        _private(order.credentials, credentials_toml(secrets, switches_only=held.loopback))
        lines.append(f"{order.credentials}: credentials, mode 0600")
    if order.known_hosts:
        order.known_hosts.write_text(known_hosts(drawn, secrets))
        lines.append(f"{order.known_hosts}: SSH host keys")
    return lines


def write_reorganisation(out: Path, seed: int) -> list[str]:
    """Write the reorganisation that fits the profile `hue-2025` and return a line about it."""
    content = hue_2025.reorganisation(seed)
    text = yaml.dump(content, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120)
    out.write_text(text, encoding="utf-8")
    entries = content["reorganise"]
    split = sum("split" in entry for entry in entries)
    return [f"seed {seed}", f"{out}: {len(content['units'])} new units, {split} communes split"]


def _on_paper(order: SeedOrder) -> list[str]:
    if order.profile not in PROVINCES:
        if order.form != "yaml":
            raise LabError(f"{order.profile} is written as YAML only.")
        return [_inventory(large.describe(order.seed), order.out)]
    paper = PROVINCES[order.profile](order.seed)
    if order.form == "xlsx":
        workbook.write(paper, order.out)
        rows = sum(map(len, paper.rows.values()))
        lines = [f"{order.out}: {rows} rows"]
    else:
        lines = [_inventory(paper.content(), order.out)]
    figures = [f"{name}: {figure}" for name, figure in paper.figures.items()]
    return [f"seed {order.seed}", *lines, *figures]


def _inventory(content: dict[str, Any], path: Path) -> str:
    text = yaml.dump(content, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120)
    path.write_text(text, encoding="utf-8")
    return f"{path}: {len(content['sites'])} sites, {len(content['devices'])} devices"


def _private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


def credentials_toml(secrets: Secrets, *, switches_only: bool = False) -> str:
    """Return what `hatang credential import` reads."""
    switch = {"username": SWITCH_USER, "password": secrets.switch_password}
    tables: dict[str, dict[str, str]] = {
        "lab-snmp": {
            "kind": "snmpv3",
            "username": keys.SNMP_USER,
            "auth_protocol": "SHA",
            "auth_password": secrets.snmp_auth,
            "priv_protocol": "AES",
            "priv_password": secrets.snmp_priv,
        },
        "lab-ssh": {
            "kind": "ssh",
            "username": keys.OPS_USER,
            "password": secrets.ops_password,
            "private_key": secrets.client_key,
        },
        "lab-vtysh": {
            "kind": "ssh",
            "username": keys.NETADMIN_USER,
            "password": secrets.netadmin_password,
            "private_key": secrets.client_key,
        },
        "lab-switch": {"kind": "ssh", "enable_password": secrets.switch_enable} | switch,
        "lab-eapi": {"kind": "http"} | switch,
        "lab-janus": {"kind": "token", "token": secrets.janus_admin},
    }
    blocks = []
    for name, fields in tables.items():
        if switches_only and name not in SWITCH_CREDENTIALS:
            continue
        lines = [f"{key} = {_toml_text(value)}" for key, value in fields.items()]
        blocks.append("\n".join([f"[credentials.{name}]", *lines, ""]))
    return "\n".join(blocks)


def _toml_text(value: str) -> str:
    if "\n" in value:
        return f'"""\n{value}"""'
    return f'"{value}"'


def known_hosts(drawn: Province, secrets: Secrets) -> str:
    """Return OpenSSH known_hosts lines for every node with a shell."""
    lines = []
    for node in drawn.of_kind(Kind.ROUTER, Kind.SERVER, Kind.SWITCH):
        if node.persona != "eos":
            key = keys.public_ssh_key(secrets.host_key(node.name))
            names = [node.address, node.name]
            if on_loopback(node):  # sshd(8): another port than 22 is written [host]:port
                names = [f"[{name}]:{login_port(node)}" for name in names]
            lines.append(f"{','.join(names)} {key}\n")
    return "".join(lines)
