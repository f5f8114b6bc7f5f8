from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from alerts.notification.notifier import Notifier, gateways, message, server, shortened
from alerts.receivers.sms import SmsOptions
from hatang.errors import DriverError
from hatang.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SMS = {"url": "http://127.0.0.1:8000/sendsms", "to": ["+84901", "+84902"]}
ZALO = {
    "url": "https://zns.example.vn/send",
    "to": ["0903"],
    "fields": {"phone": "{to}", "body": "{text}"},
    "headers": {"access_token": "t0ken"},
    "answer_contains": "Success",
}
PAGE: dict[str, Any] = {
    "status": "firing",
    "groupKey": "g",
    "commonLabels": {"alertname": "DeviceUnreachable"},
    "commonAnnotations": {"summary_vi": "Xã Đông Hải:\nmất kết nối"},
    "alerts": [{}],
}


def settings() -> Settings:
    receivers = [
        {"name": "sms", "kind": "sms", "options": SMS},
        {"name": "zalo", "kind": "gateway", "options": ZALO},
        {"name": "noc", "kind": "webhook", "options": {"url": "https://noc.example.vn"}},
    ]
    return Settings.model_validate({"alertmanager": {"receivers": receivers}}, strict=False)


class Gateway:
    """Keeps what it was asked; refuses the numbers in `refused`."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.refused: set[str] = set()
        self.answer = "Success"

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        refuses = request.url.params.get("to") in self.refused
        return httpx.Response(500 if refuses else 200, text=self.answer)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def notifier(gateway: Gateway) -> Notifier:
    return Notifier(settings(), httpx.Client(transport=httpx.MockTransport(gateway)))


def test_only_receivers_behind_gateways_are_the_notifiers() -> None:
    assert sorted(gateways(settings())) == ["sms", "zalo"]


def test_each_number_gets_one_short_message_without_diacritics(
    notifier: Notifier, gateway: Gateway
) -> None:
    notifier.notify("sms", PAGE)
    assert [dict(each.url.params) for each in gateway.asked] == [
        {"to": to, "text": "[SU CO] Xa Dong Hai: mat ket noi"} for to in SMS["to"]
    ]


def test_a_gateway_gets_json_with_its_own_words(notifier: Notifier, gateway: Gateway) -> None:
    notifier.notify("zalo", {**PAGE, "status": "resolved"})
    (asked,) = gateway.asked
    assert asked.headers["access_token"] == "t0ken"
    text = "[ĐÃ KHÔI PHỤC] Xã Đông Hải: mất kết nối"
    assert httpx.Response(200, content=asked.content).json() == {"phone": "0903", "body": text}


def test_who_was_told_is_not_told_again_when_the_rest_is_repeated(
    notifier: Notifier, gateway: Gateway
) -> None:
    gateway.refused = {"+84902"}
    with pytest.raises(DriverError):
        notifier.notify("sms", PAGE)
    gateway.refused = set()
    notifier.notify("sms", PAGE)
    assert [each.url.params["to"] for each in gateway.asked] == ["+84901", "+84902", "+84902"]


def test_an_answer_of_200_that_says_no_is_a_failure(notifier: Notifier, gateway: Gateway) -> None:
    gateway.answer = '{"error": -214}'
    with pytest.raises(DriverError):
        notifier.notify("zalo", PAGE)


def test_raw_groups_name_the_alert_and_count() -> None:
    raw = {**PAGE, "commonAnnotations": {}, "alerts": [{}, {}]}
    assert message(raw, "en") == "[FAULT] DeviceUnreachable, 2 alerts"


def test_a_long_text_is_cut() -> None:
    options = SmsOptions.model_validate({**SMS, "longest": 70})
    found = shortened("x" * 100, options)
    assert len(found) == 70
    assert found.endswith("...")


@pytest.fixture
def url(notifier: Notifier) -> Iterator[str]:
    with ExitStack() as stack:
        serving = stack.enter_context(server(("127.0.0.1", 0), notifier, "t0ken-of-ours"))
        threading.Thread(target=serving.serve_forever, args=(0.02,), daemon=True).start()
        stack.callback(serving.shutdown)
        yield f"http://127.0.0.1:{serving.server_address[1]}"


TOKEN = {"Authorization": "Bearer t0ken-of-ours"}


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/sms", TOKEN, PAGE, 200),
        ("/sms", {}, PAGE, 401),
        ("/noc", TOKEN, PAGE, 404),
        ("/sms", TOKEN, [], 400),
    ],
)
def test_the_door_takes_what_our_alertmanager_posts(
    url: str, path: str, headers: dict[str, str], body: object, status: int
) -> None:
    assert httpx.post(f"{url}{path}", headers=headers, json=body).status_code == status


def test_a_gateway_that_refuses_makes_alertmanager_try_again(url: str, gateway: Gateway) -> None:
    gateway.refused = {"+84901"}
    assert httpx.post(f"{url}/sms", headers=TOKEN, json=PAGE).status_code == 503
