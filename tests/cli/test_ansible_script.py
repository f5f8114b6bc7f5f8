"""The inventory script that controllers without hatang run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.inventory.serving import Handler, private_token, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "deploy" / "ansible" / "hatang_inventory.py"
TOKEN = "bi-mat"
LISTED = {"_meta": {"hostvars": {"a/b": {}}}, "all": {"hosts": ["a/b"]}}


class Api(Handler):
    def get(self) -> None:
        known = {"/api/v1/ansible/inventory": LISTED, "/api/v1/ansible/hosts/a%2Fb": {"x": 1}}
        allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
        body = json.dumps(known.get(self.path, {})).encode()
        status = 200 if allowed and self.path in known else 401
        if self.path.startswith("/away"):
            status = 302
        self.answer(status, body, Location="/api/v1/ansible/inventory")


@pytest.fixture
def url() -> Iterator[str]:
    with serving(Api) as address:
        yield address


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    return private_token(tmp_path, TOKEN)


def ran(url: str, token_file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {"HATANG_REMOTE_URL": url, "HATANG_REMOTE_TOKEN_FILE": str(token_file)}
    # Isolated: nothing but the standard library may be needed.
    command = [sys.executable, "-I", "-S", str(SCRIPT), *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_it_prints_what_ansible_asks_for(url: str, token_file: Path) -> None:
    assert json.loads(ran(url, token_file, "--list").stdout) == LISTED
    assert json.loads(ran(url, token_file, "--host", "a/b").stdout) == {"x": 1}


@pytest.mark.parametrize("path", ["/away", "/nothing"])
def test_what_is_no_answer_of_hatang_prints_nothing(url: str, token_file: Path, path: str) -> None:
    done = ran(url + path, token_file, "--list")
    assert (done.returncode, done.stdout) == (1, "")
    assert TOKEN not in done.stderr


def test_a_token_that_others_can_read_is_not_used(url: str, token_file: Path) -> None:
    token_file.chmod(0o640)
    done = ran(url, token_file, "--list")
    assert done.returncode == 1
    assert "chmod 600" in done.stderr


@pytest.mark.parametrize("url", ["http://192.0.2.1", "ftp://x", ""], indirect=False)
def test_a_token_does_not_leave_in_the_clear(token_file: Path, url: str) -> None:
    done = ran(url, token_file, "--list")
    assert done.returncode == 1
    assert "https://" in done.stderr


def test_it_can_be_run_as_ansible_runs_it() -> None:
    assert SCRIPT.stat().st_mode & 0o111
