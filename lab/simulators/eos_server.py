"""The EOS persona on the wire: eAPI, JSON-RPC over HTTPS with basic authentication."""

import asyncio
import base64
import binascii
import json
import ssl
from typing import Any

from lab.simulators.device import Device, lets_in
from lab.simulators.eos_cli import Cli, CommandError, run_all
from lab.simulators.eos_sessions import Sessions

_BAD_LOGIN = b"Unable to authenticate user: Bad username/password"
_MAX_BODY_BYTES = 8_000_000
_IDLE_SECONDS = 120
_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 413: "Too Large"}

# JSON-RPC 2.0, section 5.1
_PARSE_ERROR, _INVALID_REQUEST, _NO_METHOD, _INVALID_PARAMS = -32700, -32600, -32601, -32602


class _RequestError(Exception):
    """The HTTP request cannot be read; the status ends the connection."""

    def __init__(self, status: int) -> None:
        super().__init__(_REASONS[status])
        self.status = status


class EosServer:
    """The HTTPS listener; it can be closed and opened again on the same port."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._sessions = Sessions(device)
        self._port = device.settings.https_port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._seen: set[str] = set()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(str(device.settings.certificate), str(device.settings.key))

    async def open(self) -> int:
        """Listen; the port in use."""
        self._server = await asyncio.start_server(
            self._serve,
            self._device.settings.listen,
            self._port,
            ssl=self._context,
            reuse_address=True,
        )
        self._port = int(self._server.sockets[0].getsockname()[1])
        return self._port

    async def close(self, *, cut: bool = True) -> None:
        """Stop listening and, with `cut`, end every connection without a farewell."""
        if self._server:
            self._server.close()
            self._server = None
        for writer in list(self._writers) if cut else ():
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection stays open for the next."""
        try:
            headers, body = await asyncio.wait_for(_request(reader), _IDLE_SECONDS)
            user = self._authenticate(headers.get("authorization", ""))
        except _RequestError as error:
            await _respond(writer, error.status, str(error).encode(), keep=False)
            return False
        if user is None:
            await _respond(writer, 401, _BAD_LOGIN, keep=True)
            return True
        keep = headers.get("connection", "").lower() != "close"
        await _respond(writer, 200, json.dumps(self._answer(body, user)).encode(), keep=keep)
        return keep

    def _authenticate(self, header: str) -> str | None:
        """The user, None when refused. Each password is journalled once, not with each request."""
        user, _, password = _basic(header).partition(":")
        if not lets_in(self._device, user, password):
            self._device.note("login_failed", user)
            return None
        if user not in self._seen:
            self._seen.add(user)
            self._device.note("login", user)
        return user

    def _answer(self, body: bytes, user: str) -> dict[str, Any]:
        try:
            request = json.loads(body)
        except ValueError:
            return _failure(None, _PARSE_ERROR, "Parse error")
        if not isinstance(request, dict) or not isinstance(request.get("params"), dict):
            return _failure(None, _INVALID_REQUEST, "Invalid Request")
        ident, params = request.get("id"), request["params"]
        if request.get("method") != "runCmds":
            return _failure(ident, _NO_METHOD, "Method not found")
        commands, form = params.get("cmds"), params.get("format") or "json"
        if not isinstance(commands, list) or form not in ("json", "text"):
            return _failure(ident, _INVALID_PARAMS, "Invalid params")
        cli = Cli(self._device, self._sessions, user, self._device.settings.enable is None)
        results, error = run_all(cli, commands, text=form == "text")
        if error:
            return _refusal(ident, commands, results, error)
        return {"jsonrpc": "2.0", "id": ident, "result": results}


def _failure(ident: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": ident, "error": {"code": code, "message": message}}


def _refusal(
    ident: Any, commands: list[Any], results: list[Any], error: CommandError
) -> dict[str, Any]:
    """eAPI's error object: outputs so far, the refusal last."""
    place = len(results)
    command = commands[place]
    command = command.get("cmd") if isinstance(command, dict) else command
    why = {1002: "invalid command", 1003: "unconverted command"}[error.code]
    text = f"CLI command {place + 1} of {len(commands)} '{command}' failed: {why}"
    failure = _failure(ident, error.code, text)
    failure["error"]["data"] = [*results, {"errors": [str(error)]}]
    return failure


def _basic(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def _request(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    if not head[0].startswith("POST /command-api"):
        raise _RequestError(404)
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    length = headers.get("content-length", "")
    if not length.isdigit():
        raise _RequestError(400)
    if int(length) > _MAX_BODY_BYTES:
        raise _RequestError(413)
    return headers, await reader.readexactly(int(length))


async def _respond(writer: asyncio.StreamWriter, status: int, body: bytes, *, keep: bool) -> None:
    head = (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: {'keep-alive' if keep else 'close'}\r\n"
    )
    if status == 401:
        head += 'WWW-Authenticate: Basic realm="COMMAND_API_AUTH"\r\n'
    writer.write(head.encode() + b"\r\n" + body)
    await writer.drain()
