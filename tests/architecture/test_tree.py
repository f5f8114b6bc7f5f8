"""What must and must not stand in the tree."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess

import pytest

from tests.architecture.source import PACKAGES, ROOT

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


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    declared = importlib.metadata.requires("hatang") or []
    names = {re.split(r"[\s;<>=\[~!]", line, maxsplit=1)[0] for line in declared}
    listed = {_normal(name) for name in re.findall(r"^\| (\S+) \|", reasons, re.MULTILINE)}
    missing = sorted(name for name in names if _normal(name) not in listed)
    assert not missing


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only in a git checkout")
def test_no_secret_key_is_tracked() -> None:
    needle = "BEGIN " + "OPENSSH PRIVATE KEY"
    found = subprocess.run(
        ["git", "-C", str(ROOT), "grep", "-lI", needle], capture_output=True, text=True, check=False
    )
    assert found.stdout == ""
