"""A switch that somebody changed by hand is told as drifted since then, and nobody touches it.

The switches are simulated, and so are the days: the hands of hatang's one clock are moved.
"""

from __future__ import annotations

import re
import sys
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.acceptance.doors import Reply, run
from tests.acceptance.installation import settled
from tests.acceptance.red import hold, turns_red
from tests.acceptance.serving import serving
from tests.acceptance.switch import PASSWORD, USER, Switch, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance]

NOT_ALL_IN_LINE = 1
NAME = "uplinks"
HAND, CALM, BARE = (
    Switch(name, f"FOC0000X02{number}", f"127.0.4.{number}")
    for number, name in enumerate(("sw-hand", "sw-calm", "sw-bare"), 1)
)
SWITCHES = (HAND, CALM, BARE)
CONFIGURATION = """\
hostname {one.name}
no ip http server
interface GigabitEthernet0/1
 description uplink of {one.name}
 shutdown
ntp server 192.0.2.7
line vty 0 4
 transport input ssh
end
"""
INTENDED = """\
interface GigabitEthernet0/1
 description uplink of {{ device.name }}
 shutdown
ntp server {{ parameters.server }}
"""
LINES = """\
interface GigabitEthernet0/1
  description uplink of sw-hand
  shutdown
"""
PLACES = """\
version: 1
units: [{code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}]
sites: [{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}]
devices:
"""
ROW = """\
  - name: {one.name}
    site: dc
    role: switch
    platform: cisco_ios
    status: active
    primary_ip4: {one.address}
    ports: {{ssh: {one.port}}}
    credentials: {{ssh: ops}}
    host_keys: ["{one.host_key}"]
"""
# Runs the command with the hands moved so many days on.
MOVED = """\
import sys
from datetime import timedelta
from cli import entry
from hatang import clock

days = int(sys.argv.pop(1))
with clock.frozen(clock.now() + timedelta(days=days)):
    entry.main()
"""
TOO_OLD_DAYS = 30
BADGES = {"sw-hand": "lệch khai báo", "sw-calm": "đúng khai báo", "sw-bare": "chưa xác định"}


def seen_as_intended(one: Switch) -> None:
    one.configuration = CONFIGURATION.format(one=one)


def changed_by_hand(one: Switch) -> None:
    """Open the uplink and write something on it, as somebody at the switch would."""
    text = CONFIGURATION.format(one=one).replace(" shutdown\n", "")
    one.configuration = text.replace(f"uplink of {one.name}", "tam thoi")


@dataclass(frozen=True)
class Look:
    """What was said of the switches by one comparison, which was between `began` and `ended`."""

    answer: dict[str, int]
    rows: dict[str, dict[str, Any]]
    hand: dict[str, Any]
    began: datetime
    ended: datetime

    @property
    def since(self) -> datetime | None:
        """Since when the switch that is changed by hand drifts."""
        text = self.rows[HAND.name]["drifted_since"]
        return None if text is None else datetime.fromisoformat(text)


def get(made: Installation, path: str, accept: str = "") -> Reply:
    reply = made.ask(path, accept=accept)
    assert reply.status == 200, f"{path}: {reply.status} {reply.body[:300]!r}"
    return reply


def looked(made: Installation, answer: dict[str, int], began: datetime) -> Look:
    """Return what the API says now, after a comparison answered so."""
    ended = datetime.now(UTC)
    rows = {row["device"]: row for row in get(made, "/api/v1/drift").json()["items"]}
    hand = get(made, f"/api/v1/drift/devices/{HAND.name}").json()
    return Look(answer, rows, hand, began, ended)


def compared(made: Installation, days: int = 0) -> Look:
    """Let the engineer compare so many days from now.

    By the command, which is waited for longer than an answer of the API: a busy machine is slow.
    """
    began = datetime.now(UTC)
    _program, *rest = made.command_line("drift", "run", "--format", "json", person="lan")
    answer = run([sys.executable, "-c", MOVED, str(days), *rest], made.environ)
    assert answer.status == NOT_ALL_IN_LINE, f"{answer.status}: {answer.out}{answer.err}"
    return looked(made, answer.json(), began)


def collect(made: Installation, *names: str) -> None:
    made.hatang("vault", "collect", "--devices", ",".join(names), person="lan").good()


