"""Years after a person left, neither name nor telephone nor mail stands anywhere, and all verifies.

The switch is simulated, and so are the years: the hands of hatang's one clock are moved.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
import zipfile
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.canary import Canary, Hunt
from tests.acceptance.doors import Answer, http, run
from tests.acceptance.installation import Installation, settled
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.serving import Worker, serving
from tests.acceptance.switch import PASSWORD, USER, Switch, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.acceptance]

LEAVER = "huong.nguyenthi"
PERSON = {"name": "Nguyễn Thị Thu Hường", "phone": "0912345678", "mail": "huong.ntt@tinh.test"}
RULE, OVERRIDDEN = "SVC-02", ("TIM-01", "sources", "1")
YEARS = 1_200  # days: over `retention.persons_days` for all that was done, the frozen sheet too
AFTER_THE_YEAR = 30
OPENED_SECONDS = 120.0
SWITCH = Switch("sw-1", "FOC0000X009", "127.0.3.1")
CONFIGURATION = (
    "hostname sw-1\nno ip http server\nvstack\nline vty 0 4\n transport input ssh\nend\n"
)
PLACES = """\
version: 1
units: [{{code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}}]
contacts:
  - {{code: cio, name: "Người khác", unit: tinh, function: "CIO"}}
{contact}
sites: [{{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}}]
devices:
  - name: {one.name}
    site: dc
    role: switch
    platform: cisco_ios
    primary_ip4: {one.address}
    ports: {{ssh: {one.port}}}
    credentials: {{ssh: ops}}
    host_keys: ["{one.host_key}"]
"""
CONTACT = '  - {{code: huong, name: "{name}", unit: tinh, phone: "{phone}", mail: {mail}}}'
# Runs a command, or the nightly job, with the hands moved so many days on.
MOVED = """\
import sys
from datetime import timedelta
from cli import entry
from hatang import clock

days = int(sys.argv.pop(1))
with clock.frozen(clock.now() + timedelta(days=days)):
    entry.main()
"""
NIGHT = """\
import sys
from datetime import timedelta
from pathlib import Path
from cli.door import Door
from cli.wiring.jobs import JOB_MODULES
from hatang import clock
from hatang.jobs.memory import MemoryEngine

days, config = int(sys.argv[1]), Path(sys.argv[2])
opened = Door(config=config)
with clock.frozen(clock.now() + timedelta(days=days)):
    engine = MemoryEngine(opened.app.db, opened.settings)
    engine.enqueue("hatang.persons", {}, key="night")
    found = engine.status("night")
print(found.result)
sys.exit(found.result is None)
"""
PAGES = ("/", "/incidents", "/incidents/1", "/handovers", "/handovers/1", "/hints", "/findings",
         "/findings/devices/sw-1", "/findings/waivers", "/findings/questions", "/findings/posture",
         "/devices/sw-1", "/rules", "/inventory/import", "/inventory/contacts", "/inbox",
         "/changes", "/runs", "/maintenances", "/search?search=huong")  # fmt: skip
ANSWERS = ("/incidents/1", "/incidents/1/timeline", "/handovers/1", "/imports", "/findings",
           "/waivers", "/audit-log?limit=100")  # fmt: skip


def moved(made: Installation, days: int, *words: str, person: str = "truc") -> Answer:
    """Run a command so many days from now."""
    _program, *rest = made.command_line(*words, person=person)
    return run([sys.executable, "-c", MOVED, str(days), *rest], made.environ)


def night(made: Installation, days: int) -> None:
    """Let the nightly job run, so many days from now."""
    command = [sys.executable, "-c", NIGHT, str(days), str(made.config)]
    run(command, made.environ).good()


@dataclass(frozen=True)
class Past:
    """A hatang that a person worked with and left; what was true of it then."""

    made: Installation
    hashes: list[str]
    bundle: Path
    key: str
    due: int = 0  # rows that the night would make nameless, years from now


def places(made: Installation, contact: str) -> str:
    path = made.folder / "places.yaml"
    path.write_text(PLACES.format(one=SWITCH, contact=contact), encoding="utf-8")
    return str(path)


def hashes(made: Installation) -> list[str]:
    """Return the links of the audit log, in order."""
    with closing(sqlite3.connect(made.data_dir / "hatang.sqlite3")) as connection:
        rows = connection.execute("SELECT hash FROM audit_entry ORDER BY sequence").fetchall()
    return [row[0] for row in rows]


def employ(made: Installation) -> None:
    """Give the leaver an account."""
    roles = ("--role", "engineer", "--role", "rule_author")
    password = str(made.folder / "password")
    made.hatang("user", "create", LEAVER, *roles, "--password-file", password).good()


def work(made: Installation) -> None:
    """Import, collect, judge, ask for a waiver, set a parameter: all of it the leaver's doing."""
    secrets = made.folder / "ops.toml"
    secrets.touch(mode=0o600)
    secrets.write_text(
        f'[credentials.ops]\nkind = "ssh"\nusername = "{USER}"\npassword = "{PASSWORD}"\n'
    )
    SWITCH.configuration = CONFIGURATION
    with listening(SWITCH):
        made.hatang("credential", "import", str(secrets)).good()
        file = places(made, CONTACT.format(**PERSON))
        made.hatang("inventory", "import", file, person=LEAVER).good()
        made.hatang("backup", "run", "--devices", SWITCH.name, person=LEAVER).good()
    made.hatang("baseline", "run", "--devices", SWITCH.name, person=LEAVER).good()
    words = ("--reason", "no window", "--measure", "ACL", "--days", "30")
    number = made.json("baseline", "waive", SWITCH.name, RULE, *words, person=LEAVER)["waiver"]
    (row,) = made.json("baseline", "waivers", "--device", SWITCH.name, person="hoa")
    decided = ("baseline", "decide", str(number), "--sha256", row["sha256"], "--approve")
    made.hatang(*decided, person="hoa").good()
    reason = ("--reason", "one clock")
    made.hatang("baseline", "override", "set", *OVERRIDDEN, *reason, person=LEAVER).good()


