from __future__ import annotations

from pathlib import Path

import pytest

from hatang import statedir
from hatang.errors import SettingsError


def test_it_is_created_private(tmp_path: Path) -> None:
    made = statedir.prepare(tmp_path / "deep" / "state")
    assert made.stat().st_mode & 0o777 == 0o700
    assert (made / "run").is_dir()


def test_preparing_again_changes_nothing(tmp_path: Path) -> None:
    first = statedir.executor_id(statedir.prepare(tmp_path))
    assert statedir.executor_id(statedir.prepare(tmp_path)) == first


def test_one_written_by_a_newer_hatang_is_refused(tmp_path: Path) -> None:
    statedir.prepare(tmp_path)
    (tmp_path / "layout").write_text(str(statedir.LAYOUT + 1))
    with pytest.raises(SettingsError, match="newer"):
        statedir.prepare(tmp_path)


def test_a_place_that_cannot_be_written_is_refused() -> None:
    # /proc refuses even root, as a read-only mount does.
    with pytest.raises(SettingsError) as caught:
        statedir.prepare(Path("/proc/hatang"))
    assert "data_dir" in caught.value.fix


def test_a_configured_executor_id_wins(tmp_path: Path) -> None:
    assert statedir.executor_id(tmp_path, "dc-1:worker") == "dc-1:worker"


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    file = statedir.prepare(tmp_path) / "run" / "worker.lock"
    lock = statedir.Lock(file, "a worker")
    with pytest.raises(SettingsError, match="a worker already runs"):
        statedir.Lock(file, "a worker")
    lock.close()
    statedir.Lock(file, "a worker").close()
