"""The lab's own secrets, all of them in use, stand nowhere in what hatang keeps, says or starts."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import yaml

from tests.acceptance.canary import Canary, Hunt, canaries, disguises
from tests.acceptance.doors import http
from tests.acceptance.installation import Installation
from tests.acceptance.red import eventually, hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab]

API = "/api/v1"
ROWS = 3  # of a list, that are looked at one by one
PARAMETER = re.compile(r"\{[^}]+\}")
# Where the names stand that a path's parameter takes: list and field, or the word itself.
LISTS = {
    "/sites/{slug}": (f"{API}/sites", "slug"),
    "/devices/{name}": (f"{API}/devices", "name"),
    "/services/{code}": (f"{API}/services", "code"),
    "/units/as-of/{on}": ("2026-01-01", ""),
    "/sites/as-of/{on}": ("2026-01-01", ""),
    "/reorganisations/{number}": (f"{API}/reorganisations", "id"),
    "/inbox/{number}": (f"{API}/inbox", "id"),
    "/discovery/runs/{number}": (f"{API}/discovery/runs", "id"),
    "/incidents/{number}": (f"{API}/incidents", "id"),
    "/handovers/{number}": (f"{API}/handovers", "id"),
    "/maintenances/{number}": (f"{API}/maintenances", "id"),
    "/maintenances/series/{number}": ("1", ""),
    "/changes/{number}": (f"{API}/changes", "id"),
    "/changes/{number}/lines": (f"{API}/changes", "id"),
    "/changes/{number}/live": (f"{API}/changes", "id"),
    "/runs/{number}": (f"{API}/runs", "id"),
    "/runs/{number}/live": (f"{API}/runs", "id"),
    "/schedules/{number}": (f"{API}/schedules", "id"),
    "/schedules/{number}/occurrences": (f"{API}/schedules", "id"),
    "/jobs/{key}": ("run/1", ""),
    "/vault/{device}": ("xa-01", ""),
    "/vault/devices/{name}": ("xa-01", ""),
    "/drift/devices/{name}": ("xa-01", ""),
    "/vault/versions/{number}": (f"{API}/vault/xa-01", "id"),
    "/bridges/{code}": (f"{API}/bridges", "code"),
    "/endpoints/{code}": ("none", ""),
    "/meetings/{uid}": (f"{API}/meetings", "uid"),
    "/ansible/hosts/{name}": (f"{API}/devices", "name"),
    "/imports/{number}": (f"{API}/imports", "id"),
    "/alertmanager/api/v2/silence/{silence_id}": ("/alertmanager/api/v2/silences", "id"),
}
# Those with several parameters, or of a kind of the inventory: how they are asked for.
WHOLE = {
    "/graphs/{kind}/{graph}": "/graphs/device/traffic?key=xa-01",
    "/meetings/{uid}/minutes.{form}": "/meetings/none/minutes.csv",
    "/meetings/{uid}/points/{room}/windows": "/meetings/none/points/none/windows",
    "/history/{kind}": "/history/device?since=2026-01-01&until=2026-01-31",
    "/topology/affected/{kind}/{key}": "/topology/affected/device/hub-1",
    "/topology/upstream/{device}": "/topology/upstream/xa-01",
    "/where/{address}": "/where/10.0.0.1",
}
OF_A_KIND = re.compile(r"(/inventory/\w+)/\{key\}")
QUERIES = {
    f"{API}/vault/versions/{{number}}/difference": "?to=1",
    f"{API}/reports/credit": "?carrier=VNPT&month=2026-01",
    f"{API}/reports/credit/file": "?carrier=VNPT&month=2026-01",
    f"{API}/reports/times": "?since=2026-01-01&until=2026-12-31",
    f"{API}/search": "?search=xa",
    f"{API}/units/found": "?text=xa",
}
# Paths with a parameter that have rows once a hatang was used.
HAVING_ROWS = tuple(
    f"{API}{path}"
    for path in ("/devices/{name}", "/devices/{name}/interfaces", "/sites/{slug}/status",
                 "/runs/{number}", "/runs/{number}/events", "/vault/versions/{number}",
                 "/bridges/{code}/status", "/services/{code}/status")
)  # fmt: skip
PLANTED = "chim-hoàng-yến-4711-in-the-mine"
ASKED = ("xa-01", "dc-sw-1", "hub-1-sw-1")
PORT = 2222
SSHD_LOG = "/var/log/sshd-proof.log"
ATTEMPT = ("Accepted ", "Failed ", "Postponed ", "Partial ")


def check_clean(hunt: Hunt) -> None:
    """Something was looked at and nothing was found."""
    hold(hunt.looked_at > 0, "nothing was looked at")
    hold(not hunt.found, f"{len(hunt.found)} finds, like {sorted(set(hunt.found))[:5]}")


def wanted(hatang: Installation, province: Province) -> list[Canary]:
    ours = [("admin's password", hatang.admin_password), ("the API token", hatang.token)]
    return [*canaries(province.secrets), *(Canary.of(name, text) for name, text in ours)]


@pytest.fixture(scope="module")
def busy(hatang: Installation) -> Installation:
    """A hatang that used every credential, in its processes and in commands."""
    names = ",".join(ASKED)
    hatang.hatang("command", "run", "show version", "--devices", names, person="lan").good()
    hatang.hatang("vault", "collect", "--devices", names, person="lan").good()
    hatang.hatang("baseline", "run", "--devices", names, person="lan").good()
    return hatang


SERVERS = ("srv-dns", "srv-mail")
KEY_FILE = re.compile(r"/key-\d+$")  # how Ansible's ssh gets a key: mode 0600, gone with the run
WORKSPACES = "hatang-run-*"
RUN_SECONDS = 120.0


@dataclass
class Played:
    """A playbook that logged in with the operators' private key, hunted through while it ran."""

    number: int
    hunt: Hunt
    places: set[str] = field(default_factory=set)

    def look_around(self, hatang: Installation) -> None:
        """Hunt through the processes, and through all that lies in the workspaces."""
        self.hunt.processes(hatang.pids("worker"))
        for path in (hatang.folder / "tmp").glob(f"{WORKSPACES}/**/*"):
            name = str(path)
            with suppress(OSError):
                if path.is_file() and not KEY_FILE.search(name):
                    self.hunt.look(name, path.read_bytes())
                elif path.is_file():
                    assert path.stat().st_mode & 0o077 == 0, name
                self.places.add(name)


