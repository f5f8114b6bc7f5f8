from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from hatang.errors import Reason
from monitors.choices import Cause, State
from monitors.probes import stream
from monitors.service_watch import judge
from tests.monitors.probes.servers import (
    LOCAL,
    Authority,
    ask,
    listening,
    means,
    page,
    pages,
    says,
)

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.probes.running import ProbeResult

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nDich \r\n4;x=y\r\nvu c\r\n3\r\nong\r\n0\r\n\r\n"
)


def probed(handle: Any, **options: Any) -> ProbeResult:
    async def run() -> ProbeResult:
        async with listening(handle) as port:
            return await ask("http", f"http://{LOCAL}:{port}/", **options)

    return asyncio.run(run())


@pytest.mark.parametrize(
    "text", [b"HTTP/1.1 500 No\r\n\r\n", b"SSH-2.0-x\r\n", b"\xff" * 100 + b"\n"]
)
def test_a_web_server_that_fails_or_is_none_is_bad(text: bytes) -> None:
    assert judge(probed(says(text))).state is State.BAD


def test_the_text_that_must_be_there_is_looked_for() -> None:
    good = probed(page("Cổng dịch vụ công".encode()), contains=["dịch vụ"])
    wrong = probed(page(b"Under construction"), contains=["dịch vụ"])
    lacks = probed(page(b"an error occurred"), lacks=["(?i)ERROR"])
    assert (good.cause, good.values["probe_failed_due_to_regex"]) == (Cause.ANSWERED, 0.0)
    assert (wrong.cause, wrong.values["probe_failed_due_to_regex"]) == (Cause.CONTENT_MISSING, 1.0)
    assert lacks.cause is Cause.CONTENT_MISSING
    assert "Under construction" not in wrong.detail


def test_a_page_in_chunks_is_read_as_one_text() -> None:
    assert probed(pages({b"": CHUNKED}), contains=["Dich vu cong"]).cause is Cause.ANSWERED


@pytest.mark.parametrize("size", [b"zz", b"-5", b"FFFFFFFFFFFF"])
def test_a_chunk_that_lies_about_its_size_is_no_page(size: bytes) -> None:
    head = CHUNKED.split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    result = probed(pages({b"": head + size + b"\r\nabc"}), contains=["abc"])
    assert judge(result).state is State.BAD


@pytest.mark.parametrize("length", ["999999999999999999999999", "x", "-1", "²"])
def test_a_length_that_lies_costs_no_memory(length: str) -> None:
    raw = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nabc".encode()
    assert probed(pages({b"": raw}), contains=["abc"]).cause is Cause.ANSWERED


def test_a_pattern_that_takes_others_for_ever_is_quick() -> None:
    result = probed(page(b"a" * 100_000), contains=["(a+)+$"], lacks=["(a|aa)+b"])
    assert result.cause is Cause.ANSWERED


def test_only_the_statuses_that_are_named_count() -> None:
    assert probed(page(status=401), status=[401]).reason is Reason.OK
    assert probed(page(status=200), status=[401]).reason is Reason.REJECTED


def test_a_redirect_is_followed_on_the_same_host_only() -> None:
    async def run(location: str) -> ProbeResult:
        there = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhome"
        first = f"HTTP/1.1 302 x\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
        async with listening(pages({b"GET /home": there, b"GET / ": first})) as port:
            url = f"http://{LOCAL}:{port}/"
            return await ask("http", url, follow=True, contains=["home"])

    assert asyncio.run(run("/home")).cause is Cause.ANSWERED
    elsewhere = asyncio.run(run("http://192.0.2.1/home"))
    assert (elsewhere.cause, elsewhere.values["probe_http_redirects"]) == (
        Cause.CONTENT_MISSING,
        0.0,
    )


def test_redirects_without_end_end() -> None:
    raw = b"HTTP/1.1 302 x\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
    assert probed(pages({b"": raw}), follow=True).values["probe_http_redirects"] == 3


def secure(context: Any, authorities: str, **options: Any) -> ProbeResult:
    async def run() -> ProbeResult:
        async with listening(page(b"ok"), context) as port:
            url = f"https://{LOCAL}:{port}/"
            return await ask("http", url, means(authorities=authorities), **options)

    return asyncio.run(run())


def test_a_certificate_nobody_trusts_degrades_a_server_that_serves(tmp_path: Path) -> None:
    context, _ = Authority.new().server(tmp_path / "pem")
    result = secure(context, "")
    assert (judge(result).state, result.cause) == (State.DEGRADED, Cause.CERTIFICATE_INVALID)
    ends = datetime.fromtimestamp(result.values["probe_ssl_earliest_cert_expiry"], UTC)
    assert 88 <= (ends - datetime.now(UTC)).days <= 90


