"""What must and must not stand in the tree."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest

from cli import exits
from tests.architecture.source import PACKAGES, ROOT, Module, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUIRED = (
    "inventory",
    "playbooks",
    "monitors",
    "api",
    "alerts",
    "tests",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/adr/0001-layout.md",
    "docs/dependencies.md",
)
HOSTS = re.compile("|".join(("python" + r"hosted\.org", r"registry\.npm" + r"js\.org")))


@pytest.mark.parametrize("name", REQUIRED)
def test_required_entry_exists(name: str) -> None:
    assert (ROOT / name).exists()


def test_lock_files_hold_hashes_and_no_address() -> None:
    for name in ("requirements/runtime.txt", "requirements/dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
    assert not HOSTS.search((ROOT / "package-lock.json").read_text(encoding="utf-8"))


def test_our_package_names_belong_to_us_alone() -> None:
    owners = importlib.metadata.packages_distributions()
    for package in PACKAGES:
        assert set(owners.get(package, ["hatang"])) <= {"hatang"}


def test_what_the_command_calls_ours_is_what_the_wheel_holds() -> None:
    assert frozenset(PACKAGES) - {"lab", "bench"} == exits.OURS


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _names(requirements: list[str]) -> set[str]:
    return {_normal(re.split(r"[=<>\[]", line)[0]) for line in requirements}


def test_every_dependency_has_its_reason_and_every_reason_its_dependency() -> None:
    reasons = (
        (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").split("## In the pages")[0]
    )
    listed = {_normal(name) for name in re.findall(r"^\| ([\w.-]+) \|", reasons, re.MULTILINE)}
    extras = PROJECT["optional-dependencies"].values()
    declared = _names([*PROJECT["dependencies"], *(line for extra in extras for line in extra)])
    assert listed - {"package"} == declared


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only in a git checkout")
def test_no_secret_key_is_tracked() -> None:
    needle = "BEGIN " + "OPENSSH PRIVATE KEY"
    found = subprocess.run(
        ["git", "-C", str(ROOT), "grep", "-lI", needle], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""


# What is used without being imported by its own name.
BY_ANOTHER_NAME = {
    "ansible-core": "its programs are started by ansible-runner",
    "python-multipart": "FastAPI reads forms with it",
}
IMPORT_NAMES = {
    "python-docx": "docx",
    "google-re2": "re2",
    "markdown-it-py": "markdown_it",
    "pyyaml": "yaml",
    "prometheus-client": "prometheus_client",
}


def test_every_run_time_dependency_is_used() -> None:
    declared = _names(PROJECT["dependencies"])
    imported = {name for module in modules() for name in _imports(module)}
    names = {name: IMPORT_NAMES.get(name, name.replace("-", "_")) for name in declared}
    unused = {name for name, imports in names.items() if imports not in imported}
    assert unused == set(BY_ANOTHER_NAME)


def _imports(module: Module) -> Iterator[str]:
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
