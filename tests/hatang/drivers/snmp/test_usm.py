"""SNMPv3: every algorithm against another implementation, reports, reboots, wrong secrets."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from hypothesis import given
from hypothesis import strategies as st

from hatang.drivers.snmp import Engine, SnmpLimits
from hatang.drivers.snmp.ciphers import AesPrivacy
from hatang.drivers.snmp.keys import localized, privacy_key
from hatang.drivers.target import AuthProtocol, PrivProtocol, SnmpUser
from hatang.errors import DriverError, Reason
from tests.hatang.drivers.snmpagent import USER, USER_SHA256, Agent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.drivers.snmp import EngineReader

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYSTEM = "1.3.6.1.2.1.1"
QUICK = SnmpLimits(request_seconds=0.3, deadline_seconds=3.0, retries=1)
PATIENT = SnmpLimits(request_seconds=10.0, deadline_seconds=30.0, retries=0)  # datagrams counted
USERS = [
    SnmpUser(f"{auth}-{priv}", "authpass123", "privpass123", auth, priv)
    for auth, priv in itertools.product(AuthProtocol, PrivProtocol)
    if auth is not AuthProtocol.NONE or priv is PrivProtocol.NONE
]


@pytest.fixture(scope="module")
def agent(loop: asyncio.AbstractEventLoop) -> Iterator[Agent]:
    with Agent(loop) as agent:
        yield agent


@pytest.fixture(scope="module")
def many_sided(loop: asyncio.AbstractEventLoop) -> Iterator[Agent]:
    with Agent(loop, users=USERS) as agent:
        yield agent


def failure(agent: Agent, user: SnmpUser) -> tuple[DriverError, int]:
    async def get() -> tuple[DriverError, int]:
        async with Engine() as engine:
            with pytest.raises(DriverError) as caught:
                await engine.reader(agent.target, user, QUICK).get([SYS_DESCR])
            return caught.value, engine.counts.sent

    return asyncio.run(get())


# RFC 3414 appendix A.3: the password "maplesyrup" at the engine of eleven 00 and one 02.
@pytest.mark.parametrize(
    ("auth", "key"),
    [
        (AuthProtocol.MD5, "526f5eed9fcce26f8964c2930787d82b"),
        (AuthProtocol.SHA, "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_a_key_is_the_one_of_the_standard(auth: AuthProtocol, key: str) -> None:
    assert localized(auth, "maplesyrup", bytes(11) + b"\x02").hex() == key


def test_an_empty_password_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        localized(AuthProtocol.SHA, "", b"engine")


def test_the_two_ways_to_lengthen_a_key_differ_after_its_first_part() -> None:
    keys = [
        privacy_key(AuthProtocol.SHA, priv, "maplesyrup", bytes(11) + b"\x02")
        for priv in (PrivProtocol.AES, PrivProtocol.AES256, PrivProtocol.AES256C)
    ]
    assert [len(key) for key in keys] == [16, 32, 32]
    assert keys[0] == keys[1][:16] == keys[2][:16]
    assert keys[1][20:] != keys[2][20:]


def test_privacy_without_authentication_is_refused() -> None:
    user = SnmpUser("x", "", "privpass123", AuthProtocol.NONE, PrivProtocol.AES)
    with pytest.raises(ValueError, match="needs authentication"):
        Engine().reader(Agent(asyncio.new_event_loop()).target, user)


def test_the_usual_users_read_an_agent_of_another_make(agent: Agent) -> None:
    async def get() -> None:
        async with Engine() as engine:
            for user in (USER, USER_SHA256):
                reader = engine.reader(agent.target, user, QUICK)
                assert SYS_DESCR in await reader.get([SYS_DESCR])
                assert list((await reader.columns([SYSTEM]))[SYSTEM])[:3] == ["1.0", "2.0", "3.0"]

    asyncio.run(get())


@pytest.mark.slow
@pytest.mark.parametrize("user", USERS, ids=lambda user: user.username)
def test_every_algorithm_is_understood_by_an_agent_of_another_make(
    many_sided: Agent, user: SnmpUser
) -> None:
    async def get() -> None:
        async with Engine() as engine:
            reader = engine.reader(many_sided.target, user, dataclasses.replace(QUICK, retries=3))
            assert SYS_DESCR in await reader.get([SYS_DESCR])
            assert SYS_DESCR in await reader.get([SYS_DESCR])

    asyncio.run(get())


def test_an_unknown_user_fails_at_once(agent: Agent) -> None:
    error, sent = failure(agent, dataclasses.replace(USER, username="nobody"))
    assert error.reason is Reason.AUTH_FAILED
    assert "does not know this user" in error.message
    assert sent == 2


def test_a_wrong_authentication_password_fails_at_once(agent: Agent) -> None:
    error, sent = failure(agent, dataclasses.replace(USER, auth_password="wrong-auth"))
    assert error.reason is Reason.AUTH_FAILED
    assert sent == 2


@pytest.mark.slow
def test_a_wrong_privacy_password_fails(agent: Agent) -> None:
    error, _ = failure(agent, dataclasses.replace(USER, priv_password="wrong-priv"))
    assert error.reason in {Reason.AUTH_FAILED, Reason.TIMEOUT}


def test_no_secret_shows_in_an_error(agent: Agent) -> None:
    error, _ = failure(agent, dataclasses.replace(USER, username="nobody"))
    assert "authpass123" not in str(error)


@pytest.mark.slow
def test_an_agent_that_rebooted_is_read_within_the_same_call(
    loop: asyncio.AbstractEventLoop,
) -> None:
    async def read(reader: EngineReader) -> None:
        assert SYS_DESCR in await reader.get([SYS_DESCR])

    engine = Engine()
    with asyncio.Runner() as runner:
        with Agent(loop, boots=7) as first:
            reader = engine.reader(first.target, USER, QUICK)
            runner.run(read(reader))
        for boots, engine_id in ((9, None), (2, None), (2, "8000000001020399")):
            with Agent(loop, boots=boots, port=first.port, engine_id=engine_id):
                runner.run(read(reader))
        engine.close()


@pytest.mark.slow
def test_agents_that_claim_one_engine_id_do_not_disturb_each_other(
    loop: asyncio.AbstractEventLoop,
) -> None:
    async def read(first: Agent, second: Agent) -> None:
        async with Engine() as engine:
            readers = [engine.reader(agent.target, USER, PATIENT) for agent in (first, second)]
            for _ in range(5):
                found = await asyncio.gather(*(reader.get([SYS_DESCR]) for reader in readers))
                assert all(SYS_DESCR in each for each in found)
            assert engine.counts.sent == engine.counts.answered == 2 * (5 + 1)

    with Agent(loop, boots=3) as first, Agent(loop, boots=900) as second:
        asyncio.run(read(first, second))


@given(st.lists(st.tuples(st.binary(max_size=70), st.integers(0, 2**31 - 1)), max_size=8))
def test_a_cipher_used_again_gives_what_a_new_one_gives(messages: list[tuple[bytes, int]]) -> None:
    key = bytes(range(16))
    ours, theirs = AesPrivacy(key), AesPrivacy(key)
    for plain, boots in messages:
        encrypted, salt = ours.encrypt(plain, boots, 5)
        vector = boots.to_bytes(4, "big") + (5).to_bytes(4, "big") + salt
        assert encrypted == Cipher(AES(key), CFB(vector)).encryptor().update(plain)
        assert theirs.decrypt(encrypted, boots, 5, salt) == plain
