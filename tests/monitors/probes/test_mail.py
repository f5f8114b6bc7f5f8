from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import Reason
from monitors.choices import Cause, State
from monitors.service_watch import judge
from tests.monitors.probes.servers import LOCAL, Authority, answers, ask, listening, means

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.probes.running import ProbeResult

SMTP = {
    b"EHLO": b"250-mail.test\r\n250 STARTTLS\r\n",
    b"STARTTLS": b"220 go\r\n",
    b"QUIT": b"221 bye\r\n",
}
IMAP = {
    b"A1 CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK\r\n",
    b"STARTTLS": b"a2 OK go\r\n",
    b"A3 CAPABILITY": b"* CAPABILITY IMAP4rev1\r\na3 OK\r\n",
    b"LOGOUT": b"* BYE\r\na4 OK\r\n",
}
REPLIES = {"smtp": SMTP, "imap": IMAP}
GREETINGS = {"smtp": b"220 mail.test ESMTP\r\n", "imap": b"* OK ready\r\n"}


def probed(probe: str, handle: Any, authorities: str = "", **options: Any) -> ProbeResult:
    async def run() -> ProbeResult:
        async with listening(handle) as port:
            with_means = means(authorities=authorities)
            return await ask(probe, f"{probe}://{LOCAL}:{port}", with_means, timeout=3, **options)

    return asyncio.run(run())


@pytest.mark.slow
@pytest.mark.parametrize("probe", ["smtp", "imap"])
@pytest.mark.parametrize(
    ("days", "trusted", "cause"),
    [
        (90, True, Cause.ANSWERED),
        (3, True, Cause.CERTIFICATE_EXPIRING),
        (90, False, Cause.CERTIFICATE_INVALID),
    ],
)
def test_a_mail_server_that_offers_encryption_proves_its_certificate(
    tmp_path: Path, probe: str, days: int, *, trusted: bool, cause: Cause
) -> None:
    authority = Authority.new()
    context, _ = authority.server(tmp_path / "pem", days=days)
    pem = authority.pem if trusted else ""
    result = probed(probe, answers(GREETINGS[probe], REPLIES[probe], context), pem)
    assert (result.cause, result.detail) == (cause, "encrypted")
    assert "probe_ssl_earliest_cert_expiry" in result.values


def test_a_mail_server_without_the_encryption_it_must_have_is_degraded() -> None:
    plain = {**SMTP, b"EHLO": b"250 mail.test\r\n"}
    result = probed("smtp", answers(GREETINGS["smtp"], plain), tls="require")
    assert (result.cause, judge(result).state) == (Cause.NO_ENCRYPTION, State.DEGRADED)
    assert probed("smtp", answers(GREETINGS["smtp"], plain)).cause is Cause.ANSWERED


@pytest.mark.parametrize(
    ("probe", "greeting", "reason"),
    [
        ("smtp", b"554 no\r\n", Reason.REJECTED),
        ("smtp", b"421-busy\r\n421 later\r\n", Reason.REJECTED),
        ("smtp", b"hello\r\n", Reason.PROTOCOL_ERROR),
        ("smtp", b"220-a\r\n" * 200, Reason.PROTOCOL_ERROR),
        ("imap", b"* BYE busy\r\n", Reason.REJECTED),
        ("imap", b"220 wrong door\r\n", Reason.PROTOCOL_ERROR),
    ],
)
def test_a_mail_server_that_does_not_greet_is_bad(
    probe: str, greeting: bytes, reason: Reason
) -> None:
    assert probed(probe, answers(greeting, {})).reason is reason
