"""A real meeting on Janus: what is said of it is what the wires counted.

Real: Janus, its media and their ways, six WebRTC participants that send sound and picture from
their rooms. *Simulated*: the other 209 of 215 points, of which 203 rooms exist as SIP endpoints on
this host; in the meeting they are names that send no media, and are heard as unknown.

The wire loses from after one window until the page, and clean windows lie around that: what the
windows lost together is what the wire dropped of each stream, packet by packet.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import time
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.acceptance.doors import BIN, clean_environ, run
from tests.acceptance.red import eventually, hold, turns_red
from tests.acceptance.simulated_rooms import registered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.acceptance.installation import Installation
    from tests.acceptance.province import Province

pytestmark = [pytest.mark.acceptance, pytest.mark.lab, pytest.mark.soak]

UID = "hop-truc-tuyen@tinh.test"
POINTS = 215
COMMUNES = tuple(f"xa-{number:02}" for number in range(1, 13))
REAL = ("room-xa-01", "room-xa-02", "room-xa-05", "room-xa-06", "room-xa-09", "room-xa-10")
BEHIND = ("room-xa-05", "room-xa-06")  # hub-2 hangs on one circuit
HUB, LINE = "hub-2", ("core-2", "hub-2")
WINDOW_SECONDS = 20
LOOK_SECONDS = 240.0
PAGE_SECONDS = 150.0
LOSS_PERCENT = "10"
CALL_KBPS = 256
BANDS = ((0.01, "good"), (0.03, "ok"), (0.10, "bad"), (2.0, "terrible"))
WORSE = ("good", "ok", "bad", "terrible", "terrible")
JITTER_SECONDS = 0.040


def names() -> dict[str, str]:
    """Return the simulated rooms with their communes."""
    count = POINTS - len(COMMUNES)
    return {f"gia-lap-{n:03}": COMMUNES[n % len(COMMUNES)] for n in range(count)}


def circuit(province: Province, ends: tuple[str, str]) -> str:
    """Return the circuit between two devices."""
    for link in province.seeded["links"]:
        if {link["a"].split(":")[0], link["b"].split(":")[0]} == set(ends):
            return str(link["circuit"])
    raise KeyError(ends)


@pytest.fixture(scope="module")
def rooms(province: Province) -> Iterator[str]:
    """The simulated rooms, registered; their common address."""
    with registered(list(names()), province.devices["srv-sip"].address) as here:
        yield here


@pytest.fixture(scope="module")
def planned(
    hatang: Installation, province: Province, rooms: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A meeting of 215 points on the lab's bridge that begins now."""
    folder = tmp_path_factory.mktemp("meeting")
    rows = dict(province.seeded)
    rows["rooms"] = [*rows["rooms"], *(
        {"code": code, "name": f"Phòng {code} (mô phỏng)", "site": site,
         "sip_uri": f"sip:{code}@{rooms}", "contact_phone": "0234 300 000"}
        for code, site in names().items()
    )]  # fmt: skip
    rows["bridges"] = [{**row, "capacity_ports": 400} for row in rows["bridges"]]
    inventory = folder / "inventory.yaml"
    inventory.write_text(yaml.safe_dump(rows, allow_unicode=True), encoding="utf-8")
    hatang.hatang("inventory", "import", str(inventory)).good()
    put(hatang, folder, datetime.now(UTC) + timedelta(seconds=90))
    return UID


def put(hatang: Installation, folder: Path, starts_at: datetime, minutes: float = 30) -> None:
    codes = [f"room-{site}" for site in COMMUNES] + list(names())
    wanted = {
        "uid": UID,
        "title": "Phiên họp trực tuyến",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(minutes=minutes)).isoformat(),
        "bridge": "mcu-1",
        "call_kbps": CALL_KBPS,
        "points": [{"room": code, "required": code in REAL} for code in codes],
    }
    file = folder / "meeting.yaml"
    file.write_text(json.dumps(wanted, ensure_ascii=False), encoding="utf-8")
    hatang.hatang("meeting", "put", str(file), person="lan").good()


def readiness(hatang: Installation) -> dict[str, Any]:
    words = ("meeting", "readiness", UID, "--format", "json")
    command = hatang.command_line(*words, person="lan")
    found: dict[str, Any] = run(command, hatang.environ, LOOK_SECONDS).json()["verdict"]
    return found


@dataclass
class Before:
    """What was said before the meeting: of the whole province, and with the hub cut."""

    whole: dict[str, Any]
    cut: dict[str, Any]
    seconds: float


