"""Exports: what a file says comes back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hatang.auth import Actor, Role
from hatang.errors import DeniedError
from inventory import service, yamlfile
from inventory.text import normalise

if TYPE_CHECKING:
    from hatang.db import Database


@pytest.mark.usefixtures("province")
def test_a_part_of_the_province_cannot_be_exported_as_the_whole(database: Database) -> None:
    viewer = Actor(9, "viewer", frozenset({Role.VIEWER}), frozenset({1}))
    with database.read() as session, pytest.raises(DeniedError):
        service.export_yaml(session, viewer)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_any_text_comes_back_as_the_same_text(text: str) -> None:
    written = yaml.dump({"a": text}, Dumper=yaml.CSafeDumper, allow_unicode=True)
    assert yamlfile.read(written, "a.yaml").root == {"a": normalise(text)}