def submit(made: Installation, path: str, fields: dict[str, str]) -> Reply:
    """Send a form, and follow where it leads."""
    request = urllib.request.Request(
        made.url("api", path),
        data=urlencode(fields).encode(),
        headers={"Authorization": f"Bearer {made.token}", "Accept": "text/html"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return Reply(answer.status, answer.read())


@dataclass(frozen=True)
class Proposal:
    """The form that a device's page leads to, and what became of sending it."""

    form: str
    preview: str
    changes: list[dict[str, Any]]


def proposed(made: Installation) -> Proposal:
    """Follow the button on the page of the switch, send the form, and write the change down."""
    page = get(made, f"/drift/devices/{HAND.name}", "text/html").body.decode()
    links = [unescape(each) for each in re.findall(r'href="(/changes/new[?][^"]+)"', page)]
    assert len(links) == 1, f"the page leads to {links}"
    form = get(made, links[0], "text/html").body.decode()
    fields = dict(parse_qsl(urlsplit(links[0]).query))
    preview = submit(made, "/changes/new", {**fields, "action": "preview"}).body.decode()
    submit(made, "/changes/new", {**fields, "action": "create"})
    return Proposal(form, preview, get(made, "/api/v1/changes").json()["items"])


@dataclass(frozen=True)
class Story:
    """What was said at each of its moments; `heard` is the journal of the switch at three."""

    first: Look
    changed: Look
    listed: dict[str, dict[str, Any]]
    pages: dict[str, str]
    next_day: Look
    too_old: Look
    proposal: Proposal
    back: Look
    again: Look
    heard: tuple[list[str], list[str], list[str]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Three switches that answer all the time, of which one is changed by hand, and changed back.

    One stays as it is; of the third the vault holds nothing.
    """
    made = settled(tmp_path_factory.mktemp("drift"))
    with listening(*SWITCHES), serving(made):
        prepare(made)
        yield told(made)


def prepare(made: Installation) -> None:
    """Write the switches and what is intended for them down, and collect two of them."""
    secrets = made.folder / "ops.toml"
    secrets.touch(mode=0o600)
    secrets.write_text(
        f'[credentials.ops]\nkind = "ssh"\nusername = "{USER}"\npassword = "{PASSWORD}"\n'
    )
    made.hatang("credential", "import", str(secrets)).good()
    places = made.folder / "places.yaml"
    rows = [ROW.format(one=one) for one in SWITCHES]
    places.write_text(PLACES + "".join(rows), encoding="utf-8")
    made.hatang("inventory", "import", str(places)).good()
    template = made.folder / "uplinks.j2"
    template.write_text(INTENDED, encoding="utf-8")
    words = ("drift", "intended", "set", NAME, str(template), "--site", "dc")
    made.hatang(*words, "--set", "server=192.0.2.7", person="lan").good()
    for one in SWITCHES:
        seen_as_intended(one)
    collect(made, HAND.name, CALM.name)


def told(made: Installation) -> Story:
    first = compared(made)
    changed_by_hand(HAND)
    collect(made, HAND.name, CALM.name)
    changed = compared(made)
    listed = {row["device"]: row for row in made.json("drift", "list", person="lan")}
    paths = {one.name: f"/drift/devices/{one.name}" for one in SWITCHES}
    pages = {name: get(made, path, "text/html").body.decode() for name, path in paths.items()}
    next_day, too_old = compared(made, 1), compared(made, TOO_OLD_DAYS)
    before = [*HAND.heard]
    compared(made)
    proposal = proposed(made)
    after = [*HAND.heard]
    seen_as_intended(HAND)
    collect(made, HAND.name)
    back = compared(made)
    changed_by_hand(HAND)
    collect(made, HAND.name)
    again = compared(made)
    heard = before, after, [*HAND.heard]
    return Story(first, changed, listed, pages, next_day, too_old, proposal, back, again, heard)


def check_in_line(look: Look, one: Switch) -> None:
    row = look.rows[one.name]
    hold(row["state"] == "in_line", f"{one.name} is {row['state']} {row['reason']}")
    hold(row["drifted_since"] is None, f"it drifts since {row['drifted_since']}")
    hold(row["line_count"] == 0, f"{row['line_count']} lines would bring it back")


def check_drifted(look: Look, one: Switch) -> None:
    """It drifts since the comparison that saw it first, and the very lines are told."""
    row = look.rows[one.name]
    hold(row["state"] == "drifted", f"{one.name} is {row['state']} {row['reason']}")
    since = datetime.fromisoformat(row["drifted_since"])
    hold(look.began <= since <= look.ended, f"drifted since {since}, seen at {look.ended}")
    (standing,) = look.hand["standings"]
    hold(standing["lines"] == LINES, f"the lines are\n{standing['lines']}")


def check_unknown(look: Look, one: Switch, reason: str) -> None:
    """It is unknown with its reason, and nothing says that it is as intended."""
    row = look.rows[one.name]
    stands = row["state"], row["reason"]
    hold(stands == ("unknown", reason), f"{one.name} is {stands}")


def check_since_kept(earlier: Look, later: Look) -> None:
    """It was compared once more, drifts still, and since the same moment."""
    one, other = earlier.rows[HAND.name], later.rows[HAND.name]
    hold(other["state"] == "drifted", f"it is {other['state']} {other['reason']}")
    hold(one["checked_at"] != other["checked_at"], "it was not compared again")
    hold(earlier.since == later.since, f"since {earlier.since}, then since {later.since}")


def test_what_is_as_intended_is_in_line(story: Story) -> None:
    for one in (HAND, CALM):
        check_in_line(story.first, one)
    hold(story.first.answer == {"drifted": 0, "unknown": 1, "in_line": 2}, str(story.first.answer))


def test_a_switch_changed_by_hand_is_drifted_since_then_with_the_very_lines(story: Story) -> None:
    check_drifted(story.changed, HAND)
    check_in_line(story.changed, CALM)
    counted = story.changed.answer
    hold(counted == {"drifted": 1, "unknown": 1, "in_line": 1}, f"the run says {counted}")


def test_sabotage_nobody_changed_the_switch(story: Story) -> None:
    with turns_red():
        check_drifted(story.changed, CALM)


def test_sabotage_it_was_compared_before_it_was_changed(story: Story) -> None:
    with turns_red():
        check_drifted(story.first, HAND)


def test_command_api_and_page_say_the_same(story: Story) -> None:
    for name, row in story.listed.items():
        other = story.changed.rows[name]
        for field in ("state", "reason", "line_count", "version_id", "intended"):
            hold(row[field] == other[field], f"{name}: {field} is {row[field]}, {other[field]}")
        (heading,) = re.findall(f"<h2>{NAME} (.+)</h2>", story.pages[name])
        hold(BADGES[name] in heading, f"the page of {name} says {heading}")
    since = story.changed.since
    hold(since is not None, "it drifts since no time")
    assert since is not None
    told = datetime.fromisoformat(story.listed[HAND.name]["drifted_since"])
    hold(told == since.replace(microsecond=0), f"since {told} by the command, {since} by the API")
    shown = unescape(story.pages[HAND.name])
    hold(LINES.strip() in shown, "the page has not the lines")


def test_a_day_later_it_drifts_since_the_same_moment(story: Story) -> None:
    check_since_kept(story.changed, story.next_day)


def test_sabotage_it_was_put_back_in_between(story: Story) -> None:
    hold(story.again.since is not None, "it does not drift again")
    with turns_red():
        check_since_kept(story.changed, story.again)


def test_a_switch_without_a_backup_is_unknown_and_never_in_line(story: Story) -> None:
    for look in (story.first, story.changed, story.back, story.again):
        check_unknown(look, BARE, "no_backup")
    shown = story.pages[BARE.name]
    hold("kho cấu hình chưa có bản nào của thiết bị" in shown, "its page does not say why")
    hold(not BARE.heard, f"it was asked: {BARE.heard}")


def test_sabotage_a_switch_with_a_backup(story: Story) -> None:
    with turns_red():
        check_unknown(story.first, CALM, "no_backup")


def test_a_backup_that_is_too_old_proves_nothing_and_ends_nothing(story: Story) -> None:
    for one in (HAND, CALM):
        check_unknown(story.too_old, one, "too_old")
    hold(story.too_old.answer["in_line"] == 0, f"the run says {story.too_old.answer}")
    hold(story.too_old.since == story.changed.since, f"it drifts since {story.too_old.since}")


def test_sabotage_the_backup_is_too_old(story: Story) -> None:
    with turns_red():
        check_in_line(story.too_old, CALM)
    with turns_red():
        check_drifted(story.too_old, HAND)


def check_untouched(before: list[str], after: list[str]) -> None:
    """By its own journal nothing was typed at the switch in between, and it was read before."""
    hold("show running-config" in before, f"it was never read: {before}")
    hold(after == before, f"it was sent {after[len(before) :]}")


def test_the_proposal_is_filled_in_and_nothing_was_sent_to_the_switch(story: Story) -> None:
    form, preview = story.proposal.form, unescape(story.proposal.preview)
    for chosen in ("intended", NAME):
        hold(f'<option value="{chosen}" selected>' in form, f"{chosen} is not chosen")
    hold(f">{HAND.name}</textarea>" in form, "the switch is not named")
    hold(LINES.strip() in preview, "the form does not show the lines")
    stands = [(row["state"], row["intent"]) for row in story.proposal.changes]
    hold(stands == [("draft", "remediation")], f"the changes are {stands}")
    check_untouched(*story.heard[:2])


def test_sabotage_the_switch_was_asked_meanwhile(story: Story) -> None:
    before, _, later = story.heard
    with turns_red():
        check_untouched(before, later)


def check_kept(look: Look, since: datetime | None) -> None:
    """It is in line, and the drift that is over stands in its history."""
    check_in_line(look, HAND)
    past = [(row["intended"], row["since"], row["ending"]) for row in look.hand["past"]]
    hold(len(past) == 1, f"the history is {past}")
    name, began, ending = past[0]
    hold((name, ending) == (NAME, "in_line"), f"the history is {past}")
    hold(datetime.fromisoformat(began) == since, f"it drifted since {began}, not {since}")


def test_back_in_line_the_drift_is_history(story: Story) -> None:
    check_kept(story.back, story.changed.since)


def test_sabotage_nobody_brought_it_back(story: Story) -> None:
    with turns_red():
        check_kept(story.next_day, story.changed.since)
