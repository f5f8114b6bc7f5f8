"""Compiles the hot loops with Cython, away from the source tree: the SNMP decoder, the text, the
identity of alerts.

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
MODULES = ("hatang.drivers.snmp.codec", "monitors.lines", "alerts.fnv")
DIRECTIVES = {
    "language_level": "3",
    # Hints are for people and mypy; what the compiler may assume stands in codec.pxd.
    "annotation_typing": "False",
    "boundscheck": "True",
    "wraparound": "False",
}


def source_of(module: str) -> Path:
    """Return the folder of `module` below the root."""
    return Path(*module.split(".")[:-1])


def compile_core(folder: Path, module: str = MODULES[0]) -> Path:
    """Return the extension `module` built below `folder`; raises whatever went wrong."""
    source, name = source_of(module), module.rpartition(".")[2]
    package = folder / source
    package.mkdir(parents=True, exist_ok=True)
    for suffix in (".py", ".pxd"):
        shutil.copy(ROOT / source / f"{name}{suffix}", package)
    for level in range(1, len(source.parts) + 1):
        folder.joinpath(*source.parts[:level], "__init__.py").touch()
    options = [word for name, value in DIRECTIVES.items() for word in ("-X", f"{name}={value}")]
    translated = package / f"{name}.c"
    _run([sys.executable, "-m", "cython", *options, "-o", str(translated), f"{name}.py"], package)
    built = package / f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    include = f"-I{sysconfig.get_path('include')}"
    flags = ["-O2", "-fPIC", "-shared", "-fwrapv", "-DNDEBUG", include]
    _run([*compiler, *flags, str(translated), "-o", str(built)], package)
    return built


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")


if __name__ == "__main__":
    for each in MODULES:
        sys.stdout.write(f"{compile_core(Path(sys.argv[1]), each)}\n")