@pytest.fixture(scope="module")
def played(busy: Installation, province: Province) -> Played:
    """Run a playbook that a second person approved, and look around until it ended."""
    words = ("playbook", "run", "login-banner", "--devices", ",".join(SERVERS))
    asked = busy.json(*words, person="lan")
    plan = ("--plan", asked["plan_sha256"])
    busy.hatang("playbook", "approve", str(asked["id"]), *plan, person="hoa").good()
    found = Played(asked["id"], Hunt(wanted(busy, province)))
    busy.hatang("playbook", "start", str(found.number), "--wait", "0", person="lan").good()

    def ended() -> bool:
        found.look_around(busy)
        state = busy.ask(f"/api/v1/runs/{found.number}").json()["state"]
        return state in {"successful", "failed"}

    assert eventually(ended, RUN_SECONDS)
    assert busy.ask(f"/api/v1/runs/{found.number}").json()["state"] == "successful"
    return found


def test_no_secret_beside_a_running_playbook(
    played: Played, busy: Installation, figures: Callable[[str], None]
) -> None:
    check_clean(played.hunt)
    for kind in ("/artifacts/", "/inventory/", "/key-"):
        assert any(kind in place for place in played.places), f"no {kind} was seen"
    left = list((busy.folder / "tmp").glob(WORKSPACES))
    hold(not left, f"left behind: {left}")
    figures(f"{played.hunt.looked_at} places hunted while a playbook ran")


def test_sabotage_the_key_file_is_hunted_too(busy: Installation, province: Province) -> None:
    """The key that the playbook used is among what is hunted, in the form of such a file."""
    keys = [
        fields["private_key"] for fields in province.secrets.values() if "private_key" in fields
    ]
    assert keys
    hunt = Hunt(wanted(busy, province))
    hunt.look("key-0", keys[0].encode())
    with turns_red():
        check_clean(hunt)


