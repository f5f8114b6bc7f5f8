"""The points of a province meet: from the office's workbook to the minutes.

Points are as many as the report counted: 15 in Hưng Yên, 215 in Thanh Hóa. The bridge is
*simulated*, who is in it and how they are heard too; no place is measured, so none counts as ready.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.doors import BIN, hatang_lab, http
from tests.acceptance.installation import Installation
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.simulated_bridge import Bridge, speaking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

UID = "toan-tinh@tinh.test"
SEED = "20250701"
REPORTED = {"hung-yen": 15, "thanh-hoa": 215}
PLAYED = ["hung-yen", pytest.param("thanh-hoa", marks=pytest.mark.soak)]
LOSSES = {"good": 0.2, "ok": 2.0, "bad": 5.0, "terrible": 25.0}
WAIT_SECONDS = 240.0


@dataclass
class Session:
    """What was said of one province's meeting before, while it ran, and after."""

    codes: list[str]
    losses: dict[str, float]
    readiness: dict[str, Any] = field(default_factory=dict)
    live: dict[str, Any] = field(default_factory=dict)
    minutes: dict[str, Any] = field(default_factory=dict)


@contextmanager
def roles(made: Installation, *names: str) -> Iterator[None]:
    """Let these processes of hatang run."""
    with made.output.open("a") as out:
        running = [
            subprocess.Popen([str(BIN / "hatang"), name, "--config", str(made.config)],
                             stdout=out, stderr=subprocess.STDOUT, env=made.environ)
            for name in names
        ]  # fmt: skip
    try:
        yield
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.wait(60)


def imported(profile: str, folder: Path, bridge: Bridge) -> Installation:
    """Return a hatang that has the province's workbook and the bridge."""
    workbook = folder / f"{profile}.xlsx"
    words = ("--profile", profile, "--format", "xlsx", "--seed", SEED, "--out", str(workbook))
    hatang_lab("seed", *words).good()
    made = Installation(folder / "hatang")
    made.configure('prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"')
    made.settle()
    made.hatang("inventory", "import", str(workbook)).good()
    secret = folder / "bridge.toml"
    secret.write_text(
        '[credentials.bridge]\nkind = "http"\nusername = "u"\npassword = "p"\n', encoding="utf-8"
    )
    secret.chmod(0o600)
    made.hatang("credential", "import", str(secret)).good()
    sites = made.json("inventory", "list", "sites", "--limit", "1000")
    centre = next(row["slug"] for row in sites if row["kind"] == "datacentre")
    device = {"name": "mcu", "site": centre, "role": "server", "platform": "linux",
              "primary_ip4": "10.9.0.1"}  # fmt: skip
    row = {"code": "mcu-1", "device": "mcu", "name": "Cầu hội nghị", "driver": "pexip",
           "url": bridge.url, "credential": "bridge", "capacity_ports": bridge.ports}  # fmt: skip
    more = folder / "bridge.yaml"
    more.write_text(
        json.dumps({"version": 1, "devices": [device], "bridges": [row]}, ensure_ascii=False)
    )
    made.hatang("inventory", "import", str(more)).good()
    return made


def rooms(made: Installation) -> list[str]:
    listed = made.json("inventory", "list", "rooms", "--limit", "1000")
    return sorted(row["code"] for row in listed)


def put(made: Installation, codes: list[str]) -> None:
    now = datetime.now(UTC)
    wanted = {
        "uid": UID,
        "title": "Hội nghị toàn tỉnh",
        "starts_at": (now + timedelta(seconds=1)).isoformat(),
        "ends_at": (now + timedelta(hours=2)).isoformat(),
        "bridge": "mcu-1",
        "call_kbps": 512,
        "points": [{"room": code} for code in codes],
    }
    file = made.folder / "meeting.yaml"
    file.write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
    made.hatang("meeting", "put", str(file)).good()