@pytest.fixture(scope="module")
def before(hatang: Installation, province: Province, planned: str) -> Before:
    assert planned
    sites = 'count(hatang_device_up{device=~"xa-0[5-8]|hub-2"} == 0)'
    begun = time.monotonic()
    whole = readiness(hatang)
    seconds = time.monotonic() - begun
    province.command("break", HUB)
    try:
        hold(eventually(lambda: hatang.number(sites) == 5, 60), "the cut is not seen")
        found: dict[str, Any] = {}

        def told() -> bool:
            found.update(readiness(hatang))
            return len(found["causes"]) == 1

        eventually(told, 20)
    finally:
        province.command("heal", HUB)
    hold(eventually(lambda: hatang.number(sites) == 0, 90), "the mending is not seen")
    return Before(whole, found, seconds)


def behind_hub() -> set[str]:
    sites = COMMUNES[4:8]
    return {f"room-{site}" for site in sites} | {c for c, site in names().items() if site in sites}


def check_one_cause(verdict: dict[str, Any]) -> None:
    """All points behind the hub are red for one cause that names it, and no other is."""
    red = {row["room"] for row in verdict["points"] if row["verdict"] == "not_ready"}
    hold(red == behind_hub(), f"red: {len(red)}, behind the hub: {len(behind_hub())}")
    hold(len(verdict["causes"]) == 1, f"causes: {verdict['causes'][:4]}")
    cause = verdict["causes"][0]
    hold(cause["points"] == len(red) and HUB in cause["name"], f"the cause: {cause}")


def test_a_cut_hub_makes_its_points_red_for_one_cause(
    before: Before, figures: Callable[[str], None]
) -> None:
    check_one_cause(before.cut)
    figures(f"{len(behind_hub())} of {POINTS} points red, one cause: {before.cut['causes'][0]}")
    figures(f"readiness of {POINTS} points by the command: {before.seconds:.1f} s")


def test_sabotage_the_hub_was_never_cut(before: Before) -> None:
    with turns_red():
        check_one_cause(before.whole)


Windows = dict[str, list[dict[str, Any]]]


@dataclass
class Held:
    """What the meeting was like: our windows of each real point, and the wire's counters."""

    line: str
    said: dict[str, Any]
    live: dict[str, Any]
    page: list[dict[str, Any]]
    windows: Windows
    dropped: dict[str, dict[str, int]]


def counted(province: Province, line: str) -> dict[str, dict[str, dict[str, int]]]:
    """Return what the wire counted of each room's streams, by the room's address and SSRC."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    directions = province.command("flows", line).json()
    for streams in directions.values():
        for key, stream in streams.items():
            address, ssrc = key.split()
            found.setdefault(address, {})[ssrc] = stream
    return found


def addresses(province: Province) -> dict[str, str]:
    rows = {row["code"]: row["sip_uri"] for row in province.seeded["rooms"]}
    return {room: rows[room].split("@")[1].split(":")[0] for room in REAL}


def windows_of(hatang: Installation, room: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hatang.ask(f"/api/v1/meetings/{UID}/points/{room}/windows").json()
    return found


def newest(hatang: Installation) -> str:
    """Return when the newest window of one behind the line was told."""
    return max((str(row["at"]) for row in windows_of(hatang, BEHIND[0])), default="")


def next_window(hatang: Installation) -> str:
    """Wait for a newer window and return when it was told."""
    last = newest(hatang)
    hold(eventually(lambda: newest(hatang) > last, 4 * WINDOW_SECONDS), f"no window after {last}")
    return newest(hatang)


@pytest.fixture(scope="module")
def held(
    before: Before,
    hatang: Installation,
    province: Province,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Held]:
    """The meeting: clean windows, then the wire loses until the page, then clean windows."""
    assert before.whole
    line = circuit(province, LINE)
    folder = tmp_path_factory.mktemp("held")
    stands = [f"room-{site}" for site in COMMUNES if f"room-{site}" not in REAL] + list(names())
    (folder / "simulated").write_text("\n".join(stands), encoding="utf-8")
    words = [str(BIN / "hatang-lab"), "meet", *REAL, "--seconds", "600", "--state",
             str(province.state), "--simulated", str(folder / "simulated")]  # fmt: skip
    people = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=clean_environ())
    try:
        assert people.stdout is not None
        said = json.loads(people.stdout.readline())
        put(hatang, folder, datetime.now(UTC) - timedelta(seconds=1))
        counted(province, line)
        next_window(hatang)
        since = next_window(hatang)
        clean = counted(province, line)
        province.command("impair", line, "--loss", LOSS_PERCENT)
        eventually(lambda: bool(poor(unresolved(hatang))), PAGE_SECONDS)
        page = unresolved(hatang)
        live = hatang.ask(f"/api/v1/meetings/{UID}/live").json()
        province.command("impair", line, "--loss", "0")
        next_window(hatang)
        next_window(hatang)
        wire = counted(province, line)
        windows, dropped = {}, {}
        for room, address in addresses(province).items():
            windows[room] = [row for row in windows_of(hatang, room) if row["at"] > since]
            dropped[room] = lost(clean.get(address, {}), wire.get(address, {}))
        yield Held(line, said, live, page, windows, dropped)
    finally:
        people.terminate()
        people.wait(30)
        province.command("heal", line)


def lost(before: dict[str, dict[str, int]], after: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return the drops since by medium; of a room's streams most packets are sound's."""
    own = sorted(after, key=lambda ssrc: after[ssrc]["forwarded"], reverse=True)[:2]
    nothing = {"dropped": 0}
    return {
        media: after[ssrc]["dropped"] - before.get(ssrc, nothing)["dropped"]
        for media, ssrc in zip(("audio", "video"), own, strict=False)
    }


