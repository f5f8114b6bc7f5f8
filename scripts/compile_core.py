"""Compiles the hot loops with Cython, away from the source tree: SNMP, the text, the identity of
alerts.

Called by the wheel's build hook, the benchmark and the tests of both forms. Bounds checks stay
on: without them crafted datagrams gave wrong values, then a segmentation fault.

What was built is kept in `.cache/`, by what it was built from and by what: it takes many seconds
of processor, and a whole run of the tests asks for it from many processes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".cache" / "core"
SNMP = (
    *("codec", "frames", "deadlines", "session", "engine"),
    *("repeating", "security", "ciphers", "usm"),
)
MODULES = (*(f"hatang.drivers.snmp.{name}" for name in SNMP), "monitors.lines", "alerts.fnv")
FLAGS = ("-O2", "-fPIC", "-shared", "-fwrapv", "-DNDEBUG")
DIRECTIVES = {
    "language_level": "3",
    # Hints are for people and mypy; what the compiler may assume stands in the `.pxd` files.
    "annotation_typing": "False",
    "boundscheck": "True",
    "wraparound": "False",
}


def source_of(module: str) -> Path:
    """Return the folder of `module` below the root."""
    return Path(*module.split(".")[:-1])


def compile_core(folder: Path, module: str = MODULES[0]) -> Path:
    """Return the extension `module` below `folder`, built or kept; raises whatever went wrong."""
    source, name = source_of(module), module.rpartition(".")[2]
    package = folder / source
    package.mkdir(parents=True, exist_ok=True)
    for level in range(1, len(source.parts) + 1):
        folder.joinpath(*source.parts[:level], "__init__.py").touch()
    built = package / f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    keeping = KEPT if os.access(ROOT, os.W_OK) else folder / "kept"
    keeping.mkdir(parents=True, exist_ok=True)
    with (keeping / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = keeping / f"{_digest(source, name)}-{built.name}"
        if not kept.exists():
            _build(package, source, built)
            partial = kept.with_suffix(".partial")
            shutil.copyfile(built, partial)
            partial.replace(kept)
    shutil.copyfile(kept, built)
    return built


def _build(package: Path, source: Path, built: Path) -> None:
    name = built.name.partition(".")[0]
    for one in _sources(source, name):
        shutil.copy(one, package)
    options = [word for name, value in DIRECTIVES.items() for word in ("-X", f"{name}={value}")]
    translated = package / f"{name}.c"
    folder, path = package.parents[len(source.parts) - 1], str(source / f"{name}.py")
    _run([sys.executable, "-m", "cython", *options, "-o", str(translated), path], folder)
    include = f"-I{sysconfig.get_path('include')}"
    _run([*_compiler(), *FLAGS, include, str(translated), "-o", str(built)], package)


def _sources(source: Path, name: str) -> list[Path]:
    """Return the module's text and all types of its folder: one may name those of another."""
    return [ROOT / source / f"{name}.py", *sorted((ROOT / source).glob("*.pxd"))]


def _compiler() -> list[str]:
    return shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")


def _digest(source: Path, name: str) -> str:
    """Return what tells a build apart: its sources, its options, Cython and the compiler."""
    texts = [one.read_bytes() for one in _sources(source, name)]
    compiler = [*_compiler(), *FLAGS, _run([*_compiler(), "--version"], ROOT)]
    try:
        by = (sys.version, version("cython"), sorted(DIRECTIVES.items()), compiler)
    except PackageNotFoundError as error:
        raise RuntimeError("Cython is not installed") from error
    return hashlib.sha256(b"\0".join([*texts, repr(by).encode()])).hexdigest()[:32]


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    for each in MODULES:
        sys.stdout.write(f"{compile_core(Path(sys.argv[1]), each)}\n")
