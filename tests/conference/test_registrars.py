"""The registrar's word: registered, absent, or registered but silent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from conference.registrars import Registration, lookup
from hatang.errors import DriverError, Reason

KEPT_ALIVE = 1_795_000_000
CONTACT = {
    "Contact": {
        "Address": "sip:xa-01@10.0.0.1:5060",
        "Expires": 50,
        "Last-Keepalive": KEPT_ALIVE,
    }
}


def ask(answer: Any) -> Registration:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))

    async def go() -> Registration:
        async with httpx.AsyncClient(transport=transport) as client:
            return await lookup(client, "http://sip/RPC", "xa-01")

    return asyncio.run(go())


def test_a_registered_room_has_its_contact_and_keepalive() -> None:
    found = ask({"result": {"AoR": "xa-01", "Contacts": [CONTACT]}})
    assert found.registered
    assert found.expires_in_seconds == 50
    assert found.silent_seconds(datetime.fromtimestamp(KEPT_ALIVE + 30, UTC)) == 30


def test_an_unknown_address_of_record_is_not_registered() -> None:
    assert not ask({"error": {"code": 404, "message": "AOR not found"}}).registered


def test_a_contact_without_keepalive_leaves_its_silence_unknown() -> None:
    found = ask({"result": {"Contacts": [{"Contact": {"Address": "sip:x"}}]}})
    assert found.silent_seconds(datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("answer", [{"result": {}}, {"result": {"Contacts": 3}}, [1]])
def test_an_answer_without_contacts_is_a_protocol_error(answer: Any) -> None:
    with pytest.raises(DriverError) as caught:
        ask(answer)
    assert caught.value.reason is Reason.PROTOCOL_ERROR


def test_a_refusal_of_the_registrar_is_no_answer() -> None:
    with pytest.raises(DriverError) as caught:
        ask({"error": {"code": 500, "message": "busy"}})
    assert caught.value.reason is Reason.REJECTED


@pytest.mark.parametrize("expires", ["expired", "deleted"])
def test_a_contact_that_ran_out_is_no_registration(expires: str) -> None:
    contact = {"Contact": {"Address": "sip:x", "Expires": expires}}
    assert not ask({"result": {"Contacts": [contact]}}).registered


@pytest.mark.parametrize("result", [[], 7, None, {"Contacts": 7}])
def test_an_answer_of_another_form_is_a_protocol_error(result: object) -> None:
    with pytest.raises(DriverError) as caught:
        ask({"result": result})
    assert caught.value.reason is Reason.PROTOCOL_ERROR


def test_a_contact_of_another_form_is_none() -> None:
    assert not ask({"result": {"Contacts": [{"Contact": ["x"]}, 7]}}).registered
