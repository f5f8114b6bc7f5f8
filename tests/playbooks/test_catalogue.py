"""Every playbook of the catalogue is there, is YAML, and says itself in both languages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hatang.errors import NotFoundError
from inventory import platforms
from playbooks.catalogue import SITE, all_playbooks, playbook
from playbooks.parameters import check
from playbooks.runs.outcomes import LAST_TASK


@pytest.mark.parametrize("name", sorted(all_playbooks()))
def test_playbook_is_complete(name: str) -> None:
    found = playbook(name)
    plays = yaml.safe_load((SITE / found.file).read_text(encoding="utf-8"))
    assert all(play["name"] and play["hosts"] == "all" for play in plays)
    assert found.title.vi
    assert found.title.en
    assert set(found.platforms) <= set(platforms.names())
    # Runs tell by it which host came to its end.
    assert all((play.get("post_tasks") or play["tasks"])[-1]["name"] == LAST_TASK for play in plays)


@pytest.mark.parametrize("name", sorted(all_playbooks()))
def test_parameters_are_variables_of_the_roles_with_their_defaults(name: str) -> None:
    found = playbook(name)
    plays = yaml.safe_load((SITE / found.file).read_text(encoding="utf-8"))
    roles = [role for play in plays for role in play.get("roles", [])]
    defaults: dict[str, object] = {}
    for role in roles:
        text = (SITE / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")
        defaults |= yaml.safe_load(text) or {}
    for each, parameter in found.parameters.items():
        assert each.startswith(tuple(f"{role}_" for role in roles))
        assert parameter.required or each in defaults
        if parameter.default is not None:
            assert defaults[each] == parameter.default
            assert check(found.parameters, {each: parameter.default})[0] or not parameter.default


@pytest.mark.slow
def test_ansible_lint_finds_nothing(tmp_path: Path) -> None:
    tool = Path(sys.executable).with_name("ansible-lint")
    environment = {
        "PATH": f"{tool.parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    command = [
        str(tool),
        "--offline",
        "--strict",
        "--profile",
        "production",
        "--nocolor",
        "-q",
        ".",
    ]
    shutil.copytree(SITE, tmp_path / "site")
    done = subprocess.run(
        command, cwd=tmp_path / "site", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_playbook_nobody_reviewed_cannot_be_run() -> None:
    with pytest.raises(NotFoundError):
        playbook("../../etc/passwd")
