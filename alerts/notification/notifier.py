"""Hands what Alertmanager posts to gateways: SMS modems, carriers' SMS, Zalo.

It answers only when every gateway took its part, so Alertmanager keeps, repeats and counts what
did not get through. Who was told already is not told again by the repetition. It needs neither
api nor worker nor database: raw pages reach a phone when all of those are dead.
"""

from __future__ import annotations

import hmac
import json
import unicodedata
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import httpx

from alerts.receivers import registry
from hatang.errors import DriverError, Reason
from hatang.i18n import _, use_language
from hatang.log import get_logger
from hatang.metrics import OPERATIONS

if TYPE_CHECKING:
    from alerts.receivers.gateway import GatewayOptions
    from hatang.settings import Settings

TIMEOUT_SECONDS: Final = 8.0
"""Alertmanager gives up on us after ten."""
LONGEST_BODY: Final = 4 * 1024 * 1024
REMEMBERED: Final = 10_000
logger = get_logger(__name__)


def gateways(settings: Settings) -> dict[str, GatewayOptions]:
    """Return the options of every receiver that stands behind the notifier, by name."""
    found: dict[str, Any] = {}
    for receiver in settings.alertmanager.receivers:
        kind, options = registry.read(receiver)
        if kind.needs_notifier:
            found[receiver.name] = options
    return found


class Notifier:
    """Turns notifications into requests; `client` carries them."""

    def __init__(self, settings: Settings, client: httpx.Client) -> None:
        self._gateways = gateways(settings)
        self._language = settings.language
        self._client = client
        self._told: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._lock = Lock()

    def notify(self, name: str, notification: dict[str, Any]) -> None:
        """Tell everybody of receiver `name` who was not told yet.

        Raises:
            KeyError: there is no such receiver.
            DriverError: somebody could not be told; all others were.
        """
        options = self._gateways[name]
        text = shortened(message(notification, self._language), options)
        mark = f"{notification.get('groupKey')} {notification.get('status')} {text}"
        failure: DriverError | None = None
        for to in options.to:
            if (name, to, mark) in self._told:
                continue
            try:
                self._send(options, to, text)
            except DriverError as error:
                OPERATIONS.labels("notifier", "gateway", error.reason.value).inc()
                logger.warning("%s did not take a notification: %s", name, error)
                failure = error
                continue
            OPERATIONS.labels("notifier", "gateway", "ok").inc()
            self._remember((name, to, mark))
        if failure is not None:
            raise failure

    def _send(self, options: GatewayOptions, to: str, text: str) -> None:
        fields = {key: value.format(to=to, text=text) for key, value in options.fields.items()}
        where = {"GET": "params"}.get(options.method, "json" if options.form == "json" else "data")
        headers = {key: value.get_secret_value() for key, value in options.headers.items()}
        body: dict[str, Any] = {where: fields}
        try:
            answer = self._client.request(options.method, options.url, headers=headers, **body)
        except httpx.TimeoutException as error:
            raise DriverError("the gateway does not answer in time", Reason.TIMEOUT) from error
        except httpx.HTTPError as error:
            # Its text may hold the address, and the address a secret.
            message = f"the gateway cannot be reached: {type(error).__name__}"
            raise DriverError(message, Reason.UNREACHABLE) from error
        if not answer.is_success:
            raise DriverError(f"the gateway says {answer.status_code}", Reason.REJECTED)
        if options.answer_contains not in answer.text:
            raise DriverError("the gateway's answer says that it failed", Reason.REJECTED)

    def _remember(self, key: tuple[str, str, str]) -> None:
        with self._lock:
            self._told[key] = None
            while len(self._told) > REMEMBERED:
                self._told.popitem(last=False)


def message(notification: dict[str, Any], language: str) -> str:
    """Return a notification of Alertmanager as one line of text."""
    notes = notification.get("commonAnnotations") or {}
    labels = notification.get("commonLabels") or {}
    told = notes.get(f"summary_{language}") or notes.get("summary")
    count = len(notification.get("alerts") or [])
    with use_language(language):
        is_over = notification.get("status") == "resolved"
        status = _("RECOVERED") if is_over else _("FAULT")
        rest = _("%(name)s, %(count)d alerts") % {
            "name": labels.get("alertname", "?"),
            "count": count,
        }
    return f"[{status}] {told or rest}"


def shortened(text: str, options: GatewayOptions) -> str:
    """Return `text` as the gateway can carry it."""
    line = " ".join(text.split())
    if options.ascii_only:
        plain = line.replace("đ", "d").replace("Đ", "D").replace("–", "-")
        parts = unicodedata.normalize("NFKD", plain)
        line = parts.encode("ascii", "ignore").decode()
    dots = "..." if options.ascii_only else "…"
    if len(line) <= options.longest:
        return line
    return line[: options.longest - len(dots)] + dots


def server(address: tuple[str, int], notifier: Notifier, token: str) -> ThreadingHTTPServer:
    """Return the server Alertmanager posts to: `/NAME`, with the token, on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(200 if self.path == "/healthz" else 404)

        def do_POST(self) -> None:
            given = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), token.encode()):
                self._answer(401)
                return
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > LONGEST_BODY:
                self._answer(413)
                return
            self._answer(_outcome(notifier, self.path[1:], self.rfile.read(int(length))))

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: failures are logged where they happen."""

    found = ThreadingHTTPServer(address, Handler)
    found.daemon_threads = True
    return found


def _outcome(notifier: Notifier, name: str, body: bytes) -> int:
    try:
        notification = json.loads(body)
        notifier.notify(name, notification)
    except KeyError:
        return 404
    except DriverError:
        return 503  # Alertmanager tries again what ended in 5xx.
    except (ValueError, AttributeError, TypeError):
        return 400
    return 200
