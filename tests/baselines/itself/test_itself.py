"""hatang judged as others are: its host, settings and accounts; what is not read is unknown."""

from __future__ import annotations

import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from baselines import engine, itself, packs
from baselines.itself import auditing, host, own
from hatang import clock
from hatang.auth import Actor, Role
from hatang.datadir import Places, prepare
from hatang.errors import DeniedError
from hatang.gates import Verdict
from hatang.jobs import JobState
from hatang.jobs.models import JobRun
from hatang.settings import Settings
from inventory import platforms

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database

TRUC = Actor(4, "truc", frozenset({Role.AUDITOR}), None)
LAN = Actor(1, "lan", frozenset({Role.ENGINEER}), None)
HOST = "# command: uname -sr\nLinux 6\n# file: /etc/login.defs\nENCRYPT_METHOD MD5\n"
HOST_END = "# end of what the server says\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data_dir=tmp_path / "state")
    made.data_dir.mkdir(mode=0o700)
    prepare(Places.of(made))
    (made.data_dir / "hatang.sqlite3").touch(mode=0o600)
    return made


@pytest.fixture(autouse=True)
def said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host says always the same: what it really says is asked in the acceptance tests."""
    monkeypatch.setattr(host, "told", lambda: HOST + HOST_END)


def judged(text: str) -> dict[str, Verdict]:
    findings, _tree = engine.Engine(packs.load(auditing.PACK).rules).audit(
        text, "hatang", is_whole=True
    )
    return {one.rule_id: one.verdict for one in findings}


def test_every_rule_is_unknown_where_nothing_could_be_read() -> None:
    text = "# command: hatang nothing\nnothing = 1\n" + own.LAST_LINE + "\n"
    assert set(judged(text).values()) == {Verdict.UNKNOWN}


def test_a_text_that_was_cut_off_is_unknown() -> None:
    assert set(judged("# command: hatang settings\nlab = no\n").values()) == {Verdict.UNKNOWN}


def test_settings_are_told_as_they_are(database: Database, settings: Settings) -> None:
    lines = own.told(database, settings).splitlines()
    assert {"api.reach = here", "api.tls = no", "lab = no"} <= set(lines)
    assert "data_dir.mode = 0700" in lines


def test_a_key_that_others_may_read_fails(database: Database, settings: Settings) -> None:
    key = Places.of(settings).master_key
    key.chmod(key.stat().st_mode | stat.S_IROTH)
    assert judged(own.told(database, settings))["HTG-04"] == Verdict.FAIL


def test_a_section_that_breaks_is_unknown_and_the_others_stand(
    database: Database, settings: Settings
) -> None:
    Places.of(settings).audit_key.unlink()
    found = judged(own.told(database, settings))
    assert (found["HTG-06"], found["HTG-15"]) == (Verdict.UNKNOWN, Verdict.PASS)


def test_the_age_of_a_backup_nobody_named_is_unknown(
    database: Database, settings: Settings
) -> None:
    assert judged(own.told(database, settings))["HTG-13"] == Verdict.UNKNOWN


@pytest.mark.slow
def test_host_and_hatang_are_judged_and_kept_with_the_lines(
    database: Database, settings: Settings
) -> None:
    itself.audit_self(database, settings, TRUC)
    with database.read() as session:
        found = itself.latest(session, TRUC)
    assert found is not None
    rows = {one.rule_id: one for one in found.findings}
    assert rows["AAA-03"].excerpt == ((3, "# file: /etc/login.defs"), (4, "ENCRYPT_METHOD MD5"))
    assert rows["AAA-03"].verdict == Verdict.FAIL
    assert rows["LNX-01"].verdict == Verdict.UNKNOWN
    assert found.verdicts[Verdict.PASS] > 0


@pytest.mark.slow
def test_it_is_judged_once_and_then_daily(database: Database, settings: Settings) -> None:
    assert itself.audit_due(database, settings)["failed"] > 0
    assert itself.audit_due(database, settings) == {"failed": -1}
    with clock.frozen(clock.now() + timedelta(days=2)), database.read() as session:
        assert itself.due(session)


def test_who_asks_again_gets_the_audit_that_is_under_way(database: Database) -> None:
    now = clock.now()
    with database.write() as session:
        first = itself.ask(session, TRUC)
    with clock.frozen(now + timedelta(minutes=9)), database.write() as session:
        again = itself.ask(session, TRUC)
        session.get_one(JobRun, first).state = JobState.SUCCEEDED
        after = itself.ask(session, TRUC)
    assert again == first
    assert after != first


def test_only_who_reads_the_audit_log_asks_for_one(database: Database) -> None:
    with database.write() as session, pytest.raises(DeniedError):
        itself.ask(session, LAN)


def test_only_who_reads_the_audit_log_sees_it(database: Database, settings: Settings) -> None:
    with database.read() as session, pytest.raises(DeniedError):
        itself.latest(session, LAN)


def test_a_remark_of_a_file_opens_no_section() -> None:
    script = platforms.script(platforms.get("linux"))
    assert "sed '/^[[:space:]]*#/d" in script
