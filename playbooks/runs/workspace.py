"""The folder one run of Ansible sees: inventory, keys, host keys; gone when the run is over.

Every string of the inventory is marked unsafe: ansible-core would render an observed name as a
template, on the controller. No secret stands in an argument, an environment or the inventory:
keys are files, mode 0600.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hatang.drivers.hostkeys import enrolled, known_hosts_line
from hatang.errors import DriverError, Reason
from playbooks import collections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hatang.drivers.protocols import HostKeys
    from hatang.drivers.target import Hop, Target
    from playbooks.access import Access
    from playbooks.isolation import Identity

# Followed by the process it belongs to.
_PREFIX: Final = "hatang-run-"
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
_SHA1: Final = (
    "-o KexAlgorithms=+diffie-hellman-group14-sha1 -o HostKeyAlgorithms=+ssh-rsa "
    "-o PubkeyAcceptedAlgorithms=+ssh-rsa"
)
_INVENTORY = '#!/bin/sh\nexec cat "$(dirname "$0")/hosts.json"\n'


@contextmanager
def workspace(
    accesses: Sequence[Access],
    host_keys: HostKeys,
    user: Identity | None = None,
    variables: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> Iterator[Path]:
    """Yield a private folder with an inventory of exactly these devices.

    `user` is who the run will hand it over to. `variables` are the run's parameters; of `files`,
    each a secret, playbooks are told the path under the parameter's name.

    Raises:
        DriverError: HOST_KEY_MISMATCH for a device without an enrolled key, AUTH_FAILED for a
            server's login without a private key; nothing has been sent then.
        ConflictError: there is a network device, and not the collections that speak to it.
    """
    _sweep({os.getuid()} if user is None else {os.getuid(), user.uid})
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as name:
        folder = Path(name)
        (folder / "inventory").mkdir()
        known_hosts = [
            known_hosts_line(target.host, target.port, key)
            for access in accesses
            for target in _hops(access)
            for key in enrolled(host_keys, target)
        ]
        _write(folder / "known_hosts", "\n".join(known_hosts) + "\n")
        if any(_is_network(access) for access in accesses):
            collections.require()
            (folder / ".ssh").mkdir(mode=0o700)  # where paramiko looks: HOME is this folder
            _write(folder / ".ssh" / "known_hosts", "\n".join(known_hosts) + "\n")
        hostvars = {
            access.name: (_network if _is_network(access) else _variables)(folder, number, access)
            for number, access in enumerate(accesses)
        }
        shared = _shared(folder, variables or {}, files or {})
        listing = {
            "_meta": {"hostvars": hostvars},
            "all": {
                "hosts": sorted(hostvars),
                "vars": shared,
            },
        }
        _write(folder / "inventory" / "hosts.json", json.dumps(listing))
        script = folder / "inventory" / "hosts.sh"
        _write(script, _INVENTORY)
        script.chmod(0o700)
        yield folder


def _sweep(owners: set[int]) -> None:
    """Remove what processes that were killed in a run left behind: private keys lie there."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not pid.isdigit() or Path("/proc", pid).exists():
            continue
        with suppress(FileNotFoundError):  # another run was faster
            if not folder.is_symlink() and folder.stat().st_uid in owners:
                shutil.rmtree(folder, ignore_errors=True)


def _variables(folder: Path, number: int, access: Access) -> dict[str, Any]:
    if access.login.private_key is None:
        raise DriverError(
            f"{access.name}: playbooks need a login with a private key",
            Reason.AUTH_FAILED,
            fix="Give the credential a private_key.",
        )
    key = folder / f"key-{number}"
    _write(key, access.login.private_key.rstrip("\n") + "\n")
    options = _verified(folder)
    if access.ssh.legacy is not None:
        options += f" {_SHA1}"
    if access.ssh.via is not None:
        options += f' -o ProxyCommand="{_leading(folder, number, access.name, access.ssh.via)}"'
    return {
        "ansible_host": unsafe(access.ssh.host),
        "ansible_port": access.ssh.port,
        "ansible_user": unsafe(access.login.username),
        "ansible_ssh_private_key_file": unsafe(str(key)),
        "ansible_ssh_common_args": unsafe(options),
        "ansible_python_interpreter": unsafe("/usr/bin/python3"),
        "hatang_device_key": unsafe(access.ssh.key),
    }


