"""Every playbook of the catalogue is there, is YAML, and says itself in both languages."""

from __future__ import annotations

import pytest
import yaml

from hatang.errors import NotFoundError
from inventory import platforms
from playbooks.catalogue import SITE, all_playbooks, playbook


@pytest.mark.parametrize("name", sorted(all_playbooks()))
def test_playbook_is_complete(name: str) -> None:
    found = playbook(name)
    plays = yaml.safe_load((SITE / found.file).read_text(encoding="utf-8"))
    assert all(play["name"] and play["hosts"] == "all" for play in plays)
    assert found.title.vi
    assert found.title.en
    assert set(found.platforms) <= set(platforms.names())


def test_a_playbook_nobody_reviewed_cannot_be_run() -> None:
    with pytest.raises(NotFoundError):
        playbook("../../etc/passwd")
