"""HTTP clients: proven servers only, one origin, no way to this machine's own services."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest

from hatang.drivers.addresses import AddressRule, resolve
from hatang.drivers.http import HttpOptions, open_async_http, open_http
from hatang.drivers.tls import TlsTrust
from hatang.errors import DriverError, InvalidInputError, Reason
from tests.hatang.drivers.httpserver import HttpsServer, make_certificate, pem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOOPBACK = AddressRule(allowed=(ipaddress.ip_network("127.0.0.0/8"),))
BASIC = httpx.BasicAuth("ops", "labpass")


def _pinned(server: HttpsServer) -> HttpOptions:
    return HttpOptions(TlsTrust.pinned(server.der), LOOPBACK, body_bytes=100_000)


def _reason(work: Callable[[], object]) -> Reason:
    with pytest.raises(DriverError) as caught:
        work()
    return caught.value.reason


def test_a_pinned_server_is_talked_to_and_keeps_its_name(https_server: HttpsServer) -> None:
    url = https_server.url.replace("127.0.0.1", "localhost")
    with open_http(url, _pinned(https_server), auth=BASIC) as client:
        assert client.get("/hello").text == f"localhost:{https_server.port}"
        assert client.get("/again").status_code == 200


def test_another_certificate_gets_no_request(https_server: HttpsServer) -> None:
    https_server.authorizations.clear()
    other, _ = make_certificate()
    options = HttpOptions(TlsTrust.pinned(other.tbs_certificate_bytes), LOOPBACK)
    with open_http(https_server.url, options, auth=BASIC) as client:
        assert _reason(lambda: client.get("/hello")) is Reason.CERTIFICATE_INVALID
    assert https_server.authorizations == []


def test_another_certificate_gets_no_asynchronous_request(https_server: HttpsServer) -> None:
    async def get(options: HttpOptions) -> str:
        async with open_async_http(https_server.url, options, auth=BASIC) as client:
            return (await client.get("/hello")).text

    assert asyncio.run(get(_pinned(https_server))).startswith("127.0.0.1")
    https_server.authorizations.clear()
    other, _ = make_certificate()
    wrong = HttpOptions(TlsTrust.pinned(other.tbs_certificate_bytes), LOOPBACK)
    assert _reason(lambda: asyncio.run(get(wrong))) is Reason.CERTIFICATE_INVALID
    assert https_server.authorizations == []


def test_a_ca_file_proves_the_server_by_name(https_server: HttpsServer, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(pem(https_server.certificate))
    options = HttpOptions(TlsTrust(ca_file=ca_file), LOOPBACK)
    by_name = https_server.url.replace("127.0.0.1", "localhost")
    with open_http(by_name, options) as client:
        assert client.get("/hello").status_code == 200
    with open_http(https_server.url, options) as client:
        assert _reason(lambda: client.get("/hello")) is Reason.CERTIFICATE_INVALID


def test_without_a_ca_or_a_pin_a_private_certificate_does_not_count(
    https_server: HttpsServer,
) -> None:
    with open_http(https_server.url, HttpOptions(addresses=LOOPBACK)) as client:
        assert _reason(lambda: client.get("/hello")) is Reason.CERTIFICATE_INVALID


def test_a_redirect_to_another_origin_is_not_followed(https_server: HttpsServer) -> None:
    with open_http(https_server.url, _pinned(https_server), auth=BASIC) as client:
        assert _reason(lambda: client.get("/away")) is Reason.REJECTED


@pytest.mark.parametrize("path", ["/big", "/packed"])
def test_a_body_too_large_or_packed_is_not_read(https_server: HttpsServer, path: str) -> None:
    with open_http(https_server.url, _pinned(https_server)) as client:
        assert _reason(lambda: client.get(path)) is Reason.PROTOCOL_ERROR


def test_credentials_do_not_go_over_clear_text_without_a_waiver() -> None:
    with HttpsServer(tls=False) as server:
        with open_http(server.url, HttpOptions(addresses=LOOPBACK), auth=BASIC) as client:
            assert _reason(lambda: client.get("/hello")) is Reason.REJECTED
        assert server.authorizations == []
        waived = HttpOptions(addresses=LOOPBACK, clear_text="waiver 7")
        with open_http(server.url, waived, auth=BASIC) as client:
            assert client.get("/hello").status_code == 200


def test_a_port_nobody_listens_on_is_refused() -> None:
    with open_http("http://127.0.0.1:9", HttpOptions(addresses=LOOPBACK)) as client:
        assert _reason(lambda: client.get("/")) is Reason.REFUSED


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9090/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
        "http://2130706433/",
        "ftp://192.0.2.1/",
        "not a url",
    ],
)
def test_an_address_of_this_machine_is_refused_before_any_connection(url: str) -> None:
    assert _reason(lambda: open_http(url)) is Reason.REJECTED


def test_the_lab_and_other_machines_are_allowed() -> None:
    assert resolve("127.0.0.1", 80, AddressRule(lab=True)) == ["127.0.0.1"]
    assert resolve("192.0.2.10", 80, AddressRule()) == ["192.0.2.10"]
    assert resolve("10.250.0.1", 80, AddressRule()) == ["10.250.0.1"]


def test_a_name_without_an_address_is_unreachable() -> None:
    assert _reason(lambda: resolve("no.such.invalid", 80, AddressRule())) is Reason.UNREACHABLE


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "00" * 31])
def test_a_fingerprint_that_is_none_is_named(text: str) -> None:
    with pytest.raises(InvalidInputError, match="SHA-256 fingerprint"):
        TlsTrust(sha256=text)


def test_a_fingerprint_may_be_written_with_colons() -> None:
    context = TlsTrust(sha256=":".join(["AB"] * 32)).context()
    assert isinstance(context, ssl.SSLContext)
