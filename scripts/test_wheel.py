"""Builds the wheel, installs it in an environment of its own, and tests it outside the checkout.

From inside the checkout the source would shadow the wheel, so the tests run from a copy.

The stages before this one have tested every line from the checkout. What packing can break is
proven here, each by itself: that every file of the checkout's packages is in the wheel, byte for
byte, and nothing else; that every module is imported from there; and, by tests, what the wheel
alone has (the compiled loops) or finds elsewhere (files beside a module, processes of ours).
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

LEFT_OUT = ("slow", "timed", "lab", "browser", "postgresql", "acceptance")
ROOT = Path(__file__).resolve().parents[1]
DEPENDENCIES = ROOT / ".venv/lib/python3.11/site-packages"
SHARED = sorted(file.name for file in (ROOT / "tests").glob("*.py"))
FOLDERS = (
    *("hatang", "inventory", "monitors", "alerts", "playbooks"),
    *("baselines", "conference", "api", "cli"),
)
CHOSEN = (
    # Compiled in the wheel and plain in the checkout: the SNMP decoder, the text of series, the
    # identity of alerts.
    "alerts/test_intake.py",
    *("hatang/drivers/snmp", "hatang/drivers/test_snmp.py", "monitors/test_collect.py"),
    *("monitors/test_exposition.py", "monitors/test_watch.py"),
    # Read from beside a module: tables, packs, rules, runbooks, templates, words, pages.
    *("hatang/test_migrations.py", "hatang/reports", "inventory/test_platforms.py"),
    *("inventory/catalogue/test_proposing.py", "inventory/sheets/test_words.py"),
    *("inventory/discovery/test_logins.py", "monitors/test_modules.py"),
    *("monitors/hints/test_schema.py", "monitors/exporter", "monitors/probes/test_every.py"),
    *("alerts/test_configuration.py", "alerts/rulebook/test_service.py"),
    *("baselines/test_packs.py", "baselines/test_parsing.py", "playbooks/test_catalogue.py"),
    *("api/test_inventory_pages.py", "api/test_browse.py", "api/test_rest.py", "api/test_words.py"),
    # Started as processes of their own, which look for our packages anew.
    *("hatang/workshop", "hatang/supervisor", "inventory/test_yamlchild.py"),
    *("playbooks/runs/test_workspace.py", "cli"),
)

# What stands beside the packages and in no wheel.
BESIDE = ("bench", "deploy", "docs", "lab", "scripts")
NOT_PACKED = {"__pycache__"}
# Migrations are loaded by Alembic and the parts of roles by their processes: `cli` tests both.
IMPORTING = """
import importlib, pkgutil, sys
for package in {packages}:
    folder = importlib.import_module(package).__path__
    for found in pkgutil.walk_packages(folder, package + "."):
        if ".migrations." not in found.name and not found.name.endswith(".__main__"):
            importlib.import_module(found.name)
            print(sys.modules[found.name].__file__)
"""


def main() -> int:
    """Return pytest's exit status."""
    with tempfile.TemporaryDirectory(prefix="hatang-wheel-") as name:
        work = Path(name)
        wheel = _build(work)
        _prove_whole(wheel)
        python = _install(work, wheel)
        for entry in (*SHARED, *FOLDERS):
            _copy(ROOT / "tests" / entry, work / "copy" / "tests" / entry)
        _leave_out_what_needs_the_checkout(work / "copy")
        shutil.copyfile(ROOT / "pyproject.toml", work / "copy" / "pyproject.toml")
        _prove_origin(python, work)
        marks = " and ".join(f"not {mark}" for mark in LEFT_OUT)
        paths = [f"tests/{each}" for each in CHOSEN]
        if absent := [path for path in paths if not (work / "copy" / path).exists()]:
            raise SystemExit(f"chosen, and left out or not there: {', '.join(absent)}")
        command = [str(python), "-m", "pytest", "-q", "-n", "2", "-m", marks, *paths]
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


def _prove_whole(wheel: Path) -> None:
    """Compare the wheel with the checkout; raises SystemExit with what differs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packing = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    expected = {each: ROOT / each for name in packing["packages"] for each in _below(ROOT / name)}
    for source, target in packing["force-include"].items():
        expected |= {
            f"{target}{each[len(source) :]}": ROOT / each for each in _below(ROOT / source)
        }
    with zipfile.ZipFile(wheel) as packed:
        found = {name for name in packed.namelist() if ".dist-info/" not in name}
        changed = {
            name
            for name in found & set(expected)
            if packed.read(name) != expected[name].read_bytes()
        }
    stray = {name for name in found - set(expected) if not name.endswith(".so")}
    if wrong := {"absent": set(expected) - found, "changed": changed, "stray": stray}:
        told = [f"{how}: {', '.join(sorted(names))}" for how, names in wrong.items() if names]
        if told:
            raise SystemExit("the wheel is not the checkout\n" + "\n".join(told))
    sys.stdout.write(f"{len(found)} files of the wheel are the checkout's\n")


def _below(folder: Path) -> list[str]:
    """Return the files below `folder`, as paths from the root of the checkout."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file.relative_to(ROOT).as_posix() for file in files if not NOT_PACKED & set(file.parts)]


def _prove_origin(python: Path, work: Path) -> None:
    """Import every module; raises SystemExit for one that does not come from the wheel."""
    code = IMPORTING.format(packages=FOLDERS)
    where = subprocess.run(
        [str(python), "-c", code], cwd=work / "copy", check=True, capture_output=True, text=True
    ).stdout.split()
    strangers = [path for path in where if not path.startswith(str(work / "venv"))]
    if strangers or not where:
        raise SystemExit(f"not from the wheel: {strangers}")
    sys.stdout.write(f"{len(where)} modules are imported from the wheel\n")


if __name__ == "__main__":
    sys.exit(main())
