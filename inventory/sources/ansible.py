"""An Ansible inventory as a source: static INI or YAML with the variables beside it."""

from __future__ import annotations

import json
import stat
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING, Any, Final

from hatang.errors import InvalidInputError, Problem
from hatang.workshop import Bench, Limits, SpoiltError
from inventory import platforms
from inventory.choices import DeviceRole
from inventory.sources.document import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from inventory.sources.document import Document
    from inventory.sources.mapping import Mapping

MAX_FILES: Final = 2000
MAX_BYTES: Final = 16 * 1024 * 1024
_VARIABLES: Final = ("group_vars", "host_vars")
_LIMITS: Final = Limits(seconds=120.0, cpu_seconds=100, memory_bytes=1024**3)
_SSH: Final = (None, "ssh", "smart", "paramiko", "paramiko_ssh", "network_cli", "libssh")
_SSH_PORT: Final = 22
HINTS: Final = {
    "site": "Say it as `hatang_site`, or in the file of --map, under `groups` or `defaults`.",
    "role": "Say it as `hatang_role`, or in the file of --map, under `groups` or `roles`.",
    "platform": "Say it as `ansible_network_os`, or in the file of --map, under `platforms`.",
}


def read(path: Path, mapping: Mapping) -> Document:
    """Return the hosts of an inventory (a file, or a directory of files) as devices.

    Only static INI and YAML: nothing of it is carried out, and no variable but those that say what
    and where a host is leaves it; passwords stay where they are.

    Raises:
        InvalidInputError: a program, a plugin's configuration, too large, or Ansible refuses it.
    """
    files, problems = _files(path)
    if problems:
        raise InvalidInputError(problems)
    asked = "" if path.is_dir() else path.name
    try:
        with Bench("inventory.sources.ansible_child:list_hosts", _LIMITS) as bench:
            listed = json.loads(bench.work(json.dumps({"": asked, **files}).encode()))
    except SpoiltError as error:
        raise _refused(path, str(error)) from error
    if "error" in listed:
        raise _refused(path, str(listed["error"]))
    return _translate(listed, mapping, path.name)


def _refused(path: Path, message: str) -> InvalidInputError:
    fix = "Look at it with `ansible-inventory --list`; only static INI and YAML are read."
    return InvalidInputError([Problem(path.name, "file", "", message, fix)])


def _files(path: Path) -> tuple[dict[str, str], list[Problem]]:
    found: dict[str, str] = {}
    problems: list[Problem] = []
    size = 0
    for file in _paths(path):
        name = str(file.relative_to(path if path.is_dir() else path.parent))
        data = file.read_bytes() if size + file.stat().st_size <= MAX_BYTES else None
        if data is None or len(found) >= MAX_FILES:
            fix = f"At most {MAX_FILES} files and {MAX_BYTES // 1024 // 1024} MiB are read."
            problems.append(Problem(path.name, "file", name, "is too much", fix))
            break
        size += len(data)
        if data.startswith(b"#!") or (file.stat().st_mode & stat.S_IXUSR):
            fix = "Run it yourself with --list, and give what it prints as a YAML inventory."
            problems.append(Problem(path.name, "file", name, "is a program", fix))
            continue
        try:
            found[name] = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            problems.append(Problem(path.name, "file", name, "is no UTF-8 text", "Save it so."))
    return found, problems


def _paths(path: Path) -> Iterator[Path]:
    folders = [path]
    if not path.is_dir():
        yield path
        folders = [path.parent / name for name in _VARIABLES]
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink() and not file.name.startswith("."):
                yield file


def _translate(listed: dict[str, Any], mapping: Mapping, name: str) -> Document:
    draft = Draft(name)
    groups = _groups_of(listed)
    hostvars = listed.get("_meta", {}).get("hostvars", {})
    for host in sorted({*hostvars, *groups}):
        variables = {key: _plain(value) for key, value in hostvars.get(host, {}).items()}
        _device(draft, host, variables, groups.get(host, []), mapping)
    return draft.document(HINTS)