def test_no_secret_in_files_or_processes(
    busy: Installation, province: Province, figures: Callable[[str], None]
) -> None:
    hunt = Hunt(wanted(busy, province))
    hunt.processes(busy.pids())
    hunt.files(busy.data_dir)
    hunt.files(busy.folder / "tmp")
    check_clean(hunt)
    figures(f"{len(hunt.wanted)} secrets hunted in {hunt.looked_at} places")


@dataclass
class Rows:
    """What the rows of lists are called, and what each path with a parameter is called by."""

    hatang: Installation
    known: dict[str, list[str]] = field(default_factory=dict)

    def names(self, path: str, key: str) -> list[str]:
        """Return what some rows of the list at `path` hold in `key`."""
        if path not in self.known:
            reply = self.hatang.ask(path)
            assert reply.status in {200, 403}, f"{path}: {reply}"
            body = reply.json() if reply.status == 200 else []
            rows = body["items"] if isinstance(body, dict) else body
            self.known[path] = [str(row[key]) for row in rows[:ROWS]]
        return self.known[path]

    def fill(self, path: str) -> list[str]:
        """Return a path as it is asked for: once, or once a row where it has a parameter."""
        if "{" not in path:
            return [path]
        asked = path.removeprefix(API)
        if asked in WHOLE:
            return [f"{API}{WHOLE[asked]}"]
        if of_a_kind := OF_A_KIND.fullmatch(asked):
            names = self.names(f"{API}{of_a_kind[1]}", "key")
            return [f"{API}{of_a_kind[1]}/{quote(name, safe='')}" for name in names]
        starts = [start for start in LISTS if asked.startswith(start)]
        assert starts, f"nobody says what {path} is called by: add it to LISTS"
        where, key = LISTS[max(starts, key=len)]
        names = self.names(where, key) if key else [where]
        return [PARAMETER.sub(quote(name), path) for name in names]


def test_no_secret_in_answers(
    played: Played, busy: Installation, province: Province, figures: Callable[[str], None]
) -> None:
    hunt, rows = Hunt(wanted(busy, province)), Rows(busy)
    described = busy.ask(f"{API}/openapi.json")
    assert described.status == 200, described
    paths = [path for path, verbs in described.json()["paths"].items() if "get" in verbs]
    answered = set()
    for path in paths:
        if path.endswith("/events") and "{" not in path:
            continue  # it has no end
        for asked in rows.fill(path):
            reply = busy.ask(asked + QUERIES.get(path, ""))
            hunt.look(asked, reply.body)
            answered |= {path} if reply.status == 200 else set()
    for part, path in (
        ("monitors", "/metrics"), ("monitors", "/metrics/shard/0"), ("jobs", "/metrics"),
        ("prometheus", "/api/v1/status/config"), ("alertmanager", "/api/v2/status"),
    ):  # fmt: skip
        hunt.look(f"{part}{path}", http(busy.url(part, path)).body)
    check_clean(hunt)
    assert set(HAVING_ROWS) <= answered, set(HAVING_ROWS) - answered
    figures(f"{hunt.looked_at} answers of {len(answered)} of {len(paths)} paths hunted")


def test_sabotage_a_secret_is_planted_in_every_disguise(busy: Installation) -> None:
    folder = busy.data_dir / "logs" / "planted"
    for name, data in disguises(PLANTED).items():
        folder.mkdir()
        (folder / name).write_bytes(data)
        try:
            hunt = Hunt([Canary.of("planted", PLANTED)])
            hunt.files(busy.data_dir / "logs")
            with turns_red():
                check_clean(hunt)
        finally:
            shutil.rmtree(folder)


def test_sabotage_a_secret_in_an_environment(busy: Installation) -> None:
    environ = {**os.environ, "SSHPASS": PLANTED}
    with subprocess.Popen(["sleep", "60"], env=environ) as process:
        hunt = Hunt([Canary.of("planted", PLANTED)])
        place = Path(f"/proc/{process.pid}/environ")
        assert eventually(lambda: PLANTED.encode() in place.read_bytes(), 5)
        hunt.processes([process.pid])
        process.kill()
    with turns_red():
        check_clean(hunt)


@dataclass(frozen=True)
class Door:
    """A way into a device: where it notes attempts to log in, and what proves it is the one."""

    device: str
    attempts: Callable[[], int]


