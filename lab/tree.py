"""The small Debian tree every node boots from: built once, shared read-only, never the host's `/`.

The tree is cached under a name derived from what it holds; it appears under that name by a rename,
so that an interrupted build is never used.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lab.errors import LabError
from lab.shell import CLEAN_ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TREE_VERSION = 3  # raise it when the customisation below changes
DEFAULT_CACHE = Path("/var/cache/hatang-lab")
_PACKAGES = """
frr frr-snmp frr-pythontools lldpd snmpd snmp openssh-server openssh-client iputils-ping
iproute2 nginx-light kamailio bind9 bind9-dnsutils postfix janus prometheus
prometheus-alertmanager sudo procps python3 python3-apt tcpdump nftables traceroute rsyslog
sip-tester iperf3 curl ca-certificates openssl
"""
PACKAGES = tuple(_PACKAGES.split())

# The build mounts the host's /dev/shm and its own /proc below the tree. In namespaces of its own
# these go when we are killed, with all its processes, and nobody removes files through them.
ALONE = (
    *("setpriv", "--pdeathsig", "KILL", "--"),
    *("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"),
    *("--mount-proc", "--"),
)

CUSTOMISE = r"""
set -eu
tree="$1"
chroot "$tree" useradd --create-home --shell /usr/bin/vtysh --groups frrvty,frr netadmin
chroot "$tree" useradd --create-home --shell /bin/bash --groups frrvty,frr ops
chroot "$tree" useradd --create-home --shell /usr/sbin/nologin noc
printf 'ops ALL=(ALL) NOPASSWD:ALL\n' > "$tree/etc/sudoers.d/ops"
chmod 0440 "$tree/etc/sudoers.d/ops"
rm -f "$tree"/etc/ssh/ssh_host_*_key* "$tree"/etc/apt/sources.list.d/* "$tree"/etc/hostname
rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/*.bin
mkdir -p "$tree/etc/lab" "$tree/etc/ssh/authorized_keys" "$tree/var/agentx"
"""


def tree_name() -> str:
    """Return the cache key: the packages, the suite and the customisation."""
    text = "\n".join([str(TREE_VERSION), suite(), *sorted(PACKAGES), CUSTOMISE])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def suite(os_release: Path = Path("/etc/os-release")) -> str:
    """Return the host's Debian suite.

    Raises:
        LabError: the host is not a Debian release with a code name.
    """
    fields = dict(line.split("=", 1) for line in os_release.read_text().splitlines() if "=" in line)
    codename = fields.get("VERSION_CODENAME", "").strip('"')
    if fields.get("ID", "").strip('"') != "debian" or not codename:
        raise LabError("The lab builds its nodes from Debian packages and needs a Debian host.")
    return codename


def apt_sources(root: Path = Path("/etc/apt")) -> list[str]:
    """Return the host's own apt source files: the lab names no mirror.

    Raises:
        LabError: there are none.
    """
    files = [root / "sources.list", *sorted((root / "sources.list.d").glob("*debian*.sources"))]
    files += sorted((root / "sources.list.d").glob("*debian*.list"))
    found = [str(file) for file in files if file.exists() and file.stat().st_size]
    if not found:
        raise LabError("This host has no apt sources for Debian, so no tree can be built.")
    return found


def cache_directory(option: Path | None) -> Path:
    """Return the cache: the option, else HATANG_LAB_CACHE, else the default."""
    return option or Path(os.environ.get("HATANG_LAB_CACHE", DEFAULT_CACHE))


@contextmanager
def _only_builder(cache: Path) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(cache: Path, say: Callable[[str], None]) -> Path:
    """Return the tree, building it first when the cache has none.

    Raises:
        LabError: mmdebstrap is missing or failed; the message points at its log.
    """
    wanted = cache / tree_name()
    if wanted.is_dir():
        return wanted
    with _only_builder(cache):
        if not wanted.is_dir():
            say(f"building the Debian tree once (about a minute) in {cache}")
            _build(wanted)
    return wanted


def _build(wanted: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        raise LabError("`mmdebstrap` is missing; install it with: apt-get install mmdebstrap")
    partial = wanted.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    hook = wanted.with_suffix(".customise")
    hook.write_text("#!/bin/sh" + CUSTOMISE)
    hook.chmod(0o700)
    log = wanted.with_suffix(".log")
    command = [
        *ALONE,
        "mmdebstrap",
        "--variant=minbase",
        '--aptopt=Apt::Install-Recommends "false"',
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--include=" + ",".join(PACKAGES),
        f"--customize-hook={hook}",
        suite(),
        str(partial),
        *apt_sources(),
    ]
    with log.open("w") as output:
        done = subprocess.run(
            command, stdout=output, stderr=output, check=False, env=CLEAN_ENVIRONMENT
        )
    hook.unlink()
    if done.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise LabError(f"mmdebstrap failed ({done.returncode}); its words are in {log}")
    partial.rename(wanted)
