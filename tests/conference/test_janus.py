"""The Janus driver: what it reads, and that a field the bridge lacks is absent, not 0."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from conference.bridges import DRIVERS, driver
from conference.bridges.handles import WINDOWS
from conference.bridges.janus import JanusDriver
from conference.bridges.protocol import BridgeAccess
from conference.choices import BridgeState
from hatang.errors import DriverError, NotFoundError, Reason
from tests.conference.janus_server import PUBLISHER, SECRET, FakeJanus

if TYPE_CHECKING:
    from collections.abc import Callable

    from conference.bridges.status import BridgeStatus, Participant, Stream


def access(secret: str = SECRET) -> BridgeAccess:
    return BridgeAccess("mcu-1", "http://bridge:8088", "http://bridge:7088", secret, 64)


def read(server: FakeJanus, secret: str = SECRET) -> BridgeStatus:
    async def go() -> BridgeStatus:
        return await JanusDriver().status(access(secret), server.open_client)

    return asyncio.run(go())


def test_status_tells_version_rooms_and_ports() -> None:
    status = read(FakeJanus())
    assert (status.state, status.version, status.participants) == (BridgeState.UP, "1.1.2", 3)
    assert (status.ports_used, status.ports_free) == (2, 62)
    assert status.conferences[0].name == "Giao ban"


def test_the_session_it_opened_is_closed_again() -> None:
    server = FakeJanus()
    read(server)
    assert server.destroyed == 1


def test_a_wrong_admin_secret_is_an_authentication_failure() -> None:
    with pytest.raises(DriverError) as caught:
        read(FakeJanus(), secret="wrong")
    assert caught.value.reason is Reason.AUTH_FAILED


@pytest.mark.parametrize(
    ("field", "attribute"),
    [
        ("version_string", "version"),
        ("num_participants", "participants"),
        ("sessions", "ports_used"),
        ("handles", "ports_used"),
    ],
)
def test_a_field_the_bridge_no_longer_has_is_absent(field: str, attribute: str) -> None:
    status = read(FakeJanus(rename=(field, "renamed")))
    assert getattr(status, attribute) is None


def stream(server: FakeJanus) -> Stream:
    async def go() -> tuple[Participant, ...]:
        return await JanusDriver().participants(access(), server.open_client)

    (found,) = asyncio.run(go())
    assert (found.conference, found.display_name) == ("1234", "Xã Tân Lập")
    return found.streams[0]


def test_a_publisher_is_heard_with_what_was_lost_on_the_way() -> None:
    found = stream(FakeJanus())
    assert (found.direction, found.media) == ("rx", "video")
    assert (found.packets, found.packets_lost) == (500, 16)
    assert (found.jitter_seconds, found.bitrate_bps) == (0.005, 1_010_400)


@pytest.mark.parametrize(
    ("field", "attribute"),
    [
        ("lost", "packets_lost"),
        ("packets", "packets"),
        ("jitter-local", "jitter_seconds"),
        ("bytes_lastsec", "bitrate_bps"),
    ],
)
def test_a_figure_of_a_stream_that_is_gone_is_absent(field: str, attribute: str) -> None:
    assert getattr(stream(FakeJanus(rename=(field, "renamed"))), attribute) is None


@pytest.mark.parametrize("field", ["list", "id"])
def test_an_answer_without_its_structure_is_a_protocol_error(field: str) -> None:
    with pytest.raises(DriverError) as caught:
        read(FakeJanus(rename=(field, "renamed")))
    assert caught.value.reason is Reason.PROTOCOL_ERROR


@pytest.mark.parametrize("field", ["plugindata", "data"])
def test_an_answer_of_another_form_is_a_protocol_error(field: str) -> None:
    server = FakeJanus()
    server.twist = {field: ["another form"]}
    with pytest.raises(DriverError) as caught:
        read(server)
    assert caught.value.reason is Reason.PROTOCOL_ERROR


def test_the_secret_stays_out_of_repr() -> None:
    assert SECRET not in repr(access())


@pytest.mark.parametrize("name", sorted(DRIVERS))
def test_every_registered_driver_can_be_asked_for(name: str) -> None:
    assert driver(name) is DRIVERS[name]


def test_an_unknown_driver_names_those_there_are() -> None:
    with pytest.raises(NotFoundError) as caught:
        driver("nope")
    assert "janus" in caught.value.fix


def windows(
    server: FakeJanus, count: int, between: Callable[[], object] = lambda: None
) -> list[int]:
    """Return how many lists of handles each of `count` windows asked for, one driver for all."""
    found, asking = [], JanusDriver()
    for number in range(count):
        if number == 1:
            between()
        server.asked.clear()
        asyncio.run(asking.participants(access(), server.open_client))
        found.append(server.asked.count("list_handles"))
    return found


def test_handles_are_listed_once_a_minute_while_nobody_comes_or_goes() -> None:
    assert windows(FakeJanus(), 7) == [1, 0, 1, 0, 0, 1, 0]


def test_whoever_joins_has_all_handles_listed() -> None:
    server = FakeJanus()
    assert windows(server, 2, lambda: server.people.append(8)) == [1, 2]


def test_a_handle_that_is_gone_has_its_session_listed_at_once() -> None:
    server = FakeJanus()

    def attached_anew() -> None:
        server.handles[3] = server.handles.pop(2)

    assert windows(server, 2, attached_anew) == [1, 1]


def test_a_session_that_sends_nothing_yet_is_listed_each_time() -> None:
    server = FakeJanus()
    del server.handles[1]
    assert windows(server, 3) == [1, 1, 1]


def test_a_handle_that_came_while_nobody_joined_is_heard_within_a_minute() -> None:
    server, asking = FakeJanus(), JanusDriver()
    asyncio.run(asking.participants(access(), server.open_client))
    server.handles[3] = PUBLISHER | {"plugin_specific": {"type": "publisher", "id": 85}}
    found = [
        len(asyncio.run(asking.participants(access(), server.open_client))) for _ in range(WINDOWS)
    ]
    assert max(found) == 2
