"""Builds the wheel, installs it in an environment of its own, and tests it outside the checkout.

From inside the checkout the source would shadow the wheel, so the tests run from a copy.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

LEFT_OUT = ("slow", "timed", "lab", "browser", "postgresql", "acceptance")
ROOT = Path(__file__).resolve().parents[1]
DEPENDENCIES = ROOT / ".venv/lib/python3.11/site-packages"
TESTS = (
    *sorted(file.name for file in (ROOT / "tests").glob("*.py")),
    *("hatang", "inventory", "monitors", "alerts", "playbooks"),
    *("baselines", "conference", "api", "cli"),
)

# What stands beside the packages and in no wheel.
BESIDE = ("bench", "deploy", "docs", "lab", "scripts")
# They prove arithmetic over thousands of cases, which packing cannot break, and take the longest.
LONG = (
    *("alerts/test_step.py", "alerts/test_correlation_machine.py", "alerts/test_fingerprint.py"),
    *("inventory/test_removing.py", "inventory/test_topology.py", "inventory/test_searching.py"),
    *(
        "inventory/test_importing.py",
        "inventory/test_reading.py",
        "inventory/sheets/test_parsing.py",
    ),
    *("inventory/reorganisation/test_hostile.py", "inventory/sources/test_hostile.py"),
)


def main() -> int:
    """Return pytest's exit status."""
    with tempfile.TemporaryDirectory(prefix="hatang-wheel-") as name:
        work = Path(name)
        wheel = _build(work)
        python = _install(work, wheel)
        for entry in TESTS:
            _copy(ROOT / "tests" / entry, work / "copy" / "tests" / entry)
        _leave_out_what_needs_the_checkout(work / "copy")
        shutil.copyfile(ROOT / "pyproject.toml", work / "copy" / "pyproject.toml")
        _prove_origin(python, work)
        chosen = " and ".join(f"not {mark}" for mark in LEFT_OUT)
        command = [str(python), "-m", "pytest", "-q", "-n", "2", "-m", chosen, "tests"]
        return subprocess.run(command, cwd=work / "copy", check=False).returncode


def _build(work: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(work / "dist")]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return next((work / "dist").glob("*.whl"))


def _install(work: Path, wheel: Path) -> Path:
    venv.create(work / "venv", with_pip=True)
    python = work / "venv/bin/python"
    site = work / "venv/lib/python3.11/site-packages"
    install = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True)
    # The locked dependencies come from .venv; its editable hatang must not come along. Child
    # processes that see nothing of our environment find the tests' own functions all the same.
    paths = f"{DEPENDENCIES}\n{work / 'copy'}\n"
    (site / "dependencies.pth").write_text(paths, encoding="utf-8")
    return python


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.is_file():
        shutil.copyfile(source, target)


def _leave_out_what_needs_the_checkout(copy: Path) -> None:
    """Remove the tests that need what stands beside the packages, then those that import these."""
    for name in LONG:
        (copy / "tests" / name).unlink()
    found = True
    while found:
        found = False
        for file in sorted((copy / "tests").rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            absent = {name for name in _imported(tree) if not _is_there(name, copy)}
            if needed := sorted(absent | _read(tree)):
                sys.stdout.write(f"left out: {file.relative_to(copy)} needs {', '.join(needed)}\n")
                file.unlink()
                found = True


def _read(tree: ast.Module) -> set[str]:
    """Return the folders of the checkout that a test reads, as in `ROOT / "deploy"`."""
    joined = (node for node in ast.walk(tree) if isinstance(node, ast.BinOp))
    constants = (node.right for node in joined if isinstance(node.op, ast.Div))
    words = {str(node.value) for node in constants if isinstance(node, ast.Constant)}
    firsts = {word.partition("/")[0] for word in words}
    return firsts & set(BESIDE)


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name for name in found if name.split(".")[0] in (*BESIDE, "tests")}


def _is_there(module: str, copy: Path) -> bool:
    path = copy.joinpath(*module.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def _prove_origin(python: Path, work: Path) -> None:
    code = "import hatang, inventory; print(hatang.__file__, inventory.__file__)"
    where = subprocess.run(
        [str(python), "-c", code], cwd=work / "copy", check=True, capture_output=True, text=True
    ).stdout.split()
    strangers = [path for path in where if not path.startswith(str(work / "venv"))]
    if strangers:
        raise SystemExit(f"not from the wheel: {strangers}")


if __name__ == "__main__":
    sys.exit(main())
