"""A room's SIP endpoint."""

from __future__ import annotations

from lab.endpoint import Identity, answer_options, headers_of, refuse, register_request

ROOM = Identity("xa-01", "tinh.test", "10.250.101.10", ("10.250.9.12", 5060))
OPTIONS = (
    "OPTIONS sip:xa-01@10.250.101.10 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 10.250.9.250:4000;branch=z9hG4bKabc;rport\r\n"
    "From: <sip:probe@10.250.9.250>;tag=one\r\n"
    "To: <sip:xa-01@10.250.101.10>\r\n"
    "Call-ID: 77@probe\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def test_options_are_answered_in_the_callers_own_dialogue() -> None:
    answer = answer_options(OPTIONS, ROOM)
    headers = dict(headers_of(answer))
    assert answer.startswith("SIP/2.0 200 OK\r\n")
    assert headers["call-id"] == "Call-ID: 77@probe"
    assert ";tag=" in headers["to"]


def test_the_answer_says_what_the_room_can_show() -> None:
    answer = answer_options(OPTIONS, ROOM)
    body = answer.split("\r\n\r\n", 1)[1]
    assert "m=video" in body
    assert dict(headers_of(answer))["content-length"] == f"Content-Length: {len(body)}"


def test_another_method_is_refused_politely() -> None:
    assert refuse(OPTIONS).startswith("SIP/2.0 501 ")


def test_registration_binds_the_rooms_own_address() -> None:
    request = register_request(ROOM, "id@x", 3)
    assert request.startswith("REGISTER sip:tinh.test SIP/2.0\r\n")
    assert "Contact: <sip:xa-01@10.250.101.10:5060>;expires=150\r\n" in request
    assert "CSeq: 3 REGISTER\r\n" in request
