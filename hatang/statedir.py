"""The data directory: private, stamped with the layout that wrote it, one executor id inside."""

from __future__ import annotations

import fcntl
import os
import tempfile
import uuid
from pathlib import Path
from typing import Final

from hatang.errors import SettingsError

LAYOUT: Final = 1
"""Grows when files in the data directory move; an older hatang then refuses to start."""

_STAMP: Final = "layout"
_FOLDERS: Final = ("run", "logs", "keys", "blobs")
_PRIVATE: Final = 0o700


def prepare(data_dir: Path) -> Path:
    """Create `data_dir` (mode 0700) and its folders, or check an existing one; return it.

    Raises:
        SettingsError: it cannot be created or written, or a newer hatang wrote it.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
        data_dir.chmod(_PRIVATE)
        _check_writable(data_dir)
        _check_stamp(data_dir / _STAMP)
        for name in _FOLDERS:
            (data_dir / name).mkdir(exist_ok=True, mode=_PRIVATE)
    except OSError as error:
        raise SettingsError(
            f"the data directory {data_dir} cannot be used: {error.strerror or error}",
            fix="Give it to the user hatang runs as, or set data_dir to another place.",
        ) from error
    return data_dir


def _check_writable(data_dir: Path) -> None:
    # Trying is the only sure test: root passes every permission check, even on a read-only mount.
    with tempfile.NamedTemporaryFile(dir=data_dir, prefix=".writable-") as probe:
        probe.write(b"?")
        probe.flush()
        os.fsync(probe.fileno())


def _check_stamp(stamp: Path) -> None:
    if not stamp.exists():
        replace_text(stamp, f"{LAYOUT}\n")
        return
    text = stamp.read_text("utf-8").strip()
    if not text.isdigit() or int(text) > LAYOUT:
        raise SettingsError(
            f"the data directory {stamp.parent} was written by a newer hatang (layout {text!r})",
            fix="Install that version, or restore a backup made by this one.",
        )


def replace_text(path: Path, text: str) -> None:
    """Write `text` to `path` so that a reader, or a crash, sees the old or the new, never half."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).replace(path)


def executor_id(data_dir: Path, configured: str = "") -> str:
    """Return the id this installation's worker keeps across restarts; drawn once when not set."""
    if configured:
        return configured
    file = data_dir / "executor-id"
    if not file.exists():
        replace_text(file, f"worker-{uuid.uuid4().hex[:12]}\n")
    return file.read_text("utf-8").strip()


class Lock:
    """An exclusive lock on a file of the data directory, held until closed or the process dies."""

    def __init__(self, path: Path, purpose: str) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise SettingsError(
                f"{purpose} already runs on this data directory ({path.parent.parent})",
                fix="Stop the other one, or give this one its own data_dir.",
            ) from error
        os.ftruncate(self._handle, 0)
        os.write(self._handle, f"{os.getpid()}\n".encode())

    def close(self) -> None:
        """Let go of the lock."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
