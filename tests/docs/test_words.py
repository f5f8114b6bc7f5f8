"""Pages speak of the project alone: no machine of ours, no address of a registry, no praise."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, pages

_MACHINE = re.compile(r"(?<![\w.-])/(?:work|root|tmp/plan|home/\w+)\b")
_REGISTRY = re.compile(
    r"\bpypi\.org|\bfiles\.python\w+\.org|registry\.npm|\bdeb\.debian|proxy\.golang|index-url", re.I
)
_PRAISE = re.compile(
    r"\b(?:seamless|blazing|effortless|cutting-edge|world-class|powerful|game-chang|best-in-class"
    r"|state-of-the-art|next-generation|enterprise-grade)",
    re.I,
)


@pytest.mark.parametrize("pattern", [_MACHINE, _REGISTRY, _PRAISE])
def test_no_page_holds_a_forbidden_word(pattern: re.Pattern[str]) -> None:
    texts = {page.name: page.text for page in pages()}
    texts |= {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for path in (ROOT / "deploy").rglob("*")
        if path.is_file()
    }
    found = {name: match.group() for name, text in texts.items() if (match := pattern.search(text))}
    assert not found


def test_the_patterns_find_what_they_are_for() -> None:
    assert _MACHINE.search("see /" + "work/here")
    assert not _MACHINE.search("docs/workings and a/root")
    assert _REGISTRY.search("from https://pypi." + "org")