def _is_network(access: Access) -> bool:
    return access.platform.drivers.ansible is not None


def _network(folder: Path, number: int, access: Access) -> dict[str, Any]:
    """Return how Ansible types at a device's command line, its password read from a file.

    Raises:
        DriverError: NOT_SUPPORTED for a device that needs SHA-1, which this way cannot be told.
    """
    if access.ssh.legacy is not None:
        raise DriverError(
            f"{access.name}: playbooks speak no SSH with SHA-1 to network devices",
            Reason.NOT_SUPPORTED,
            fix="Leave it out, or change it with a change set.",
        )
    login = access.cli_login
    found: dict[str, Any] = {
        "ansible_connection": unsafe("ansible.netcommon.network_cli"),
        "ansible_network_os": unsafe(access.platform.drivers.ansible or ""),
        "ansible_network_cli_ssh_type": unsafe("paramiko"),
        "ansible_host": unsafe(access.ssh.host),
        "ansible_port": access.ssh.port,
        "ansible_user": unsafe(login.username),
        "ansible_python_interpreter": unsafe(sys.executable),
        "hatang_device_key": unsafe(access.ssh.key),
    }
    if login.private_key is not None:
        key = folder / f"key-{number}"
        _write(key, login.private_key.rstrip("\n") + "\n")
        found["ansible_ssh_private_key_file"] = unsafe(str(key))
    if login.password is not None:
        found["ansible_password"] = _read(folder / f"password-{number}", login.password)
    if login.enable_password is not None:
        found["ansible_become"] = True
        found["ansible_become_method"] = unsafe("ansible.netcommon.enable")
        path = folder / f"enable-{number}"
        found["ansible_become_password"] = _read(path, login.enable_password)
    if access.ssh.via is not None:
        command = _leading(folder, number, access.name, access.ssh.via)
        found["ansible_paramiko_proxy_command"] = unsafe(command.replace("[%h]", "%h"))
    return found


def _read(path: Path, secret: str) -> str:
    """Write `secret` down; returns the template that reads it, whose result is never rendered."""
    _write(path, secret)
    return f"{{{{ lookup('ansible.builtin.file', '{path}', rstrip=false) }}}}"


def _hops(access: Access) -> list[Target]:
    return [access.ssh] if access.ssh.via is None else [access.ssh.via.target, access.ssh]


def _verified(folder: Path) -> str:
    return (
        f"-o UserKnownHostsFile={folder / 'known_hosts'} -o GlobalKnownHostsFile=/dev/null "
        "-o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o IdentityAgent=none"
    )


def _leading(folder: Path, number: int, name: str, hop: Hop) -> str:
    """Return the command that leads through a jump host, whose key is proven as the device's is.

    Raises:
        DriverError: AUTH_FAILED without a private key, REJECTED for a name a shell would read.
    """
    who, where = hop.login.username, hop.target.host
    if hop.login.private_key is None:
        raise DriverError(
            f"{name}: playbooks need a private key on {hop.target}",
            Reason.AUTH_FAILED,
            fix="Give the credential a private_key.",
        )
    if not (_WORD.fullmatch(who) and _WORD.fullmatch(where)):
        raise DriverError(f"{name}: {hop.target} has no plain name", Reason.REJECTED)
    key = folder / f"jump-{number}"
    _write(key, hop.login.private_key.rstrip("\n") + "\n")
    return f"ssh -i {key} -p {hop.target.port} {_verified(folder)} -W [%h]:%p {who}@{where}"


def _shared(folder: Path, variables: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    shared = {name: _marked(value) for name, value in variables.items()}
    for name, text in files.items():
        path = folder / f"secret-{name}"
        _write(path, text)
        shared[name] = unsafe(str(path))
    return shared


def _marked(value: object) -> object:
    """Mark every text in `value`; numbers and truth are no templates."""
    if isinstance(value, str):
        return unsafe(value)
    return [_marked(each) for each in value] if isinstance(value, list) else value


def unsafe(text: str) -> dict[str, str]:
    """Mark `text` so that Ansible never renders it as a template."""
    return {"__ansible_unsafe": text}


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
