"""A large YAML is read in a process of its own: the same tree, and no memory for hostile ones."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import InvalidInputError
from inventory import service, yamlchild, yamlfile
from tests.inventory.conftest import PROVINCE

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.auth import Actor
    from hatang.db import Database

pytestmark = pytest.mark.slow

MOST_MEGABYTES = 120
"""What a process may grow by while it refuses a hostile file of 32 MiB."""
PEAK = """
import json, resource, sys
from pathlib import Path
from hatang.errors import InvalidInputError
from inventory import service

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

data = Path(sys.argv[1]).read_bytes()
before, said = peak(), ""
try:
    service.open_source(data, "hostile.yaml")
except InvalidInputError as error:
    said = error.problems[0].message
print(json.dumps([peak() - before, said]))
"""


def flat(tree: yamlfile.Tree, value: Any) -> Any:
    """Return the value with the lines of everything in it."""
    if isinstance(value, dict):
        own = {key: flat(tree, one) for key, one in value.items()}
        return own, dict(tree.entries(value))
    if isinstance(value, list):
        return [flat(tree, one) for one in value], dict(tree.entries(value))
    return value


@pytest.mark.parametrize(
    "text",
    [
        PROVINCE,
        "a: 2026-11-28\nb: {c: [1, 2.5, null, true, 'x']}\nd: &e {f: 1}\ng: *e\nrows: [[1], {}]\n",
        "- 1\n- {a: b}\n",  # no file of ours, yet told as one
        "just words",
        "rows: []\n",
    ],
)
def test_a_tree_read_apart_is_the_tree_with_its_lines(text: str) -> None:
    here, apart = yamlfile.read(text, "a.yaml"), yamlchild.read_apart(text.encode(), "a.yaml")
    assert flat(apart, apart.root) == flat(here, here.root)


def test_problems_come_back_with_their_lines() -> None:
    text = "a: 1\na: 2\nb: !x 3\n"
    with pytest.raises(InvalidInputError) as here:
        yamlfile.read(text, "a.yaml")
    with pytest.raises(InvalidInputError) as apart:
        yamlchild.read_apart(text.encode(), "a.yaml")
    assert apart.value.problems == here.value.problems


def test_a_large_file_is_planned_as_its_text_is(database: Database, engineer: Actor) -> None:
    text = PROVINCE + "#" * 80 + ("\n#" + "x" * 1000) * 1100
    opened = service.open_source(text.encode(), "large.yaml")
    assert isinstance(opened, yamlfile.Tree)
    with database.read() as session:
        apart = service.plan_import(session, engineer, opened, "large.yaml")
        here = service.plan_import(session, engineer, text, "large.yaml")
    assert apart.file_sha256 == here.file_sha256
    assert apart.counts() == here.counts()
    assert apart.created == here.created


HOSTILE = {
    "sixteen million values": ("a: [" + "1," * (16 * 1024 * 1024 - 8) + "]", "too many|too much"),
    "one word of 32 MiB": ("a: [" + "x" * (32 * 1024 * 1024 - 8), "is no YAML"),
    "more than 32 MiB": ("a" * (32 * 1024 * 1024 + 1), "is too large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_bounded_memory(name: str, tmp_path: Path) -> None:
    text, expected = HOSTILE[name]
    path = tmp_path / "hostile.yaml"
    path.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
    )
    grown, said = json.loads(done.stdout)
    assert any(part in said for part in expected.split("|"))
    assert grown < MOST_MEGABYTES
