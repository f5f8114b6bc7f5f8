"""SIP rooms that exist on this host only: they register, and answer OPTIONS. *Simulated*."""

from __future__ import annotations

import re
import secrets
import selectors
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COPIED = ("via", "from", "to", "call-id", "cseq")
EXPIRES_SECONDS = 3600
REGISTERED = re.compile(rb"^SIP/2\.0 200 ")


@contextmanager
def registered(users: Sequence[str], registrar: str, seconds: float = 20.0) -> Iterator[str]:
    """Register the users, answer who asks them, and yield the address (`IP:PORT`) of them all."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((registrar, 5060))
        address = sock.getsockname()[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.bind((address, 0))
        here = f"{address}:{sock.getsockname()[1]}"
        ended, accepted = threading.Event(), set[str]()
        thread = threading.Thread(target=_answer, args=(sock, ended, accepted), daemon=True)
        thread.start()
        try:
            for _ in range(int(seconds)):
                for user in users:
                    if user not in accepted:
                        sock.sendto(_register(user, here), (registrar, 5060))
                if ended.wait(1.0) or len(accepted) == len(users):
                    break
            assert len(accepted) == len(users), f"{len(accepted)} of {len(users)} registered"
            yield here
        finally:
            ended.set()
            thread.join()


def _register(user: str, here: str) -> bytes:
    account = f"<sip:{user}@tinh.test>"
    lines = [
        "REGISTER sip:tinh.test SIP/2.0",
        f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{secrets.token_hex(6)};rport",
        "Max-Forwards: 70",
        f"From: {account};tag={secrets.token_hex(4)}",
        f"To: {account}",
        f"Call-ID: {user}@{here}",
        "CSeq: 1 REGISTER",
        f"Contact: <sip:{user}@{here}>;expires={EXPIRES_SECONDS}",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _answer(sock: socket.socket, ended: threading.Event, accepted: set[str]) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while not ended.is_set():
            if not selector.select(0.2):
                continue
            data, peer = sock.recvfrom(4096)
            if REGISTERED.match(data):
                found = re.search(rb"(?im)^(?:to|t):.*<sip:([^@>]+)@", data)
                accepted |= {found[1].decode()} if found else set()
            elif data.startswith(b"OPTIONS "):
                head = data.decode("utf-8", "replace").split("\r\n")
                kept = [line for line in head if line.partition(":")[0].lower() in COPIED]
                sock.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])
                            .encode(), peer)  # fmt: skip
