"""The keys: shown by name, rotated by an administrator."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli import exits
from hatang import secrets
from hatang.auth import Actor

if TYPE_CHECKING:
    from tests.cli.conftest import Hatang


def test_a_rotated_master_key_has_another_name_and_opens_everything(hatang: Hatang) -> None:
    with hatang.database.write() as session:
        secrets.put(session, Actor.system("test"), "lab", "token", {"token": "canary-rotate"})
    before = json.loads(hatang("master-key", "show", "--as", "truong").out)
    ran = hatang("master-key", "rotate", "--as", "truong")
    after = json.loads(hatang("master-key", "show", "--as", "truong").out)
    assert ran.status == exits.OK
    assert json.loads(ran.out) == {"key": after["key"], "resumed": False, "values": 1}
    assert after["key"] != before["key"]
    assert not after["rotating"]
    with hatang.database.read() as session:
        assert secrets.get(session, "lab").reveal("token") == "canary-rotate"


def test_nobody_else_touches_the_master_key(hatang: Hatang) -> None:
    for verb in ("show", "rotate"):
        assert hatang("master-key", verb, "--as", "lan").status == exits.DENIED
