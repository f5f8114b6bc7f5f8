"""Rules of a public collection of 112 files pass hatang's door, as they pass promtool."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.acceptance.doors import BIN, clean_environ, run
from tests.acceptance.red import hold, turns_red

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

COLLECTION = (
    Path(__file__).parents[3] / "shared" / "oracles" / "prometheus" / "awesome-prometheus-alerts"
)
FILES = 112
TREES = Path("/var/cache/hatang-lab")
EXPRESSION = re.compile(r"(?m)^(\s*)expr:.*$")


@pytest.fixture(scope="module")
def collection() -> list[Path]:
    if not COLLECTION.is_dir():
        pytest.skip(f"{COLLECTION} is absent: the collection is not part of the project")
    return sorted(COLLECTION.rglob("*.yml"))


@pytest.fixture(scope="module")
def promtool() -> str:
    found = shutil.which("promtool") or next(map(str, TREES.glob("*/usr/bin/promtool")), "")
    if not found:
        pytest.skip("promtool is not installed")
    return found


def spoilt(path: Path, folder: Path) -> Path:
    """Write a copy of a file whose first expression lost its range."""
    copy = folder / path.name
    text, count = EXPRESSION.subn(r"\1expr: rate(up) > 0", path.read_text("utf-8"), count=1)
    assert count == 1
    copy.write_text(text, "utf-8")
    return copy


def check(files: list[Path], promtool: str, data_dir: Path) -> None:
    """Hold that both doors take all `files`."""
    words = [str(each) for each in files]
    environ = clean_environ(HATANG_DATA_DIR=str(data_dir))
    ours = run([str(BIN / "hatang"), "rule", "check", *words, "--format", "json"], environ)
    theirs = run([promtool, "check", "rules", "--lint=none", *words])
    hold(ours.status == 0, f"hatang refuses some:\n{ours.err}")
    hold(theirs.status == 0, f"promtool refuses some:\n{theirs.err}")
    hold([each["file"] for each in ours.json()] == words, "hatang left some out")


def test_the_whole_collection_passes(collection: list[Path], promtool: str, tmp_path: Path) -> None:
    assert len(collection) == FILES
    check(collection, promtool, tmp_path)


def test_sabotage_one_expression_lost_its_range(
    collection: list[Path], promtool: str, tmp_path: Path
) -> None:
    one = next(each for each in collection if EXPRESSION.search(each.read_text("utf-8")))
    with turns_red():
        check([*collection[:3], spoilt(one, tmp_path)], promtool, tmp_path)
