"""Runs ansible-inventory over files that somebody gave, in a process of its own with limits.

An inventory can be a program, and a plugin's configuration can start one: only what is written
down in INI or YAML is read here, in a folder that holds nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

SECONDS: Final = 90
MAX_COMPLAINT: Final = 2000


def list_hosts(given: bytes) -> bytes:
    """Return what `ansible-inventory --list` says of the files `given` (JSON: name → text).

    The key `` holds the name of the one to be asked for; "" is the folder. A failure comes back as
    `{"error": …}`.
    """
    files: dict[str, str] = json.loads(given)
    asked = files.pop("")
    with tempfile.TemporaryDirectory(prefix="hatang-inventory-") as name:
        home = Path(name)
        source = home / "source"
        source.mkdir()
        for path, text in files.items():
            file = source / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return _run(home, source / asked)


def _run(home: Path, asked: Path) -> bytes:
    (home / "ansible.cfg").touch()
    # Not resolved: the command stands beside the environment's python.
    command = [str(Path(sys.executable).parent / "ansible-inventory"), "-i", str(asked), "--list"]
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command,
            capture_output=True,
            check=False,
            cwd=home,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return json.dumps({"error": "it did not end in time"}).encode()
    if done.returncode == 0:
        return done.stdout
    told = done.stderr.decode("utf-8", "replace").replace(f"{home}/source/", "")
    return json.dumps({"error": " ".join(told.split())[:MAX_COMPLAINT]}).encode()


def _environment(home: Path) -> dict[str, str]:
    empty = str(home / "nothing")
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "PYTHONSAFEPATH": "1",
        "ANSIBLE_CONFIG": str(home / "ansible.cfg"),
        "ANSIBLE_HOME": str(home / "home"),
        "ANSIBLE_COLLECTIONS_PATH": empty,
        "ANSIBLE_INVENTORY_PLUGINS": empty,
        "ANSIBLE_VARS_PLUGINS": empty,
        "ANSIBLE_INVENTORY_ENABLED": "ini,yaml",
        "ANSIBLE_VARS_ENABLED": "host_group_vars",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
        "ANSIBLE_NOCOLOR": "1",
    }
