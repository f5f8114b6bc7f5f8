"""Programs of Debian's prometheus packages: installed, or from the tree the lab built."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

TREES = Path("/var/cache/hatang-lab")
# Debian's Alertmanager reads its default template from /usr/share: give it the tree's.
ALERTMANAGER = """#!/bin/sh
exec unshare --mount --propagation private sh -c \\
  'mount --bind "{tree}/usr/share" /usr/share && exec "$0" "$@"' \\
  "{tree}/usr/bin/prometheus-alertmanager" "$@"
"""


def debian_tool(name: str) -> str:
    """Return a program's path; skip, naming it, when there is none."""
    installed = [found] if (found := shutil.which(name)) else []
    for path in (*installed, *map(str, sorted(TREES.glob(f"*/usr/bin/{name}")))):
        return path
    pytest.skip(f"{name} is not installed, and no tree of the lab holds it")


def debian_alertmanager(folder: Path) -> str:
    """Return what starts Alertmanager, where need be with the templates of its own tree."""
    program = Path(debian_tool("prometheus-alertmanager"))
    if program.parents[2] == Path("/"):
        return str(program)
    if os.geteuid() != 0:
        pytest.skip("only root can give the lab's Alertmanager its own templates")
    folder.mkdir(exist_ok=True)
    wrapper = folder / "alertmanager"
    wrapper.write_text(ALERTMANAGER.format(tree=program.parents[2]))
    wrapper.chmod(0o755)
    return str(wrapper)
