"""Probes that log in: databases, registrars, SSH keys; and what never leaves or shows."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from hatang.drivers.hostkeys import FixedHostKeys, fingerprint, parse_key
from hatang.errors import Reason
from monitors.choices import Cause, State
from monitors.service_watch import judge
from tests import postgres
from tests.monitors.probes import mysqlserver
from tests.monitors.probes.servers import (
    LOCAL,
    SECRET,
    Authority,
    ask,
    hearing,
    listening,
    means,
    registrar,
    says,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator
    from pathlib import Path

    from hatang.drivers.protocols import HostKeys
    from monitors.probes.running import ProbeResult


def mysql(handle: Any, authorities: str = "", **options: Any) -> ProbeResult:
    async def run() -> ProbeResult:
        async with listening(handle) as port:
            told = {"credential": "login", **options}
            with_means = means(authorities=authorities)
            return await ask("mysql", f"mysql://{LOCAL}:{port}", with_means, timeout=3, **told)

    return asyncio.run(run())


@pytest.mark.parametrize("plugin", [mysqlserver.NATIVE, mysqlserver.CACHING])
def test_a_login_is_proved_and_never_sent(plugin: str) -> None:
    seen: list[bytes] = []
    assert mysql(mysqlserver.serving(plugin=plugin, seen=seen)).cause is Cause.ANSWERED
    assert not any(SECRET.encode() in packet for packet in seen)


def test_a_refused_login_is_told_as_such_without_its_secret() -> None:
    result = mysql(mysqlserver.serving(password="another"))
    assert result.reason is Reason.AUTH_FAILED
    assert SECRET not in repr(result)


def test_a_server_that_wants_the_password_itself_gets_it_over_proven_tls_only(
    tmp_path: Path,
) -> None:
    seen: list[bytes] = []
    asking = mysqlserver.serving(plugin=mysqlserver.CACHING, remembers=False, seen=seen)
    assert mysql(asking).reason is Reason.AUTH_FAILED
    assert not any(SECRET.encode() in packet for packet in seen)

    authority = Authority.new()
    context, _ = authority.server(tmp_path / "pem")

    async def run(pem: str) -> ProbeResult:
        async with mysqlserver.encrypted(context) as port:
            url, told = f"mysql://{LOCAL}:{port}", {"credential": "login", "tls": True}
            return await ask("mysql", url, means(authorities=pem), timeout=3, **told)

    assert asyncio.run(run(authority.pem)).detail == "server 8.0.36-test"
    assert asyncio.run(run("")).reason is Reason.CERTIFICATE_INVALID


def test_no_stored_login_says_nothing_about_the_service() -> None:
    result = mysql(mysqlserver.serving(), credential="absent")
    assert judge(result).state is State.UNKNOWN


def registered(answer: Any, user: str = "room-1@", **options: Any) -> ProbeResult:
    async def run() -> ProbeResult:
        async with hearing(answer) as port:
            return await ask("sip_register", f"sip:{user}{LOCAL}:{port}", timeout=2, **options)

    return asyncio.run(run())


def test_an_address_is_registered_when_the_registrar_lists_a_contact() -> None:
    two = registered(registrar(contacts=2), credential="login")
    assert (two.cause, two.values["hatang_probe_sip_contacts"]) == (Cause.ANSWERED, 2)
    none = registered(registrar(contacts=0), credential="login")
    assert (none.cause, judge(none).state) == (Cause.NOT_REGISTERED, State.BAD)


def test_a_registrar_that_asks_who_we_are_works() -> None:
    assert registered(registrar()).cause is Cause.ANSWERED


def test_a_registrar_that_refuses_the_login_is_told_as_such() -> None:
    result = registered(registrar(password="another"), credential="login")
    assert result.reason is Reason.AUTH_FAILED
    assert SECRET not in repr(result)


def ssh(host_keys: HostKeys, port: int, **options: Any) -> Awaitable[ProbeResult]:
    with_means = means(host_keys=host_keys)
    return ask("ssh", f"ssh://{LOCAL}:{port}", with_means, timeout=5, **options)


@pytest.mark.slow
def test_a_host_key_is_compared_with_the_enrolled_one() -> None:
    key, another = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    own, other = (parse_key(one.export_public_key().decode()) for one in (key, another))

    async def run() -> list[ProbeResult]:
        server = await asyncssh.create_server(asyncssh.SSHServer, LOCAL, 0, server_host_keys=[key])
        async with server:
            port = server.get_port()
            return [
                await ssh(FixedHostKeys({(LOCAL, port): [own]}), port),
                await ssh(FixedHostKeys({(LOCAL, port): [other]}), port),
                await ssh(FixedHostKeys({}), port),
                await ssh(FixedHostKeys({}), port, fingerprint=fingerprint(own)),
                await ssh(FixedHostKeys({}), port, fingerprint=fingerprint(other)),
            ]
        raise AssertionError("the server did not start")

    good, changed, unknown, known, wrong = asyncio.run(run())
    assert (good.cause, known.cause) == (Cause.ANSWERED, Cause.ANSWERED)
    assert changed.reason is wrong.reason is Reason.HOST_KEY_MISMATCH
    assert (unknown.cause, judge(unknown).state) == (Cause.HOST_KEY_UNKNOWN, State.DEGRADED)


@pytest.mark.parametrize(
    "text", [b"220 mail\r\n" * 60, b"SSH-1.5-old\r\n", b"SSH-2.0-" + b"x" * 300 + b"\n"]
)
def test_what_is_no_ssh_server_is_told(text: bytes) -> None:
    async def run() -> ProbeResult:
        async with listening(says(text)) as port:
            return await ask("ssh", f"ssh://{LOCAL}:{port}", timeout=0.5)

    assert asyncio.run(run()).reason is Reason.PROTOCOL_ERROR


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Debian's PostgreSQL, with the user `lan` by SCRAM for one database only."""
    if not postgres.installed():
        pytest.skip(postgres.MISSING)
    address = f"127.77.{os.getpid() % 250}.7"
    with postgres.running(address) as cluster:
        rules = (
            "local all all trust\n"
            "host postgres lan 127.0.0.0/8 scram-sha-256\n"
            "host clear lan 127.0.0.0/8 password\n"
        )
        (cluster.directory / "data" / "pg_hba.conf").write_text(rules)
        cluster.execute(
            f"CREATE ROLE lan LOGIN PASSWORD '{SECRET}'",
            "CREATE DATABASE clear",
            "SELECT pg_reload_conf()",
        )
        yield address


def _login(address: str, name: str = "postgres", **options: Any) -> ProbeResult:
    told = {"credential": "login", **options}
    return asyncio.run(ask("postgresql", f"postgresql://{address}/{name}", timeout=3, **told))


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_login_to_postgresql_is_proved_by_scram(database: str) -> None:
    assert _login(database).detail == "server 15"


@pytest.mark.slow
@pytest.mark.postgresql
def test_postgresql_is_never_sent_the_password_itself(database: str) -> None:
    result = _login(database, "clear")
    assert (result.reason, SECRET in repr(result)) == (Reason.AUTH_FAILED, False)


@pytest.mark.slow
@pytest.mark.postgresql
def test_a_database_that_is_not_there_is_told_as_such(database: str) -> None:
    assert judge(_login(database, "absent")).state is State.BAD
