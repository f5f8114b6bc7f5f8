"""hatang has a server's own OpenSCAP judge it, over a real sshd, and leaves nothing there.

The benchmark is these tests' own; Debian's is for Debian 11, so that nothing of it applies here.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

import baselines.jobs
from baselines import scap
from baselines.openscap import Datastream, evaluating
from baselines.service import ordering, scanning, scans
from hatang import clock, jobs, secrets
from hatang.drivers import hostkeys
from hatang.errors import DriverError, HatangError, InvalidInputError, Reason
from hatang.jobs.models import JobRun
from hatang.settings import Settings
from inventory.models import Device
from tests.acceptance.red import eventually, hold, turns_red
from tests.baselines.scap.servers import LOGIN, datastream, leavings, of_another_release, scanned
from tests.playbooks.records import SYSTEM, device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database
    from tests.baselines.scap.servers import Scanned

pytestmark = pytest.mark.slow

DECLARED = baselines.jobs.scan_server  # a worker knows it by its name
HERE = ZoneInfo("Asia/Ho_Chi_Minh")
STANDARD = "xccdf_test_profile_standard"
SECONDS, MUCH_LATER = 12, 40
SABOTAGES = {
    "the exit status is ignored": {
        "    *) sweep; tail -c 2000 said >&2": "    99) sweep; tail -c 2000 said >&2",
        "    0 | 2) ;;": "    0 | 1 | 2) ;;",
    },
    "no end is put to a scan": {'timeout -k 5 "$1" oscap': "timeout -k 5 60 oscap"},
    "the directory stays": {"trap 'rm -rf \"$work\"' EXIT": "trap : EXIT"},
    "a login without root counts as root": {"echo user": "echo root"},
}


@pytest.fixture(scope="module")
def target() -> Iterator[Scanned]:
    with scanned() as one:
        yield one


@pytest.fixture
def records(sqlite_database: Database, target: Scanned) -> Database:
    with sqlite_database.write() as session:
        for name in ("srv", "plain"):
            device(session, name, "linux")
    point(sqlite_database, target)
    return sqlite_database


def point(records: Database, target: Scanned) -> None:
    """Let both devices be this server, one by root's login and one by another."""
    with records.write() as session:
        for name, login in (("srv", "root"), ("plain", LOGIN)):
            row = session.scalars(select(Device).where(Device.name == name)).one()
            row.primary_ip4, row.ports = target.server.address, {"ssh": target.server.port}
            row.credentials = {"ssh": login}
            key = {"username": login, "private_key": target.private_key}
            secrets.put(session, SYSTEM, login, "ssh", key)


def scan(
    records: Database, target: Scanned, name: str = "srv", profile: str = "standard", **more: Any
) -> dict[str, str]:
    """Scan and return each rule's verdict by its title."""
    content = Datastream.read(more.pop("content", None) or datastream(), "ds.xml")
    order = scanning.Order(content, profile, HERE, more.pop("seconds", 120))
    number = scanning.scan_server(records, target, SYSTEM, name, order)
    with records.read() as session:
        row, findings = scans.get_scan(session, SYSTEM, number)
    assert row.profile == content.profile(profile)
    return {one.title: one.verdict for one in findings}


def check_nothing_left(target: Scanned, before: set[str]) -> None:
    hold(eventually(lambda: not target.left(), 10), f"{target.left()} stay on the server")
    hold(leavings() <= before, f"{leavings() - before} stay in /tmp")


def refusal(kind: type[HatangError], scanning_: Any) -> HatangError:
    with pytest.raises(kind) as caught:
        scanning_()
    return caught.value


def sabotage(monkeypatch: pytest.MonkeyPatch, path: Path, name: str) -> None:
    """Let hatang send another script than its own."""
    text = evaluating.SCRIPT.read_text(encoding="utf-8")
    for old, new in SABOTAGES[name].items():
        assert old in text
        text = text.replace(old, new)
    mutant = path / "oscap.sh"
    mutant.write_text(text, encoding="utf-8")
    monkeypatch.setattr(evaluating, "SCRIPT", mutant)


def test_a_server_is_judged_by_its_own_openscap(records: Database, target: Scanned) -> None:
    before = leavings()
    told = scan(records, target)
    assert told == {
        "Root does not log in": "fail",
        "Only its owner reads the host key": "pass",
        "The closed list names nobody": "fail",
    }
    check_nothing_left(target, before)