@pytest.fixture(scope="module", params=PLAYED)
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Session]:
    """A province's meeting, played once."""
    profile, folder = request.param, tmp_path_factory.mktemp("points")
    bridge = Bridge({}, ports=400)
    with speaking(bridge):
        made = imported(profile, folder, bridge)
        codes = rooms(made)
        named = tuple(LOSSES.values())
        bridge.loss_by_name = {
            code: named[number % len(named)] for number, code in enumerate(codes[:-1])
        }
        found = Session(codes, dict(bridge.loss_by_name))
        put(made, codes)
        answer = made.hatang("meeting", "readiness", UID, "--format", "json")
        found.readiness = answer.json()["verdict"]
        with roles(made, "api", "worker"):

            def all_heard() -> bool:
                try:
                    told = http(made.url("api", f"/api/v1/meetings/{UID}/live"), token=made.token)
                except OSError:
                    return False
                found.live = told.json() if told.status == 200 else {}
                points = found.live.get("points", [])
                heard = [one for one in points if one["quality"] != "unknown"]
                return len(heard) == len(codes) - 1

            eventually(all_heard, WAIT_SECONDS)
            found.minutes = made.ask(f"/api/v1/meetings/{UID}/minutes").json()
    return profile, found


def check_before(profile: str, found: Session) -> None:
    """Every point the report counted is looked at; of what nobody measured none is ready."""
    count = REPORTED[profile]
    hold(len(found.codes) == count, f"{len(found.codes)} rooms, reported {count}")
    verdict = found.readiness
    hold((verdict["ready"], verdict["total"]) == (0, count), f"{verdict['ready']} are ready")
    without = [row["room"] for row in verdict["points"] if not row["cause"]]
    hold(not without, f"without a cause: {without[:4]}")


def test_every_point_is_looked_at_before(session: tuple[str, Session]) -> None:
    check_before(*session)


def check_live(found: Session) -> None:
    """Each point is in the band of its loss, the worst first; who is not in is told as absent."""
    points = {one["room"]: one for one in found.live["points"]}
    bands = {loss: name for name, loss in LOSSES.items()}
    wrong = [c for c, loss in found.losses.items() if points[c]["quality"] != bands[loss]]
    hold(not wrong, f"{len(wrong)} in another band, as {wrong[:2]}")
    absent = [one["room"] for one in found.live["points"] if not one["is_in"]]
    hold(absent == [found.codes[-1]], f"absent: {absent[:4]}")
    order = [one["quality"] for one in found.live["points"] if one["is_in"]]
    ranks = ["terrible", "bad", "ok", "good"]
    hold(order == sorted(order, key=ranks.index), f"not the worst first: {order[:8]}")


def test_live_bands_are_those_of_the_loss(session: tuple[str, Session]) -> None:
    check_live(session[1])


def check_minutes(found: Session) -> None:
    """Who was invited and came, and how each was heard, add up to the whole."""
    told = found.minutes
    came = len(found.codes) - 1
    hold((told["invited"], told["attended"]) == (came + 1, came), f"attended {told['attended']}")
    heard = Counter(
        max(one["seconds_by_quality"], key=one["seconds_by_quality"].__getitem__)
        for one in told["points"]
        if one["joined_at"]
    )
    names = {loss: name for name, loss in LOSSES.items()}
    wanted = Counter(names[loss] for loss in found.losses.values())
    hold(heard == wanted, f"{dict(heard)}, not {dict(wanted)}")
    hold(len(told["sha256"]) == 64, "no SHA-256")


def test_the_minutes_add_up(session: tuple[str, Session]) -> None:
    check_minutes(session[1])


def test_sabotage_a_bridge_that_hears_everybody_well(session: tuple[str, Session]) -> None:
    _, found = session
    points = [{**one, "quality": "good"} for one in found.live["points"]]
    with turns_red():
        check_live(Session(found.codes, found.losses, live={**found.live, "points": points}))


def test_sabotage_a_point_that_was_forgotten(session: tuple[str, Session]) -> None:
    profile, found = session
    with turns_red():
        check_before(profile, Session(found.codes[1:], found.losses, found.readiness))
    less = {**found.minutes, "invited": found.minutes["invited"] - 1}
    with turns_red():
        check_minutes(Session(found.codes, found.losses, minutes=less))
