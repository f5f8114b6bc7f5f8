"""The lab's own secrets, all of them in use, stand nowhere in what hatang keeps, says or starts."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
    hatang.hatang("audit", "run", "--devices", names, person="lan").good()
    return hatang


def test_no_secret_in_files_or_processes(
    busy: Installation, province: Province, figures: Callable[[str], None]
) -> None:
    hunt = Hunt(wanted(busy, province))
    hunt.processes(busy.pids())
    hunt.files(busy.data_dir)
    hunt.files(busy.folder / "tmp")
    check_clean(hunt)
    figures(f"{len(hunt.wanted)} secrets hunted in {hunt.looked_at} places")


def test_no_secret_in_answers(busy: Installation, province: Province) -> None:
    hunt = Hunt(wanted(busy, province))
    described = busy.ask("/api/v1/openapi.json")
    assert described.status == 200, described
    plain = [path for path, verbs in described.json()["paths"].items() if "get" in verbs]
    for path in plain:
        if "{" not in path and not path.endswith("/events"):
            hunt.look(path, busy.ask(path).body)
    for part, path in (
        ("monitors", "/metrics"), ("monitors", "/metrics/shard/0"), ("jobs", "/metrics"),
        ("prometheus", "/api/v1/status/config"), ("alertmanager", "/api/v2/status"),
    ):  # fmt: skip
        hunt.look(f"{part}{path}", http(busy.url(part, path)).body)
    assert hunt.looked_at > 10
    check_clean(hunt)


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