def watch(made: Installation) -> None:
    """Acknowledge an incident, hand the shift over, silence something for years."""
    far = (datetime.now(UTC) + timedelta(days=10 * YEARS)).isoformat()
    token = made.hatang("token", "create", "noc", "--role", "admin").good().out.strip()
    mine = made.hatang("token", "create", "mine", "--role", "engineer", person=LEAVER)
    door = made.url("api", "/alertmanager/api/v2")
    with serving(made), Worker(made):
        labels = {"alertname": "Disk", "severity": "critical", "device": SWITCH.name}
        told = http(f"{door}/alerts", token=token, body=[{"labels": labels, "endsAt": far}])
        hold(told.status == 200, f"the alert is refused: {told.body[:300]!r}")
        opened = eventually(lambda: bool(made.json("incident", "list")), OPENED_SECONDS)
        hold(opened, "no incident was opened")
        matcher = {"name": "alertname", "value": "Other", "isRegex": False, "isEqual": True}
        silence = {
            "matchers": [matcher],
            "startsAt": datetime.now(UTC).isoformat(),
            "endsAt": far,
            "createdBy": LEAVER,
            "comment": "thay đĩa",
        }
        posted = http(f"{door}/silences", token=mine.good().out.strip(), body=silence)
        hold(posted.status == 200, f"the silence is refused: {posted.body[:300]!r}")
    made.hatang("incident", "ack", "1", "--note", "calling", person=LEAVER).good()
    made.hatang("incident", "handover", "--to", "lan", person=LEAVER).good()


def leave(made: Installation) -> None:
    """End the account, and take the person out of the directory."""
    made.hatang("user", "deactivate", LEAVER).good()
    words = ("--prune", "--scope", "tinh")
    made.hatang("inventory", "import", places(made, ""), *words, person="lan").good()


def past(made: Installation) -> Past:
    """Return a hatang of which a person is gone; nothing was forgotten yet."""
    employ(made)
    work(made)
    watch(made)
    year = str(datetime.now(UTC).year)
    moved(made, AFTER_THE_YEAR, "baseline", "sheet", "freeze", year, person="lan").good()
    leave(made)
    bundle = made.folder / "proof.zip"
    made.hatang("baseline", "bundle", "--out", str(bundle), person="truc").good()
    key = str(made.json("baseline", "key", person="truc")["key"])
    return Past(made, hashes(made), bundle, key)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Past:
    return past(settled(tmp_path_factory.mktemp("leaver")))


@pytest.fixture(scope="module")
def left(before: Past, tmp_path_factory: pytest.TempPathFactory) -> Past:
    """The same, years later: the nightly job ran while the api was up."""
    return later(before, tmp_path_factory.mktemp("later"), YEARS)


@pytest.fixture(scope="module")
def soon(before: Past, tmp_path_factory: pytest.TempPathFactory) -> Past:
    """The same on the day after, when nobody's name is old."""
    return later(before, tmp_path_factory.mktemp("soon"), 1)


def copied(past: Past, folder: Path) -> Past:
    """Return a copy of the hatang, which does not run."""
    made = Installation(folder / "hatang")
    made.configure('prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"')
    shutil.copytree(past.made.data_dir, made.data_dir, dirs_exist_ok=True)
    return replace(past, made=made)


def later(before: Past, folder: Path, days: int) -> Past:
    """Return a copy on which the night so many days later has passed."""
    found = copied(before, folder)
    with serving(found.made):
        night(found.made, days)
    return replace(found, due=due(found.made))


def due(made: Installation) -> int:
    """Return how many rows `hatang retention plan` would make nameless after these years."""
    words = ("retention", "plan", "--format", "json")
    rows: list[dict[str, Any]] = moved(made, YEARS, *words, person="admin").good().json()
    return sum(row["rows"] for row in rows if row["name"].startswith("persons."))


def wanted() -> list[Canary]:
    """Return what is hunted: how the person signed in, was called, and could be reached."""
    return [Canary.of(name, text) for name, text in {"account": LEAVER, **PERSON}.items()]


