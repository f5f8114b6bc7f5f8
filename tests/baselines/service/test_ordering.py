"""Who may have a server scanned, how often, and what is scanned each night."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

import baselines.jobs
from baselines.openscap import Datastream, evaluating
from baselines.service import ordering, scanning
from hatang import clock, secrets
from hatang.drivers.hostkeys import StoredHostKeys
from hatang.errors import DriverError, Reason
from hatang.jobs import JOBS, Queue, turns
from hatang.jobs.models import JobRun
from hatang.settings import Settings
from inventory.models import Device
from playbooks import pace
from playbooks.pace import Pace
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    from pathlib import Path

    from hatang.db import Database

DECLARED = baselines.jobs.scan_server  # a worker knows it by its name
STREAM = b"""<data-stream-collection><Benchmark>\
<Profile id="xccdf_t_profile_one"/><Profile id="xccdf_t_profile_two"/>\
</Benchmark></data-stream-collection>"""
OTHER = STREAM + b"\n"
AAA = "10.9.9.9"


@pytest.fixture
def records(sqlite_database: Database) -> Database:
    with sqlite_database.write() as session:
        for name in ("srv", "web"):
            device(session, name, "linux")
    return sqlite_database


def ask(records: Database, name: str = "srv", profile: str = "one", data: bytes = STREAM) -> str:
    with records.write() as session:
        return ordering.ask(session, SYSTEM, name, Datastream.read(data, "ds.xml"), profile)


def requested(records: Database) -> list[tuple[str, str]]:
    """Return the server and the profile of each job, sorted."""
    with records.read() as session:
        args = session.scalars(select(JobRun.args)).all()
    return sorted((one["device"], one["profile"].removeprefix("xccdf_t_profile_")) for one in args)


def nightly(records: Database, tmp_path: Path, *given: dict[str, Any]) -> dict[str, int]:
    settings = Settings.model_validate({"data_dir": tmp_path, "baselines": {"scans": given}})
    return ordering.ask_all(records, settings, "night")


def test_scans_hold_up_no_other_job() -> None:
    assert {spec.name for spec in JOBS.all() if spec.queue is Queue.SCAN} == {ordering.JOB}


def test_a_server_is_scanned_for_one_asker_at_a_time(records: Database) -> None:
    with clock.frozen(clock.now()):
        first = ask(records)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        assert ask(records) == ask(records, profile="two") == ask(records, data=OTHER) == first
        assert ask(records, "web") != first
    assert requested(records) == [("srv", "one"), ("web", "one")]
    with records.write() as session:
        session.get_one(JobRun, first).state = "succeeded"
    assert ask(records, profile="two") != first


def test_a_server_named_under_two_profiles_or_datastreams_is_scanned_by_each(
    records: Database, tmp_path: Path
) -> None:
    files = tmp_path / "a.xml", tmp_path / "b.xml"
    for file, data in zip(files, (STREAM, OTHER), strict=True):
        file.write_bytes(data)
    given = [
        {"datastream": files[0], "profile": "one", "servers": ("srv", "web")},
        {"datastream": files[1], "profile": "one", "servers": ("srv",)},
        {"datastream": files[0], "profile": "two", "servers": ("srv",)},
    ]
    wanted = [("srv", "one"), ("srv", "one"), ("srv", "two"), ("web", "one")]
    assert nightly(records, tmp_path, *given) == {"asked": 4, "refused": 0}
    assert requested(records) == wanted
    again = given[1] | {"servers": ("srv", "srv")}
    assert nightly(records, tmp_path, again) == {"asked": 1, "refused": 0}
    assert requested(records) == wanted


def test_a_datastream_is_read_once_however_many_servers_it_judges(
    records: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, was = [], Datastream.read

    def read(data: bytes, filename: str) -> Datastream:
        names.append(filename)
        return was(data, filename)

    monkeypatch.setattr(Datastream, "read", read)
    files = {name: tmp_path / name for name in ("a.xml", "b.xml", "bad.xml")}
    for file in files.values():
        file.write_bytes(b"<x/>" if file.name == "bad.xml" else STREAM)
    given = [
        {"datastream": files[name], "profile": profile, "servers": ("srv", "web")}
        for name, profile in (("a.xml", "one"), ("b.xml", "one"), ("a.xml", "two"))
    ]
    bad = {"datastream": files["bad.xml"], "profile": "one", "servers": ("srv", "web")}
    # By the same profile of the same content a server is scanned once: 2 servers by 2 profiles.
    assert nightly(records, tmp_path, *given, bad) == {"asked": 4, "refused": 2}
    assert sorted(names) == ["a.xml", "b.xml", "bad.xml"]


def test_a_scan_that_has_no_turn_at_the_aaa_server_touches_nothing(
    records: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with records.write() as session:
        secrets.put(session, SYSTEM, "ops", "ssh", {"username": "o", "password": "p"})
        row = session.scalars(select(Device).where(Device.name == "srv")).one()
        row.primary_ip4, row.credentials, row.aaa_server = "10.0.0.1", {"ssh": "ops"}, AAA
    ask(records)
    with records.read() as session:
        args = dict(session.scalars(select(JobRun.args)).one())
    monkeypatch.setattr(pace, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(evaluating, "open_ssh", lambda *_words: pytest.fail("it was touched"))
    assert turns._taken(records, f"aaa/{AAA}", 1, "another worker") is not None
    settings = Settings.model_validate({"jobs": {"aaa_server_concurrency": 1}})
    with pytest.raises(DriverError) as caught:
        ordering.scan_asked(records, settings, "lan", args)
    assert caught.value.reason is Reason.BUSY
    content = Datastream.read(STREAM, "ds.xml")
    order = scanning.Order(content, "one", clock.now().tzinfo or pytest.fail("no zone"))
    with pytest.raises(DriverError):
        scanning.scan_server(
            records, StoredHostKeys(records), SYSTEM, "srv", order, pace=Pace(1, 1)
        )