@pytest.mark.parametrize(
    ("days", "cause"), [(90, Cause.ANSWERED), (10, Cause.CERTIFICATE_EXPIRING)]
)
def test_a_certificate_of_the_provinces_own_authority_is_good_until_it_ends(
    tmp_path: Path, days: int, cause: Cause
) -> None:
    authority = Authority.new()
    context, _ = authority.server(tmp_path / "pem", days=days)
    assert secure(context, authority.pem).cause is cause


def test_authorities_are_read_once_and_not_beside_every_poll() -> None:
    assert stream.trusting("") is stream.trusting("")


def revoking(tmp_path: Path, *, lists: bytes | None, answer: Any, how: str) -> ProbeResult:
    """Probe a server whose certificate names a list and a responder on this machine."""

    async def run() -> ProbeResult:
        authority = Authority.new()
        state: dict[str, Any] = {}

        async def authority_page(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            body = lists if lists is not None else state["list"]
            if answer is not None:
                body = answer(authority, state["certificate"])
            await page(body)(reader, writer)

        async with listening(authority_page) as side:
            point = x509.UniformResourceIdentifier(f"http://{LOCAL}:{side}/x")
            extra: list[x509.ExtensionType] = [
                x509.CRLDistributionPoints([x509.DistributionPoint([point], None, None, None)]),
                x509.AuthorityInformationAccess(
                    [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, point)]
                ),
            ]
            context, state["certificate"] = authority.server(tmp_path / "pem", extra=extra)
            state["list"] = authority.revoked(state["certificate"].serial_number)
            async with listening(page(b"ok"), context) as port:
                url = f"https://{LOCAL}:{port}/"
                trusting = means(authorities=authority.pem)
                return await ask("http", url, trusting, timeout=3, revocation=how)

    return asyncio.run(run())


def responded(status: ocsp.OCSPCertStatus, *, by: Authority | None = None) -> Any:
    def answer(authority: Authority, certificate: x509.Certificate) -> bytes:
        signer = by or authority
        now = datetime.now(UTC)
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        built = ocsp.OCSPResponseBuilder().add_response(
            certificate,
            authority.certificate,
            hashes.SHA256(),
            status,
            now,
            None,
            now if revoked else None,
            x509.ReasonFlags.key_compromise if revoked else None,
        )
        named = built.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        signed = named.sign(signer.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)

    return answer


@pytest.mark.slow
def test_a_revoked_certificate_is_found_on_the_list_it_names(tmp_path: Path) -> None:
    result = revoking(tmp_path, lists=None, answer=None, how="crl")
    assert (result.cause, judge(result).state) == (Cause.CERTIFICATE_REVOKED, State.BAD)


@pytest.mark.slow
def test_a_list_of_another_authority_proves_nothing(tmp_path: Path) -> None:
    result = revoking(tmp_path, lists=Authority.new().revoked(), answer=None, how="crl")
    assert result.cause is Cause.SIGNATURE_INVALID


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (responded(ocsp.OCSPCertStatus.GOOD), Cause.ANSWERED),
        (responded(ocsp.OCSPCertStatus.REVOKED), Cause.CERTIFICATE_REVOKED),
        (responded(ocsp.OCSPCertStatus.GOOD, by=Authority.new()), Cause.SIGNATURE_INVALID),
    ],
    ids=["good", "revoked", "forged"],
)
def test_a_responder_is_believed_when_it_can_prove_what_it_says(
    tmp_path: Path, answer: Any, cause: Cause
) -> None:
    assert revoking(tmp_path, lists=b"", answer=answer, how="ocsp").cause is cause


@pytest.mark.slow
def test_a_responder_that_answers_nonsense_is_told_as_such(tmp_path: Path) -> None:
    result = revoking(tmp_path, lists=b"nonsense", answer=None, how="ocsp")
    assert result.reason is Reason.PROTOCOL_ERROR


def listed(body: bytes, **options: Any) -> ProbeResult:
    async def run() -> ProbeResult:
        async with listening(page(body)) as port:
            return await ask("revocation", f"http://{LOCAL}:{port}/ca.crl", **options)

    return asyncio.run(run())


def test_a_revocation_list_is_judged_by_its_dates_and_its_signature() -> None:
    authority, other = Authority.new(), Authority.new()
    assert listed(authority.revoked(5, 6), issuer=authority.pem).cause is Cause.ANSWERED
    assert listed(authority.revoked(hours=-1), issuer=authority.pem).cause is Cause.LIST_OUTDATED
    assert listed(authority.revoked(), issuer=other.pem).cause is Cause.SIGNATURE_INVALID
    assert listed(authority.revoked()).cause is Cause.CERTIFICATE_INVALID
    old = listed(authority.revoked(), issuer=authority.pem, max_age_seconds=3600)
    assert old.cause is Cause.LIST_OUTDATED
    assert listed(b"no list").reason is Reason.PROTOCOL_ERROR