def heard(rows: list[dict[str, Any]], media: str) -> list[dict[str, Any]]:
    return [one for one in rows if (one["direction"], one["media"]) == ("rx", media)]


def check_loss(rows: list[dict[str, Any]], dropped: dict[str, int]) -> None:
    """The packets that the bridge missed of each stream are those that the wire dropped.

    Of a window in which the bridge counted nothing it says so: the next one holds what was lost.
    """
    for media, count in dropped.items():
        told = sum(one["packets_lost"] or 0 for one in heard(rows, media))
        hold(told == count, f"{media}: lost {told}, dropped by the wire {count}")
    hold(dropped.get("audio", 0) > 10, f"the wire dropped {dropped}")


def test_live_loss_is_what_the_wire_dropped_of_that_stream(
    held: Held, figures: Callable[[str], None]
) -> None:
    for room in BEHIND:
        figures(f"{room}: the wire dropped {held.dropped[room]}")
        for media in ("audio", "video"):
            told = [(one["packets_lost"], one["packets"], one["quality"])
                    for one in heard(held.windows[room], media)]  # fmt: skip
            figures(f"{room} {media}: lost, of, band: {told}")
    for room in BEHIND:
        check_loss(held.windows[room], held.dropped[room])


def test_sabotage_the_wire_of_another_room(held: Held) -> None:
    one_more = {**held.dropped[BEHIND[0]], "audio": held.dropped[BEHIND[0]]["audio"] + 1}
    with turns_red():
        check_loss(held.windows[BEHIND[0]], one_more)
    with turns_red():
        check_loss(held.windows["room-xa-01"], held.dropped[BEHIND[0]])


def band(loss: float, jitter: float | None) -> str:
    """Return the band as Pexip publishes it: by loss, one worse with jitter above 40 ms."""
    found = next(name for limit, name in BANDS if loss < limit)
    is_late = jitter is not None and jitter > JITTER_SECONDS
    return WORSE[WORSE.index(found) + 1] if is_late else found


def check_bands(windows: Windows) -> None:
    """Each window's band is that of its own loss; in the worst of them it was no good one."""
    for room, rows in windows.items():
        for one in [*heard(rows, "audio"), *heard(rows, "video")]:
            if one["packets"] is None:
                wanted = "unknown"
            else:
                wanted = band(one["packets_lost"] / one["packets"], one["jitter_seconds"])
            hold(one["quality"] == wanted, f"{room}: {one}, not {wanted}")
    for room in BEHIND:
        own = {one["quality"] for one in heard(windows[room], "audio")}
        hold(bool(own & {"bad", "terrible"}), f"{room}: {own}")


def check_worst_first(live: dict[str, Any]) -> None:
    """Of those who are in, the two behind the line that loses stand first."""
    worst = [one["room"] for one in live["points"] if one["is_in"] and one["room"] in REAL][:2]
    hold(set(worst) == set(BEHIND), f"the worst are {worst}")


def test_the_bands_are_those_of_the_loss(held: Held) -> None:
    check_bands(held.windows)
    check_worst_first(held.live)


def test_sabotage_windows_that_are_all_good(held: Held) -> None:
    good = {room: [{**one, "quality": "good"} for one in rows]
            for room, rows in held.windows.items()}  # fmt: skip
    with turns_red():
        check_bands(good)
    with turns_red():
        check_worst_first({"points": held.live["points"][::-1]})


