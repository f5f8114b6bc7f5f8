"""Ages of backups and feeds, journeys through a sign-in, and which side of the Internet is cut."""

from __future__ import annotations

import asyncio
import logging
import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import Reason
from monitors.choices import Cause, State
from monitors.probes import running
from monitors.probes.journey import filled
from monitors.probes.registry import PROBES
from monitors.service_watch import judge
from monitors.targets import ServiceTarget
from tests.monitors.fakes import FakeDevice
from tests.monitors.probes.servers import LOCAL, SECRET, ask, listening, means, page, pages

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.probes.running import ProbeResult

HOUR = 3600


def aged(path: Path, hours: float, size: int = 10) -> None:
    path.write_bytes(b"x" * size)
    at = datetime.now(UTC).timestamp() - hours * HOUR
    os.utime(path, (at, at))


def test_the_newest_good_file_is_the_last_backup(tmp_path: Path) -> None:
    aged(tmp_path / "db-1.dump", 50)
    aged(tmp_path / "db-2.dump", 20)
    aged(tmp_path / "db-3.dump", 1, size=0)  # what failed is no backup
    told: dict[str, Any] = {"file": str(tmp_path / "db-*.dump")}
    good = asyncio.run(ask("backup", "", **told))
    assert good.cause is Cause.ANSWERED
    assert good.values["hatang_probe_age_seconds"] == pytest.approx(20 * HOUR, abs=60)
    old = asyncio.run(ask("backup", "", max_age_seconds=10 * HOUR, **told))
    assert (old.cause, judge(old).state) == (Cause.TOO_OLD, State.BAD)


def test_no_backup_at_all_is_bad_and_not_unknown(tmp_path: Path) -> None:
    result = asyncio.run(ask("backup", "", file=str(tmp_path / "none*")))
    assert judge(result).state is State.BAD


def test_a_backup_from_the_future_is_a_wrong_clock(tmp_path: Path) -> None:
    aged(tmp_path / "b", -5)
    assert asyncio.run(ask("backup", "", file=str(tmp_path / "b"))).cause is Cause.CLOCK_OFF


def test_a_page_says_by_its_header_or_its_text_how_old_the_last_line_is() -> None:
    now = datetime.now(UTC)

    async def run(handle: Any, **options: Any) -> ProbeResult:
        async with listening(handle) as port:
            return await ask("feed", f"http://{LOCAL}:{port}/", **options)

    header = f"Last-Modified: {format_datetime(now - timedelta(minutes=1), usegmt=True)}\r\n"
    assert asyncio.run(run(page(headers=header))).cause is Cause.ANSWERED
    body = f'{{"last_line": "{(now - timedelta(minutes=9)).isoformat()}"}}'.encode()
    by_text = {"pattern": '"last_line": "([^"]+)"'}
    assert asyncio.run(run(page(body), **by_text)).cause is Cause.TOO_OLD
    unix = f'{{"last_line": "{now.timestamp():.0f}"}}'.encode()
    assert asyncio.run(run(page(unix), **by_text)).cause is Cause.ANSWERED
    nonsense = asyncio.run(run(page(b'"last_line": "soon"'), **by_text))
    assert nonsense.reason is Reason.PROTOCOL_ERROR
    assert asyncio.run(run(page(b"{}"), **by_text)).reason is Reason.REJECTED
    assert asyncio.run(run(page())).reason is Reason.PROTOCOL_ERROR