def _groups_of(listed: dict[str, Any]) -> dict[str, list[str]]:
    """Return the groups of each host, nearest first, with all groups above them."""
    above: dict[str, list[str]] = {}
    for group, content in listed.items():
        for child in content.get("children", []) if isinstance(content, dict) else []:
            above.setdefault(child, []).append(group)
    found: dict[str, list[str]] = {}
    for group, content in listed.items():
        if group == "_meta" or not isinstance(content, dict):
            continue
        line = [group]
        for one in line:  # grows while it is walked; a group is listed once
            line += [parent for parent in above.get(one, []) if parent not in line]
        for host in content.get("hosts", []):
            held = found.setdefault(host, [])
            held += [one for one in line if one not in held]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"__ansible_unsafe"}:
        return value["__ansible_unsafe"]
    return value


def _device(
    draft: Draft, host: str, variables: dict[str, Any], groups: list[str], mapping: Mapping
) -> None:
    if variables.get("ansible_connection") == "local":
        draft.notes["hosts are left out: Ansible reaches them without a network"] += 1
        return
    said = [mapping.groups[one] for one in groups if one in mapping.groups]
    role = _first(variables.get("hatang_role"), (one.role for one in said), _role(groups, mapping))
    system = variables.get("hatang_platform") or _platform(variables.get("ansible_network_os"))
    platform = _first(system, (one.platform for one in said))
    if mapping.leaves_out(role, platform):
        draft.notes["hosts are left out, as the mapping says of their role or platform"] += 1
        return
    site = variables.get("hatang_site")
    draft.add(
        "devices",
        host,
        name=host,
        site=_first(site, (one.site for one in said), mapping.defaults.site),
        role=mapping.role(role),
        platform=mapping.platform(platform),
        status=_first(variables.get("hatang_status"), (one.status for one in said)),
        device_key=variables.get("hatang_device_key"),
        serial=variables.get("hatang_serial"),
        manufacturer=variables.get("hatang_manufacturer"),
        model=variables.get("hatang_model"),
        ports=_ports(variables),
        **_address(draft, host, variables.get("ansible_host")),
    )


def _first(said: object, more: Iterable[str | None], last: str | None = None) -> str | None:
    if isinstance(said, str) and said:
        return said
    return next((one for one in more if one), last)


def _role(groups: list[str], mapping: Mapping) -> str | None:
    """Return the role that the name of a group says."""
    known = {*DeviceRole, *mapping.roles}
    return next((one for one in groups if one in known), None)


def _platform(system: object) -> str | None:
    """Return the platform that Ansible calls `system`: `cisco.ios.ios`, or `ios` for short."""
    if not isinstance(system, str) or not system:
        return None
    for platform in platforms.worked_on():
        whole = platform.drivers.ansible or ""
        if system in {whole, whole.rpartition(".")[2], platform.drivers.napalm, platform.name}:
            return platform.name
    return system


def _ports(variables: dict[str, Any]) -> dict[str, int] | None:
    connection, port = variables.get("ansible_connection"), variables.get("ansible_port")
    if not isinstance(port, int):
        port = int(port) if isinstance(port, str) and port.isascii() and port.isdigit() else None
    kind = str(connection).rpartition(".")[2] if connection else None
    if port is None or port == _SSH_PORT:
        return None
    if kind in _SSH:
        return {"ssh": port}
    return {"netconf": port} if kind == "netconf" else None


def _address(draft: Draft, host: str, told: object) -> dict[str, str]:
    text = told if isinstance(told, str) and told else host
    try:
        address = ip_address(text)
    except ValueError:
        if text != host:
            draft.notes["hosts come without an address: they have a name instead"] += 1
        return {}
    return {"primary_ip4" if isinstance(address, IPv4Address) else "primary_ip6": str(address)}
