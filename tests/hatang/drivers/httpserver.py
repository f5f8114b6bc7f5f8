"""An HTTPS server with a certificate of its own, which also speaks a little eAPI."""

from __future__ import annotations

import base64
import datetime
import http.server
import json
import ssl
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hatang import clock

if TYPE_CHECKING:
    from types import TracebackType


GOOD = f"Basic {base64.b64encode(b'ops:labpass').decode()}"


class HttpsServer:
    """`authorizations` has the Authorization header of every request that arrived."""

    def __init__(self, *, tls: bool = True) -> None:
        self.authorizations: list[str] = []
        self.certificate, key = make_certificate()
        self._server = _Server(self.authorizations)
        self.port = int(self._server.server_address[1])
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "server.pem"
                path.write_bytes(pem(self.certificate) + key)
                context.load_cert_chain(path)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def make_certificate() -> tuple[x509.Certificate, bytes]:
    """Return a self-signed certificate for 127.0.0.1 and localhost, and its key as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - datetime.timedelta(days=1))
        .not_valid_after(clock.now() + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate, key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, authorizations: list[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.authorizations = authorizations

    def handle_error(self, *_args: object) -> None:
        """Stay silent: clients that refuse the certificate hang up."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._note()
        if self.path == "/away":
            self._reply(302, b"", Location="http://127.0.0.1:1/elsewhere")
        elif self.path == "/big":
            self._reply(200, b"x" * 200_000)
        elif self.path == "/packed":
            self._reply(200, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
        else:
            self._reply(200, self.headers["Host"].encode())

    def do_POST(self) -> None:
        self._note()
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != GOOD:
            self._reply(401, b"no")
            return
        results = [
            {"version": "4.30.1F"} if "show version" in str(command) else {}
            for command in request["params"]["cmds"]
        ]
        answer = {"jsonrpc": "2.0", "id": request["id"], "result": results}
        self._reply(200, json.dumps(answer).encode())

    def _note(self) -> None:
        self.server.authorizations.append(self.headers.get("Authorization", ""))

    def _reply(self, code: int, body: bytes, **headers: str) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Stay silent."""