def made(status: str, body: str = "", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return (head + body).encode()


SITE = {
    b"GET /login": made(
        "200 OK", '<input name="csrf" value="t&amp;1">', "Set-Cookie: s=1; Path=/\r\n"
    ),
    b"POST /login": made("302 Found", headers="Location: /home\r\nSet-Cookie: u=lan\r\n"),
    b"GET /home": made("200 OK", "Xin chao lan"),
    b"GET /logout": made("200 OK", "Tam biet", "Set-Cookie: u=; Max-Age=0\r\n"),
    b"GET /away": made("302 Found", headers="Location: http://192.0.2.7/\r\n"),
}


def travelled(
    by_path: dict[bytes, bytes], steps: Any, seen: list[bytes] | None = None
) -> ProbeResult:
    async def run() -> ProbeResult:
        async with listening(pages(by_path, seen)) as port:
            base = f"http://{LOCAL}:{port}"
            told = [
                {k: v.replace("BASE", base) if isinstance(v, str) else v for k, v in step.items()}
                for step in steps
            ]
            return await ask("journey", "", credential="login", steps=told)

    return asyncio.run(run())


STEPS = [
    {"name": "form", "get": "BASE/login", "capture": {"csrf": 'name="csrf" value="([^"]*)"'}},
    {
        "name": "sign in",
        "post": "BASE/login",
        "form": {"user": "{username}", "pass": "{password}", "csrf": "{csrf}"},
        "contains": "Xin chao",
    },
    {"name": "sign out", "get": "BASE/logout", "contains": "Tam biet"},
]


def test_a_sign_in_goes_through_form_page_and_sign_out() -> None:
    seen: list[bytes] = []
    result = travelled(SITE, STEPS, seen)
    assert (result.cause, result.detail) == (Cause.ANSWERED, "3 steps")
    posted = next(request for request in seen if request.startswith(b"POST"))
    assert f"user=lan&pass={SECRET}&csrf=t%261".encode() in posted
    assert b"Cookie: s=1" in posted
    assert b"Cookie: s=1; u=lan" in next(r for r in seen if r.startswith(b"GET /home"))
    assert len([name for name in result.values if "step_duration" in name]) == 3


def test_the_step_that_fails_is_named_and_no_secret_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    echoing = {**SITE, b"POST /login": made("500 Oops", f"failed for {SECRET}")}
    with caplog.at_level(logging.DEBUG):
        result = travelled(echoing, STEPS)
    assert (result.cause, result.detail) == (Cause.STEP_FAILED, "step 2 (sign in): status 500")
    assert judge(result).state is State.BAD
    assert SECRET not in repr(result) + repr(judge(result)) + caplog.text


def test_a_page_without_what_the_next_step_needs_ends_the_journey() -> None:
    result = travelled({**SITE, b"GET /login": made("200 OK", "no form")}, STEPS)
    assert result.detail == "step 1 (form): shows no csrf"


def test_a_journey_goes_to_no_host_that_its_steps_do_not_name() -> None:
    result = travelled(SITE, [{"name": "away", "get": "BASE/away"}])
    assert result.detail == "step 1 (away): leads to another host"


def test_a_password_is_never_sent_in_the_clear_outside_the_lab() -> None:
    step = {"name": "in", "post": "http://192.0.2.7/login", "form": {"p": "{password}"}}
    options = PROBES["journey"].options.model_validate({"credential": "login", "steps": [step]})
    target = ServiceTarget("s", "journey", "", options=options)
    result = asyncio.run(running.run(target, means(), timeout_seconds=0.5))
    assert (result.reason, "in the clear" in result.detail) == (Reason.REJECTED, True)


def test_a_login_is_filled_in_once_and_never_looked_through_again() -> None:
    values = {"username": "{password}", "password": "secret"}
    assert filled("{username}:{other}", values) == "{password}:{other}"


@pytest.mark.parametrize(
    ("domestic", "international", "outcome"),
    [
        (True, True, Cause.ANSWERED),
        (True, False, Cause.INTERNATIONAL_CUT),
        (False, True, Cause.DOMESTIC_CUT),
        (False, False, Reason.UNREACHABLE),
    ],
)
def test_the_side_that_is_cut_is_named(
    *, domestic: bool, international: bool, outcome: Any
) -> None:
    async def run() -> ProbeResult:
        async with listening(page()) as port:
            up, down = f"tcp://{LOCAL}:{port}", f"tcp://{LOCAL}:1"
            return await ask(
                "reach",
                "",
                domestic=[up if domestic else down],
                international=[up if international else down, down],
            )

    result = asyncio.run(run())
    assert outcome in (result.cause, result.reason)
    assert judge(result).state is (State.GOOD if outcome is Cause.ANSWERED else State.BAD)


def test_one_target_that_is_down_cuts_no_side() -> None:
    async def run() -> ProbeResult:
        async with listening(page()) as port:
            up, down = f"tcp://{LOCAL}:{port}", f"tcp://{LOCAL}:1"
            return await ask("reach", "", domestic=[up, down], international=[down, up, down])

    result = asyncio.run(run())
    assert result.cause is Cause.ANSWERED
    assert result.values['hatang_probe_reached_ratio{side="domestic"}'] == 0.5


def test_an_echo_counts_as_reached() -> None:
    deaf = means(FakeDevice(echo=False))
    here = f"ping://{LOCAL}"
    assert asyncio.run(ask("reach", "", domestic=[here], international=[here])).reason is Reason.OK
    cut = asyncio.run(ask("reach", "", deaf, domestic=[here], international=[here]))
    assert cut.reason is Reason.UNREACHABLE
