"""Compiles the SNMP decoder with Cython, away from the source tree.

Called by the wheel's build hook, the benchmark and the tests of both forms. Bounds checks stay
on: without them crafted datagrams gave wrong values, then a segmentation fault.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULE = "hatang.drivers.snmp.codec"
SOURCE = Path("hatang/drivers/snmp")
DIRECTIVES = {
    "language_level": "3",
    # Hints are for people and mypy; what the compiler may assume stands in codec.pxd.
    "annotation_typing": "False",
    "boundscheck": "True",
    "wraparound": "False",
}


def compile_core(folder: Path) -> Path:
    """Return the extension module built below `folder`; raises whatever went wrong."""
    package = folder / SOURCE
    package.mkdir(parents=True, exist_ok=True)
    for suffix in (".py", ".pxd"):
        shutil.copy(ROOT / SOURCE / f"codec{suffix}", package)
    for level in range(1, len(SOURCE.parts) + 1):
        folder.joinpath(*SOURCE.parts[:level], "__init__.py").touch()
    options = [word for name, value in DIRECTIVES.items() for word in ("-X", f"{name}={value}")]
    translated = package / "codec.c"
    _run([sys.executable, "-m", "cython", *options, "-o", str(translated), "codec.py"], package)
    module = package / f"codec{sysconfig.get_config_var('EXT_SUFFIX')}"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    include = f"-I{sysconfig.get_path('include')}"
    flags = ["-O2", "-fPIC", "-shared", "-fwrapv", "-DNDEBUG", include]
    _run([*compiler, *flags, str(translated), "-o", str(module)], package)
    return module


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")


if __name__ == "__main__":
    sys.stdout.write(f"{compile_core(Path(sys.argv[1]))}\n")