@pytest.fixture(scope="module")
def sshd(province: Province) -> Iterator[Door]:
    """A second sshd on a router that notes every attempt to log in."""
    options = ("-o", "LogLevel=VERBOSE", "-o", "PidFile=/run/sshd-proof.pid", "-E", SSHD_LOG)
    province.inside("xa-02", "/usr/sbin/sshd", "-p", str(PORT), *options)

    def attempts() -> int:
        text = province.inside("xa-02", "cat", SSHD_LOG)
        hold("Connection from" in text, f"nobody came: {text}")
        return sum(line.startswith(ATTEMPT) for line in text.splitlines())

    yield Door("xa-02", attempts)
    province.inside("xa-02", "sh", "-c", "kill $(cat /run/sshd-proof.pid)")


def simulated(province: Province, name: str) -> Door:
    """Return a switch, whose stand-in notes every password it was shown."""

    def attempts() -> int:
        return sum("log" in entry["action"] for entry in province.journal(name))

    return Door(name, attempts)


def strange_keys(folder: Path) -> list[str]:
    """Return an SSH host key and a TLS certificate that no device has."""
    key, certificate = folder / "strange", folder / "strange.der"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=strange",
         "-keyout", str(folder / "strange.pem"), "-outform", "DER", "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    public = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    return [public, f"x509-certificate {base64.b64encode(certificate.read_bytes()).decode()}"]


def enrolling(folder: Path, province: Province, keys: dict[str, list[str]]) -> Installation:
    """Return a hatang that knows the lab, with other keys for some devices."""
    made = Installation(folder)
    made.configure('prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"')
    made.hatang("init", person="").good()
    rows = yaml.safe_load(province.inventory.read_text(encoding="utf-8"))
    for row in rows["devices"]:
        if row["name"] in keys:
            row["host_keys"] = keys[row["name"]] or row["host_keys"]
        if row["name"] == "xa-02":
            row["ports"] = {"ssh": PORT}
    file = folder / "inventory.yaml"
    file.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")
    # Other passwords than the real ones: a switch notes every one that it refuses.
    text = province.credentials.read_text(encoding="utf-8")
    for name in ("lab-switch", "lab-eapi"):
        text = text.replace(province.secrets[name]["password"], "not-the-password-of-it")
    logins = folder / "logins.toml"
    logins.touch(mode=0o600)
    logins.write_text(text, encoding="utf-8")
    made.hatang("credential", "import", str(logins)).good()
    made.hatang("inventory", "import", str(file)).good()
    return made


def check_no_password_left(made: Installation, doors: list[Door]) -> None:
    """Each device is refused for its key, and none of them saw an attempt to log in."""
    before = {door.device: door.attempts() for door in doors if door.device != "xa-02"}
    names = ",".join(door.device for door in doors)
    for words in (("command", "run", "show version"), ("vault", "collect")):
        answer = made.hatang(*words, "--devices", names)
        hold(answer.status == 1, f"{words[0]}: exit status {answer.status}: {answer.err}")
        told = answer.out
        good = ("host_key_mismatch" in told) and ("certificate_invalid" in told)
        hold(good, f"{words[0]} does not say why: {told}")
    for door in doors:
        seen = door.attempts() - before.get(door.device, 0)
        hold(seen == 0, f"{door.device} saw {seen} attempts to log in")


def test_a_wrong_key_or_certificate_is_refused_before_a_password_leaves(
    province: Province, sshd: Door, tmp_path: Path
) -> None:
    doors = [sshd, simulated(province, "dc-sw-1"), simulated(province, "hub-1-sw-1")]
    keys = strange_keys(tmp_path)
    made = enrolling(tmp_path / "stranger", province, {door.device: keys for door in doors})
    check_no_password_left(made, doors)


def test_sabotage_the_right_keys_are_enrolled(
    province: Province, sshd: Door, tmp_path: Path
) -> None:
    doors = [sshd, simulated(province, "dc-sw-1"), simulated(province, "hub-1-sw-1")]
    made = enrolling(tmp_path / "friend", province, {})
    before = {door.device: 0 if door is sshd else door.attempts() for door in doors}
    names = ",".join(door.device for door in doors)
    made.hatang("command", "run", "show version", "--devices", names)
    for door in doors:
        assert door.attempts() > before[door.device], f"{door.device} notes no attempt at all"
    with turns_red():
        check_no_password_left(made, doors)
