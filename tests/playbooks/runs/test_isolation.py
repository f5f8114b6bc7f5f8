"""Playbooks run as a user who reads none of hatang's secrets, and end with whoever started them."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ansible_runner
import pytest

from hatang.datadir import Places, prepare
from hatang.drivers.fakes import FakeHostKeys
from hatang.errors import DriverError, SettingsError
from hatang.settings import Settings
from hatang.settings.model import PlaybooksSettings
from hatang.supervisor import guard
from playbooks import isolation
from playbooks.isolation import Identity, identity
from playbooks.runs.playing import Play, play
from playbooks.runs.workspace import workspace
from tests.playbooks.runs.test_workspace import KEYS, access

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
SYSTEM_PYTHON = Path("/usr/bin/python3")
NOBODY = "nobody"

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take another user")


def settings(tmp_path: Path, user: str) -> Settings:
    return Settings(data_dir=tmp_path, playbooks=PlaybooksSettings(ansible_user=user))


def test_without_a_user_isolation_is_told_to_be_off(tmp_path: Path) -> None:
    assert identity(settings(tmp_path, "")) is None
    assert isolation.describe(settings(tmp_path, "")).startswith("off: ")


@pytest.mark.parametrize("name", ["root", "no-such-user-here"])
def test_a_user_that_isolates_nothing_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError):
        identity(settings(tmp_path, name))
    assert isolation.describe(settings(tmp_path, name)).startswith("refused: ")


def test_without_root_a_set_user_is_refused_not_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SettingsError, match="only root"):
        identity(settings(tmp_path, NOBODY))


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user may enter, as /opt is; pytest's own are private."""
    folder = Path(tempfile.mkdtemp(prefix="hatang-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def python(public: Path) -> Path:
    """An interpreter with Ansible that every user may run, whatever this one's home is."""
    command = [str(SYSTEM_PYTHON), "-c", "import sys; print(sys.version_info[:2])"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.stdout.strip() != str(sys.version_info[:2]):
        pytest.skip(f"{SYSTEM_PYTHON} is not Python {sys.version_info[:2]}")
    subprocess.run(
        [str(SYSTEM_PYTHON), "-m", "venv", "--without-pip", str(public / "v")], check=True
    )
    packages = Path(ansible_runner.__file__).parents[1]
    (site,) = (public / "v" / "lib").glob("python*/site-packages")
    (site / "ours.pth").write_text(f"{packages}\n{ROOT}\n")
    for name in ("ansible-playbook", "ansible-inventory", "ansible"):
        text = (Path(sys.executable).parent / name).read_text().split("\n", 1)[1]
        script = public / "v" / "bin" / name
        script.write_text(f"#!{public / 'v' / 'bin' / 'python3'}\n{text}")
        script.chmod(0o755)
    return public / "v" / "bin" / "python3"


def nobody() -> Identity:
    entry = pwd.getpwnam(NOBODY)
    return Identity(NOBODY, entry.pw_uid, entry.pw_gid)


SPY = """
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.shell: "id -un; id -G; cat {key} 2>&1; cat {folder}/key-0; true"
      register: seen
    - ansible.builtin.debug: {{msg: "{{{{ seen.stdout }}}}"}}
"""


def spy(project: Path, python: Path, key: Path, user: Identity | None) -> tuple[str, str]:
    """Return how a playbook ended that says who it is and reads keys, and what it said."""
    events: list[dict[str, Any]] = []
    with workspace([access()], KEYS, user) as folder:
        (project / "play.yml").write_text(SPY.format(key=key, folder=folder))
        wanted = Play(folder, "play.yml", project, user=user, python=str(python))
        status = play(wanted, events.append)
    said = "".join(each["detail"].get("message", "") for each in events if "detail" in each)
    return status, said


@pytest.mark.slow
@as_root
@pytest.mark.parametrize("isolated", [True, False], ids=["isolated", "sabotage: as ourselves"])
def test_a_playbook_cannot_read_the_master_key(
    public: Path, python: Path, *, isolated: bool
) -> None:
    data_dir = public / "data"
    data_dir.mkdir(mode=0o700)
    key = Places.under(data_dir).master_key
    prepare(Places.under(data_dir))
    status, said = spy(public, python, key, nobody() if isolated else None)
    assert status == "successful", said
    assert (key.read_text("latin-1").strip()[:20] in said) is not isolated
    assert "the-private-key" in said
    if isolated:
        assert said.startswith(NOBODY)
        assert "Permission denied" in said
        assert said.splitlines()[1] == str(nobody().gid)


@as_root
def test_an_interpreter_the_user_cannot_run_is_told(public: Path) -> None:
    hidden = public / "hidden"
    hidden.mkdir(mode=0o700)
    with (
        workspace([access()], KEYS, nobody()) as folder,
        pytest.raises(DriverError, match="nobody cannot run"),
    ):
        play(Play(folder, "x.yml", public, user=nobody(), python=str(hidden / "python")))


SLEEP = """
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.command: sleep 987654
"""


def sleepers() -> list[int]:
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                words = (each / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[:2] == [b"sleep", b"987654"]:
                found.append(int(each.name))
    return found


def until(number: int, seconds: float = 60) -> bool:
    """Wait until so many sleepers sleep."""
    deadline = time.monotonic() + seconds
    while len(sleepers()) != number:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
def test_a_cancelled_run_leaves_no_process(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(SLEEP)
    with workspace([access()], KEYS) as folder:
        status = play(Play(folder, "play.yml", tmp_path), is_cancelled=lambda: bool(sleepers()))
    assert status == "canceled"
    assert until(0)


KILLED = """
import sys
from pathlib import Path
from playbooks.runs.playing import Play, play
from playbooks.runs.workspace import workspace
from tests.playbooks.runs.test_workspace import KEYS, access
with workspace([access()], KEYS) as folder:
    play(Play(folder, "play.yml", Path(sys.argv[1])))
"""


@pytest.mark.slow
def test_a_run_ends_with_the_worker_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "play.yml").write_text(SLEEP)
    worker = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT)
    try:
        assert until(1), "the playbook never began"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    try:
        assert until(0), "the playbook outlived its worker"
    finally:
        guard.send(sleepers(), signal.SIGKILL)


def test_a_player_that_dies_without_a_word_is_an_error(tmp_path: Path) -> None:
    with workspace([access()], FakeHostKeys(KEYS.keys)) as folder, pytest.raises(DriverError):
        play(Play(folder, "play.yml", tmp_path, python="/bin/false"))
