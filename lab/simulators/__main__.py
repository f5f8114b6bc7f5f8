"""Run one switch: `python -m lab.simulators --config FILE.json`."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lab.simulators import (
    comware,
    eos_grammar,
    fortios,
    ios_grammar,
    nxos,
    routeros,
    views,
    vrp,
    xr,
)
from lab.simulators.device import Device
from lab.simulators.eos_server import EosServer
from lab.simulators.grammar import Grammar
from lab.simulators.ios_server import IosServer
from lab.simulators.reach import Reach, Server
from lab.simulators.settings import Settings, SettingsError, load


@dataclass(frozen=True)
class _Persona:
    """What makes a switch one of a kind."""

    factory: str
    server: Callable[[Device], Server]
    grammar: Grammar = field(default_factory=dict)
    kind: type[Device] = Device
    prepare: Callable[[Device], None] = lambda _device: None


_PERSONAS = {
    "ios": _Persona(ios_grammar.FACTORY, IosServer, ios_grammar.IOS),
    "eos": _Persona(eos_grammar.FACTORY, EosServer, eos_grammar.EOS),
    "vrp": _Persona(
        vrp.FACTORY, partial(IosServer, login=vrp.login), views.GRAMMAR, prepare=vrp.prepare
    ),
    "comware": _Persona(
        comware.FACTORY,
        partial(IosServer, login=comware.login),
        views.GRAMMAR,
        prepare=comware.prepare,
    ),
    "nxos": _Persona(
        nxos.FACTORY,
        partial(IosServer, login=nxos.login),
        nxos.GRAMMAR,
        kind=nxos.Nexus,
        prepare=nxos.prepare,
    ),
    "iosxr": _Persona(
        xr.FACTORY,
        partial(IosServer, login=xr.login),
        xr.GRAMMAR,
        kind=xr.Router,
        prepare=xr.prepare,
    ),
    "routeros": _Persona(
        routeros.FACTORY,
        partial(IosServer, login=routeros.login),
        kind=routeros.Router,
        prepare=routeros.prepare,
    ),
    "fortios": _Persona(
        fortios.FACTORY,
        partial(IosServer, login=fortios.login),
        kind=fortios.Firewall,
        prepare=fortios.prepare,
    ),
}


def build(settings: Settings) -> Device:
    """Boot the switch of `settings`; ValueError when its first configuration is refused."""
    persona = _PERSONAS[settings.persona]
    text = persona.factory.format(hostname=settings.hostname)
    if settings.initial_config:
        # The factory part opens eAPI, SCP and the archive, which whoever prepares a switch for
        # automation turns on; a site's own lines may take them away again.
        text += "end\n" + settings.initial_config.read_text()
    device = persona.kind(settings, persona.grammar, text)
    persona.prepare(device)
    missing = sorted(set(settings.interfaces.values()) - device.ports.states().keys())
    if settings.netns and missing:
        raise ValueError(f"interfaces: no such port in the namespace: {', '.join(missing)}")
    return device


async def serve(settings: Settings) -> None:
    """Be the switch until SIGTERM or SIGINT."""
    device = build(settings)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = _PERSONAS[settings.persona].server(device)
    port = await server.open()
    reach = Reach(device, server)
    ready = {"ready": True, "persona": settings.persona, "hostname": device.hostname}
    where = {"listen": settings.listen, "port": port, "pid": os.getpid()}
    sys.stdout.write(json.dumps({**ready, **where}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await reach.stop()
    device.note("stop", "")


def main() -> int:
    """0 after a clean end, 2 when the switch could not be started."""
    parser = argparse.ArgumentParser(prog="python -m lab.simulators", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="JSON file of one switch")
    try:
        asyncio.run(serve(load(parser.parse_args().config)))
    except (SettingsError, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