def check_nameless(hunt: Hunt, least: int) -> None:
    """So many places were looked at, and the person stands in none."""
    hold(hunt.looked_at >= least, f"only {hunt.looked_at} places were looked at")
    hold(not hunt.found, f"{len(hunt.found)} finds, like {sorted(set(hunt.found))[:8]}")


def through_doors(made: Installation) -> Hunt:
    """Hunt through pages and the API's answers."""
    hunt = Hunt(wanted())
    paths = [(path, "text/html") for path in PAGES]
    paths += [(f"/api/v1{path}", "application/json") for path in ANSWERS]
    tokens = [
        made.hatang("token", "create", f"look-{role}", "--role", role, person=person).good().out
        for role, person in (("admin", "admin"), ("auditor", "truc"), ("engineer", "lan"))
    ]
    with serving(made):
        for path, accept in paths:
            replies = [
                http(made.url("api", path), token=token.strip(), accept=accept) for token in tokens
            ]
            hold(any(one.status == 200 for one in replies), f"{path}: {replies[0].status}")
            for reply in replies:
                hunt.look(path, reply.body)
    return hunt


def through_files(made: Installation) -> Hunt:
    """Hunt through all files of the data directory: the database's bytes, its cells, the rest."""
    hunt = Hunt(wanted())
    hunt.files(made.data_dir)
    return hunt


SHOWN = (
    ("incident", "timeline", "1"), ("incident", "handover", "--number", "1"), ("user", "list"),
    ("inventory", "history"), ("baseline", "waivers"), ("baseline", "override", "list"),
    ("baseline", "show"), ("inventory", "export"), ("audit-log", "verify"),
    ("baseline", "sheet", "show", str(datetime.now(UTC).year)),
)  # fmt: skip
WRITTEN = (
    ("report.json", ("baseline", "report")), ("report.docx", ("baseline", "report")),
    ("report.xlsx", ("baseline", "report")), ("places.xlsx", ("inventory", "export")),
    ("later.zip", ("baseline", "bundle")),
)  # fmt: skip


def through_exports(made: Installation, commands: int = len(SHOWN)) -> Hunt:
    """Hunt through what so many commands show; with all of them through what others write too."""
    hunt = Hunt(wanted())
    for words in SHOWN[:commands]:
        hunt.look(" ".join(words), made.hatang(*words).good().out.encode())
    for name, words in WRITTEN if commands == len(SHOWN) else ():
        out = made.folder / name
        made.hatang(*words, "--out", str(out)).good()
        for place, data in inside(out):
            hunt.look(place, data)
    return hunt


def inside(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield a file, or what the archive that it is holds."""
    if not zipfile.is_zipfile(path):
        yield path.name, path.read_bytes()
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield f"{path.name}/{name}", archive.read(name)


def check_verifies(past: Past) -> None:
    """The chain is whole, and what was linked before has the hashes it had."""
    answer = past.made.hatang("audit-log", "verify", person="truc")
    hold(answer.status == 0, f"exit status {answer.status}: {answer.out}{answer.err}")
    found = hashes(past.made)
    hold(found[: len(past.hashes)] == past.hashes, "an old link has another hash")


HUNTS = {
    "pages": (through_doors, 40),
    "files": (through_files, 10),
    "exports": (through_exports, 20),
}


@pytest.mark.parametrize(
    "where", ["pages", "files", pytest.param("exports", marks=pytest.mark.soak)]
)
def test_years_later_nothing_names_who_left(left: Past, where: str) -> None:
    hunted, least = HUNTS[where]
    check_nameless(hunted(left.made), least)


@pytest.mark.parametrize(
    "hunt",
    [
        pytest.param(through_doors, marks=pytest.mark.soak),
        through_files,
        partial(through_exports, commands=1),
    ],
    ids=list(HUNTS),
)
def test_sabotage_the_night_came_too_soon(soon: Past, hunt: Callable[[Installation], Hunt]) -> None:
    hunted = hunt(soon.made)
    with turns_red():
        check_nameless(hunted, 1)


def test_the_log_verifies_with_the_same_hashes(before: Past, left: Past) -> None:
    check_verifies(before)
    check_verifies(left)


def test_sabotage_somebody_put_another_pseudonym(left: Past, tmp_path: Path) -> None:
    copy = copied(left, tmp_path)
    with closing(sqlite3.connect(copy.made.data_dir / "hatang.sqlite3")) as connection:
        connection.execute(
            "UPDATE audit_entry SET actor = 'person-' || substr(hash, 1, 32) WHERE sequence = 3"
        )
        connection.commit()
    with turns_red():
        check_verifies(copy)


def test_a_bundle_of_before_still_verifies(left: Past) -> None:
    words = ("baseline", "verify", str(left.bundle), "--key", left.key)
    answer = moved(left.made, YEARS, *words, person="")
    hold(answer.status == 0, f"the bundle is refused: {answer.out}{answer.err}")


def check_nothing_due(past: Past) -> None:
    hold(past.due == 0, f"{past.due} rows are due still")


def test_the_plan_has_nothing_left_to_do(left: Past) -> None:
    check_nothing_due(left)


def test_sabotage_the_plan_before_that_night(soon: Past) -> None:
    with turns_red():
        check_nothing_due(soon)