def test_what_changes_on_the_server_changes_the_verdict(records: Database, target: Scanned) -> None:
    path = target.server.file("ssh/sshd_config")
    was = path.read_text()
    path.write_text(was.replace("PermitRootLogin yes", "PermitRootLogin no"))
    try:
        assert scan(records, target)["Root does not log in"] == "pass"
    finally:
        path.write_text(was)


def check_unseen_is_unknown(records: Database, target: Scanned) -> None:
    """OpenSCAP itself says `pass` of a list that it could not reach."""
    told = scan(records, target, "plain")
    hold(told["The closed list names nobody"] == "unknown", f"{told}")
    hold("pass" not in told.values(), f"{told}")
    hold(told["Root does not log in"] == "fail", f"{told}")


def test_without_root_no_rule_passes(records: Database, target: Scanned) -> None:
    check_unseen_is_unknown(records, target)
    with records.read() as session:
        (row,) = scans.list_scans(session, SYSTEM, "plain")
        assert row.scanner == "OpenSCAP 1.3.7, not as root"


def check_failure_is_told(records: Database, target: Scanned) -> None:
    """A datastream that OpenSCAP cannot take has its exit status 1, and no result."""
    broken = datastream().replace(b"http://checklists.nist.gov/xccdf/1.2", b"http://else.where/1.2")
    before = leavings()
    error = refusal(HatangError, partial(scan, records, target, content=broken))
    hold("OpenSCAP failed" in error.message, error.message)
    hold("exit status 1" in error.message, error.message)
    check_nothing_left(target, before)


def test_what_openscap_could_not_do_is_told_in_its_words(
    records: Database, target: Scanned
) -> None:
    check_failure_is_told(records, target)


def check_ended_in_time(records: Database, target: Scanned) -> None:
    """A rule that walks all files of the server is stopped, and nothing of it stays."""
    before, began = leavings(), clock.monotonic()
    error = refusal(DriverError, partial(scan, records, target, profile="slow", seconds=SECONDS))
    took = clock.monotonic() - began
    assert isinstance(error, DriverError)
    hold(error.reason is Reason.TIMEOUT, f"{error}")
    hold(took < MUCH_LATER, f"it ended after {took} s")
    check_nothing_left(target, before)


@pytest.mark.slow
def test_a_scan_that_takes_too_long_is_stopped(records: Database, target: Scanned) -> None:
    check_ended_in_time(records, target)


def check_nothing_judged_is_refused(records: Database, target: Scanned) -> None:
    other = of_another_release()
    try:
        told = scan(records, target, profile="standard", content=other)
    except InvalidInputError as error:
        hold("all 44 results are notapplicable" in str(error), f"{error}")
    else:
        hold(not told, f"{len(told)} results are kept")


@pytest.mark.slow
def test_a_scan_by_another_releases_content_is_refused(records: Database, target: Scanned) -> None:
    check_nothing_judged_is_refused(records, target)
    with records.read() as session:
        assert scans.list_scans(session, SYSTEM, "srv") == []


def swept(script: str, seconds: int = SECONDS) -> None:
    """Run the script here, where OpenSCAP was seen to leave a directory, until time is up."""
    if shutil.which("oscap") is None:
        pytest.skip("openscap-scanner is not installed")
    before, data = leavings(), datastream()
    words = [str(seconds), "1000000", hashlib.sha256(data).hexdigest(), "xccdf_test_profile_slow"]
    command = ["sh", "-c", script, "hatang-scan", *words]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    hold(done.returncode == 68, f"status {done.returncode}: {done.stderr!r}")
    left = leavings() - before
    for name in left:
        shutil.rmtree(Path("/tmp", name))
    hold(not left, f"{left} stay in /tmp")


