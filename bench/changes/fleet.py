"""Many simulated IOS switches in one process: `python -m bench.changes.fleet COUNT FOLDER`.

Each listens on a loopback address of its own; all have one host key, which is said on stdout.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Final

import asyncssh

from bench.changes.addressing import PASSWORD, PORT, USERNAME, address, name
from lab.simulators.__main__ import build
from lab.simulators.ios_server import IosServer
from lab.simulators.settings import Settings

PORTS: Final = {f"GigabitEthernet1/0/{number}": f"eth{number}" for number in range(1, 9)}
ARCHIVE: Final = "archive\n path flash:archive\n"


async def serve(count: int, folder: Path) -> None:
    """Be the switches until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    key = asyncssh.generate_private_key("ssh-ed25519")
    host_key, initial = folder / "host_key", folder / "initial"
    host_key.write_bytes(key.export_private_key())
    initial.write_text(ARCHIVE)
    servers = []
    for number in range(count):
        settings = Settings(
            persona="ios",
            hostname=name(number),
            listen=address(number),
            username=USERNAME,
            password=PASSWORD,
            state_dir=folder / f"switch-{number}",
            ssh_port=PORT,
            interfaces=PORTS,
            journal=folder / f"switch-{number}.jsonl",
            host_key=host_key,
            initial_config=initial,
            management_interface="Vlan1",
        )
        servers.append(IosServer(build(settings)))
        await servers[-1].open()
    sys.stdout.write(key.export_public_key().decode().strip() + "\n")
    sys.stdout.flush()
    await stop.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