def check_everybody(held: Held) -> None:
    """All 215 are in, each known as the room it is; of the simulated nothing is claimed."""
    inside = [one for one in held.live["points"] if one["is_in"]]
    hold(len(inside) == POINTS, f"{len(inside)} points are in")
    hold(not held.live["strangers"], f"strangers: {held.live['strangers'][:3]}")
    silent = [one for one in inside if one["room"] not in REAL]
    hold({one["quality"] for one in silent} == {"unknown"}, "a simulated point is heard")


def test_all_points_are_in_and_of_the_simulated_nothing_is_claimed(held: Held) -> None:
    hold(held.said["real"] == len(REAL), f"joined: {held.said}")
    check_everybody(held)


def test_sabotage_a_point_that_is_missing(held: Held) -> None:
    less = {**held.live, "points": held.live["points"][1:]}
    with turns_red():
        check_everybody(replace(held, live=less))


def unresolved(hatang: Installation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hatang.ask("/api/v1/incidents?state=open").json()["items"]
    return found


def poor(incidents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the incidents of poor points."""
    return [one for one in incidents if one["alertname"] == "MeetingPointsPoor"]


def check_incident(incidents: list[dict[str, Any]], line: str) -> None:
    """One incident stands for the poor points, and its name is the line."""
    told = [(one["alertname"], one["name"]) for one in incidents]
    own = poor(incidents)
    hold(len(own) == 1, f"open: {told}")
    hold(line in own[0]["name"], f"{told} does not name {line}")


def test_the_incident_names_the_line(held: Held, figures: Callable[[str], None]) -> None:
    figures(f"open: {[(one['alertname'], one['name']) for one in held.page]}")
    check_incident(held.page, held.line)


def test_sabotage_another_line(held: Held, province: Province) -> None:
    with turns_red():
        check_incident(held.page, circuit(province, ("core-1", "hub-3")))


@dataclass
class Minutes:
    """The minutes as JSON and as files by language and form."""

    told: dict[str, Any]
    files: dict[tuple[str, str], bytes]


@pytest.fixture(scope="module")
def minutes(held: Held, hatang: Installation, tmp_path_factory: pytest.TempPathFactory) -> Minutes:
    """The minutes while the meeting runs; the files stay beside the other traces of the run."""
    assert held.said
    folder = tmp_path_factory.mktemp("minutes")
    base = f"/api/v1/meetings/{UID}/minutes"
    forms = [(language, form) for language in ("vi", "en") for form in ("csv", "docx", "pdf")]
    files = {
        (language, form): hatang.ask(f"{base}.{form}?language={language}").body
        for language, form in forms
    }
    for (language, form), content in files.items():
        (folder / f"minutes-{language}.{form}").write_bytes(content)
    return Minutes(hatang.ask(base).json(), files)


def text_of(docx: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(docx)) as opened:
        return opened.read("word/document.xml").decode()


def check_minutes(minutes: Minutes, held: Held) -> None:
    """Who was invited and came, the seconds in each band, the cause: in every form and language."""
    told = minutes.told
    hold((told["invited"], told["attended"]) == (POINTS, POINTS), f"attended {told['attended']}")
    points = {one["room"]: one for one in told["points"]}
    for room in BEHIND:
        own = points[room]
        poor = own["seconds_by_quality"]["bad"] + own["seconds_by_quality"]["terrible"]
        hold(poor >= WINDOW_SECONDS, f"{room}: {own['seconds_by_quality']}")
        hold(any(held.line in name for name in own["incidents"]), f"{room}: {own['incidents']}")
    hold(not points["room-xa-01"]["seconds_by_quality"]["terrible"], "a good point was terrible")
    for language, title in (("vi", "Biên bản"), ("en", "Minutes of")):
        hold(title in text_of(minutes.files[language, "docx"]), f"no {title} in the Word file")
        hold(minutes.files[language, "pdf"].startswith(b"%PDF"), "the PDF is none")


def check_digest(told: dict[str, Any], docx: bytes) -> None:
    """A SHA-256 stands in the minutes, and on the Word file that was made of them."""
    hold(len(bytes.fromhex(told["sha256"])) == hashlib.sha256().digest_size, "no SHA-256")
    hold("SHA-256" in text_of(docx), "the Word file bears no SHA-256")


def test_the_minutes_stand_in_both_languages(minutes: Minutes, held: Held) -> None:
    check_minutes(minutes, held)
    check_digest(minutes.told, minutes.files["vi", "docx"])


def test_sabotage_minutes_without_a_cause(minutes: Minutes, held: Held) -> None:
    points = [{**one, "incidents": []} for one in minutes.told["points"]]
    with turns_red():
        check_minutes(Minutes({**minutes.told, "points": points}, minutes.files), held)
