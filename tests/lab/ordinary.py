"""A person without root: the lab's command, and hatang's, run as an ordinary user."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lab import alive

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120.0


def prefix(number: int) -> str:
    """Another one for each process of the suite, and never the default."""
    return f"127.{20 + number * 50 + os.getpid() % 50}.0.0/16"


@dataclass(frozen=True)
class Commands:
    """The commands, on one state directory, as a user they are run as."""

    directory: Path
    python: tuple[str, ...] = (sys.executable,)
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "XDG_STATE_HOME": str(self.directory.parent), **self.environ}

    def run(self, *words: str, expected: int = 0) -> str:
        """Run `hatang-lab`."""
        return self._run("lab", words, expected, "")

    def on(self, word: str, *words: str, expected: int = 0) -> str:
        """Run `hatang-lab` on this state directory."""
        return self.run(word, "--state", str(self.directory), *words, expected=expected)

    def hatang(self, *words: str, expected: int = 0, given: str = "") -> str:
        """Run `hatang`; `given` is its standard input."""
        return self._run("cli", words, expected, given)

    def answering(self) -> list[str]:
        nodes = json.loads(self.on("status", "--format", "json"))["nodes"]
        return [name for name, node in nodes.items() if node["answers"]]

    def _run(self, module: str, words: tuple[str, ...], expected: int, given: str) -> str:
        done = subprocess.run(
            [*self.python, "-m", module, *words], capture_output=True, text=True, check=False,
            env=self.environment, cwd=ROOT, input=given, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        assert done.returncode == expected, f"{words}: {done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stderr if expected else done.stdout


def processes_of(directory: Path) -> list[str]:
    """Return what still runs on a configuration below this directory."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"{directory}/" in words and alive.start_time(int(entry.name)) is not None:
            found.append(words.replace("\0", " "))
    return found


@contextmanager
def person() -> Iterator[Commands]:
    """Yield the commands as an ordinary user with a home of its own: nobody, where we are root."""
    with tempfile.TemporaryDirectory(prefix="hatang-loopback-") as home:
        python: tuple[str, ...] = (sys.executable,)
        if os.geteuid() == 0:
            python = _nobody(Path(home))
        lab = Commands(Path(home) / "hatang-lab", python, {"HOME": home})
        try:
            yield lab
        finally:
            lab.run("down", "--purge")
        assert processes_of(lab.directory) == []
        assert not lab.directory.exists()


def _nobody(home: Path) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("becoming another user needs setpriv")
    os.chown(home, NOBODY, NOBODY)
    user = (setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    python = (*user, _python_for_all(home / "python"))
    probe = [*python, "-c", "import lab.main, asyncssh"]
    if subprocess.run(probe, cwd=home, check=False, capture_output=True).returncode != 0:
        pytest.skip("this checkout cannot be read by other users")
    return python


def _python_for_all(place: Path) -> str:
    """Return a Python with our packages that any user can start: ours may lie in a home."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    system = Path("/usr/bin") / version
    made = [str(system), "-m", "venv", "--without-pip", str(place)]
    if not system.exists() or subprocess.run(made, check=False).returncode != 0:
        pytest.skip(f"there is no {system} for other users")
    # Not what lies in the packages' own .pth files: those are read in a real site directory only.
    paths = f"{sysconfig.get_path('purelib')}\n{ROOT}\n"
    (place / "lib" / version / "site-packages" / "ours.pth").write_text(paths)
    return str(place / "bin/python")
