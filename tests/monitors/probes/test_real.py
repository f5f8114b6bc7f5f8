"""Probes against Debian's own servers, from the host or from the lab's tree: nginx, BIND, Kamailio,
OpenSSH."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest

from hatang.drivers.hostkeys import FixedHostKeys, parse_key
from hatang.errors import Reason
from monitors.choices import Cause
from tests.monitors import agent
from tests.monitors.probes.servers import LOCAL, Authority, ask, means

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from monitors.probes.running import ProbeResult

pytestmark = pytest.mark.slow

ZONE = """$TTL 60
@ IN SOA ns1 admin 2026112801 3600 600 86400 60
@ IN NS ns1
ns1 IN A 192.0.2.1
www IN A 192.0.2.80
www IN AAAA 2001:db8::80
"""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as found:
        found.bind((LOCAL, 0))
        return int(found.getsockname()[1])


@contextmanager
def running(name: str, *words: str, port: int) -> Iterator[None]:
    """Run a server until the block ends; skips where it is not installed."""
    command = agent.program(name)
    if command is None:
        pytest.skip(f"{name} is not installed, and the lab's tree is not built")
    process = subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 15
        while True:
            with socket.socket() as trial:
                if trial.connect_ex((LOCAL, port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                said = process.communicate()[0].decode("utf-8", "replace")
                pytest.fail(f"{name} does not start: {said[-800:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


def asked(probe: str, url: str, with_means: Any = None, **options: Any) -> ProbeResult:
    return asyncio.run(ask(probe, url, with_means, timeout=5.0, **options))


def test_nginx_serves_over_tls(tmp_path: Path) -> None:
    authority, port = Authority.new(), free_port()
    authority.server(tmp_path / "pem")
    (tmp_path / "index.html").write_text("Cổng dịch vụ công")
    config = tmp_path / "nginx.conf"
    paths = " ".join(
        f"{name}_temp_path {tmp_path}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}"
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error; events {{}}\n"
        f"http {{ access_log off; {paths} server {{ listen {LOCAL}:{port} ssl;\n"
        f"ssl_certificate {tmp_path}/pem; ssl_certificate_key {tmp_path}/pem;\n"
        f"root {tmp_path}; gzip on; location /old {{ return 302 /index.html; }} }} }}\n"
    )
    tmp_path.chmod(0o755)
    with running("nginx", "-p", str(tmp_path), "-c", str(config), port=port):
        url, trusting = f"https://{LOCAL}:{port}", means(authorities=authority.pem)
        good = asked("http", f"{url}/old", trusting, follow=True, contains=["dịch vụ"])
        strange = asked("http", f"{url}/index.html")
        missing = asked("http", f"{url}/none", trusting)
    assert (good.cause, good.detail) == (Cause.ANSWERED, "status 200")
    assert good.values["probe_http_redirects"] == 1
    assert strange.cause is Cause.CERTIFICATE_INVALID
    assert missing.reason is Reason.REJECTED


def test_bind_answers_with_signatures(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "zone").write_text(ZONE)
    config = tmp_path / "named.conf"
    config.write_text(
        f'options {{ directory "{tmp_path}"; listen-on port {port} {{ {LOCAL}; }};\n'
        f'listen-on-v6 {{ none; }}; pid-file "{tmp_path}/pid"; recursion no;\n'
        f'session-keyfile "{tmp_path}/session"; managed-keys-directory "{tmp_path}"; }};\n'
        "controls {};\n"
        'zone "tinh.test" { type primary; file "zone"; dnssec-policy default;\n'
        "inline-signing yes; };\n"
    )
    words = ("-g", "-4", "-n", "1", "-c", str(config))
    with running("named", *words, port=port):
        base = f"dns://{LOCAL}:{port}"
        url = f"{base}/www.tinh.test"
        plain = _until("dns", url, lambda found: found.reason is Reason.OK, type="A")
        expected = asked("dns", url, type="A", expect=["192.0.2.80"])
        six = asked("dns", url, type="AAAA", expect=["2001:db8::80"])
        wrong = asked("dns", url, type="A", expect=["192.0.2.81"])
        signed = _until(
            "dns",
            url,
            lambda found: found.cause is not Cause.NOT_SIGNED,
            type="A",
            dnssec="signed",
        )
        serial = asked("dns", f"{base}/tinh.test", agree_with=[f"{LOCAL}:{port}"])
        foreign = asked("dns", f"{base}/elsewhere.test")
    assert {plain.cause, expected.cause, six.cause, serial.cause} == {Cause.ANSWERED}
    assert (wrong.cause, signed.cause) == (Cause.WRONG_ANSWER, Cause.ANSWERED)
    assert serial.values["probe_dns_serial"] >= 2026112801
    assert foreign.reason is Reason.REJECTED


def _until(
    probe: str, url: str, is_over: Callable[[ProbeResult], bool], **options: Any
) -> ProbeResult:
    """Ask until it is so: a server loads and signs its zones after it began to listen."""
    deadline = time.monotonic() + 15
    while True:
        found = asked(probe, url, **options)
        if is_over(found) or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def test_openssh_shows_the_enrolled_key(tmp_path: Path) -> None:
    try:
        pwd.getpwnam("sshd")
    except KeyError:
        pytest.skip("the user sshd, as which OpenSSH separates itself, is not on this machine")
    port, key = free_port(), asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(tmp_path / "key"))
    (tmp_path / "key").chmod(0o600)
    config = tmp_path / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress {LOCAL}\nHostKey {tmp_path}/key\nPidFile none\nUsePAM no\n"
    )
    own = parse_key(key.export_public_key().decode())
    with running("sshd", "-D", "-e", "-f", str(config), port=port):
        enrolled = means(host_keys=FixedHostKeys({(LOCAL, port): [own]}))
        good = asked("ssh", f"ssh://{LOCAL}:{port}", enrolled)
        unknown = asked("ssh", f"ssh://{LOCAL}:{port}")
    assert (good.cause, good.detail.startswith("SSH-2.0-OpenSSH")) == (Cause.ANSWERED, True)
    assert unknown.cause is Cause.HOST_KEY_UNKNOWN


def test_kamailio_says_who_is_registered(tmp_path: Path) -> None:
    port, folder = free_port(), agent.folder("usr/lib/x86_64-linux-gnu/kamailio/modules")
    if folder is None:
        pytest.skip("kamailio is not installed, and the lab's tree is not built")
    config = tmp_path / "kamailio.cfg"
    config.write_text(
        f"#!KAMAILIO\nlisten=udp:{LOCAL}:{port}\nlisten=tcp:{LOCAL}:{port}\nchildren=1\n"
        f'log_stderror=yes\ndebug=0\nauto_aliases=no\nmpath="{folder}/"\n'
        + "".join(f'loadmodule "{name}.so"\n' for name in ("tm", "sl", "pv", "usrloc", "registrar"))
        + 'request_route {\n if (method == "REGISTER") { save("location"); exit; }\n'
        ' sl_send_reply("404", "No"); exit;\n}\n'
    )
    words = ("-f", str(config), "-DD", "-E", "-m", "32", "-M", "8", "-Y", str(tmp_path))
    with running("kamailio", *words, port=port):
        before = asked("sip_register", f"sip:room-1@{LOCAL}:{port}")
        _register(port)
        after = asked("sip_register", f"sip:room-1@{LOCAL}:{port}")
        alive = asked("sip_register", f"sip:{LOCAL}:{port}")
    assert before.cause is Cause.NOT_REGISTERED
    assert (after.cause, after.values["hatang_probe_sip_contacts"]) == (Cause.ANSWERED, 1)
    assert alive.reason is Reason.OK


def _register(port: int) -> None:
    lines = (
        f"REGISTER sip:{LOCAL} SIP/2.0",
        f"Via: SIP/2.0/UDP {LOCAL}:9;branch=z9hG4bKtest;rport",
        f"From: <sip:room-1@{LOCAL}>;tag=1",
        f"To: <sip:room-1@{LOCAL}>",
        "Call-ID: test",
        "CSeq: 1 REGISTER",
        f"Contact: <sip:room-1@{LOCAL}:5099>",
        "Expires: 600",
        "Content-Length: 0",
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(5)
        phone.sendto(("\r\n".join(lines) + "\r\n\r\n").encode(), (LOCAL, port))
        assert b"200 OK" in phone.recv(4096)