@pytest.mark.slow
def test_what_openscap_leaves_when_it_is_stopped_goes() -> None:
    swept(evaluating.SCRIPT.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_sabotage_what_openscap_leaves_stays() -> None:
    broken = evaluating.SCRIPT.read_text(encoding="utf-8").replace("124) sweep;", "124)")
    with turns_red():
        for seconds in (SECONDS, SECONDS * 4):  # a busy machine has not come so far in the first
            swept(broken, seconds)


CHECKS = {
    "the exit status is ignored": check_failure_is_told,
    "no end is put to a scan": check_ended_in_time,
    "the directory stays": check_failure_is_told,
    "a login without root counts as root": check_unseen_is_unknown,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SABOTAGES)
def test_a_script_that_breaks_a_promise_is_told_apart(
    name: str, records: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sabotage(monkeypatch, tmp_path, name)
    with scanned() as own, turns_red():
        point(records, own)
        CHECKS[name](records, own)


@pytest.mark.slow
def test_sabotage_a_scan_that_judged_nothing_is_kept(
    records: Database, target: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scap, "refuse_nothing_judged", lambda *_words: None)
    with turns_red():
        check_nothing_judged_is_refused(records, target)


def test_an_unknown_profile_is_refused_with_those_there_are(target: Scanned) -> None:
    content = Datastream.read(datastream(), "ds.xml")
    error = refusal(InvalidInputError, partial(content.profile, "none"))
    assert isinstance(error, InvalidInputError)
    (problem,) = error.problems
    assert problem.message == "is no profile of this datastream"
    assert problem.fix == f"Give one of: xccdf_test_profile_slow, {STANDARD}."
    assert content.profile("standard") == content.profile(STANDARD) == STANDARD


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no XML"),
        (b"<Benchmark/>", "is no SCAP datastream"),
        (b"<data-stream-collection/>", "holds no benchmark"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "declares entities"),
        (b"<data-stream-collection><check system='http://open-scap.org/page/SCE'/>", "scripts"),
        (b"<data-stream-collection><extended-component id='x'/>", "scripts"),
    ],
)
def test_what_is_no_datastream_or_runs_something_is_refused(data: bytes, said: str) -> None:
    error = refusal(InvalidInputError, partial(Datastream.read, data, "x.xml"))
    assert said in str(error)


def test_what_is_no_server_is_not_scanned(records: Database, target: Scanned) -> None:
    with records.write() as session:
        device(session, "r1", "frr")
    assert "is no server" in str(refusal(InvalidInputError, partial(scan, records, target, "r1")))


def settings(tmp_path: Path, **more: Any) -> Settings:
    return Settings(data_dir=tmp_path, **more)


def enrolled(records: Database, target: Scanned) -> None:
    """Write the server's key down, as a worker looks it up."""
    with records.write() as session:
        (key,) = target.lookup("", 0)
        hostkeys.enrol(session, target.server.address, target.server.port, [key], "test")


def test_a_scan_asked_for_is_a_job_that_bears_the_askers_name(
    records: Database, target: Scanned, tmp_path: Path
) -> None:
    content = Datastream.read(datastream(), "ds.xml")
    with records.write() as session:
        key = ordering.ask(session, SYSTEM, "srv", content, "standard")
        run = session.get_one(JobRun, key)
        assert (run.name, run.args["profile"]) == (ordering.JOB, STANDARD)
        args = dict(run.args)
    enrolled(records, target)
    number = ordering.scan_asked(records, settings(tmp_path), "lan", args)
    with records.read() as session:
        row, _findings = scans.get_scan(session, SYSTEM, number)
    assert (row.device, row.author) == ("srv", "lan")


def test_the_settings_name_what_is_scanned_each_night(records: Database, tmp_path: Path) -> None:
    file = tmp_path / "ds.xml"
    file.write_bytes(datastream())
    given = {"datastream": file, "profile": "standard", "servers": ("srv", "none-such")}
    found = settings(tmp_path, baselines={"scans": (given,)})
    assert ordering.ask_all(records, found, "night") == {"asked": 1, "refused": 1}
    assert ordering.ask_all(records, found, "night") == {"asked": 1, "refused": 1}
    with records.read() as session:
        assert jobs.underway(session, ordering.JOB) is not None
        assert session.scalar(select(func.count()).select_from(JobRun)) == 1
    assert ordering.of_settings(found, "srv")[1] == "standard"
    file.unlink()
    for name, said in (("plain", "is given for no scan"), ("srv", "cannot be read")):
        error = refusal(InvalidInputError, partial(ordering.of_settings, found, name))
        assert said in str(error)
