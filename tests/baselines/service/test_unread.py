"""What cannot be read as a configuration is unknown with its reason, every rule of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from baselines import service
from baselines.parsing.reading import MAXIMUM_LINES
from hatang.gates import Verdict
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from hatang.db import Database

TEXTS = {
    "too_large": "!\n" * MAXIMUM_LINES + "hostname r1\nend\n",
    "binary": "hostname r1\n" + "\ufffd" * 64 + "\nend\n",
    "truncated": "Building configuration...\nhostname r1\nline vty 0 4\n transport input ssh\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("reason", TEXTS)
def test_a_text_that_is_no_configuration_is_unknown_with_its_reason(
    sqlite_database: Database, reason: str
) -> None:
    with sqlite_database.write() as session:
        access = device(session, "r1", "cisco_ios")
    keep(sqlite_database, access, TEXTS[reason])
    service.audit_device(sqlite_database, SYSTEM, "r1")
    with sqlite_database.read() as session:
        found = service.get_findings(session, SYSTEM, "r1")
        score = service.score(session, SYSTEM)
    judged = {(row.verdict, row.reason) for row in found}
    assert (Verdict.UNKNOWN, reason) in judged
    assert {verdict for verdict, _reason in judged} <= {Verdict.UNKNOWN, Verdict.NOT_APPLICABLE}
    assert score.ratio is None
