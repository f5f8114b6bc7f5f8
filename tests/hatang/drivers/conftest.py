"""Servers on loopback for the transports to meet: SSH, HTTPS; each records what reached it."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import asyncssh
import pytest

from tests.hatang.drivers.httpserver import HttpsServer
from tests.hatang.drivers.sshserver import SshServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread, in which the servers live."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=5)
    loop.close()


@pytest.fixture(scope="session")
def host_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


@pytest.fixture
def ssh_server(
    loop: asyncio.AbstractEventLoop, host_key: asyncssh.SSHKey, tmp_path: Path
) -> Iterator[SshServer]:
    server = SshServer(loop, host_key, tmp_path / "sftp")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def jump_server(loop: asyncio.AbstractEventLoop, tmp_path: Path) -> Iterator[SshServer]:
    """Another server, with a key of its own, that leads on to others."""
    server = SshServer(loop, asyncssh.generate_private_key("ssh-ed25519"), tmp_path / "jump")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rsa_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-rsa", key_size=2048)


@pytest.fixture
def old_server(
    loop: asyncio.AbstractEventLoop, rsa_key: asyncssh.SSHKey, tmp_path: Path
) -> Iterator[SshServer]:
    """A server that knows SHA-1 only."""
    server = SshServer(
        loop,
        rsa_key,
        tmp_path / "old",
        kex_algs=["diffie-hellman-group14-sha1"],
        signature_algs=["ssh-rsa"],
        encryption_algs=["aes128-ctr"],
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def https_server() -> Iterator[HttpsServer]:
    with HttpsServer() as server:
        yield server


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
